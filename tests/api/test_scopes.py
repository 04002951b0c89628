"""Whole scopes over HTTP: resumed by Range, held by whom they are granted to."""

import gzip
import json

import pytest

from core.problems import NotAcceptable, NotFound, RangeNotSatisfiable
from sync.feed import FeedWriter, put
from tests.api.builders import exchange


def change(services, scope, mark):
    def work(session):
        writer = FeedWriter(services.store, session, services.clock.now())
        writer.add(put(scope, f"interview/{n}", {"mark": mark, "说": "好" * n}) for n in range(300))
        writer.flush()

    services.store.transaction(work)


@pytest.fixture
def holder(phone, services):
    caller = phone()
    scope = f"u-{caller.user.id}"
    change(services, scope, 0)
    return caller, scope


def test_a_phone_that_begins_is_offered_a_snapshot_and_fetches_it(holder):
    caller, scope = holder
    answer = exchange(caller, snapshots=True).get_json()
    (offer,) = [each for each in answer["add"] if each["scope"] == scope]
    response = caller.get(offer["snapshot"].removeprefix("/api/v1"))
    assert (response.status_code, response.mimetype) == (200, "application/x-ndjson")
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Accept-Ranges"] == "bytes"
    *rows, last = map(json.loads, gzip.decompress(response.data).splitlines())
    assert len(rows) == last["rows"] == 300
    joined = exchange(caller, snapshots=True, cursor=answer["cursor"], joined=[last["cursor"]]).get_json()
    assert (joined["add"], joined["rows"], joined["reset"]) == ([], [], [])


def test_an_interrupted_snapshot_goes_on_byte_by_byte_while_the_scope_changes(holder, services):
    caller, scope = holder
    path = f"/scopes/{scope}/snapshot"
    whole = caller.get(path)
    tag, content, got = whole.headers["ETag"], whole.data, b""
    while len(got) < len(content):
        headers = {"Range": f"bytes={len(got)}-{len(got) + 399}", "If-Range": tag}
        part = caller.get(path, headers=headers)
        assert part.status_code == 206
        assert part.headers["ETag"] == tag
        assert part.headers["Content-Encoding"] == "gzip"
        assert part.headers["Content-Range"].startswith(f"bytes {len(got)}-")
        got += part.data

        change(services, scope, mark=len(got))
    assert got == content
    assert caller.get(path).data != content, "who begins now gets the newer rows"


def test_who_resumes_what_is_no_more_gets_the_whole(holder, services):
    caller, scope = holder
    path = f"/scopes/{scope}/snapshot"
    caller.get(path)
    services.store["snapshots"].delete_many({})
    services.store["meta"].update_one({"_id": "epoch"}, {"$set": {"value": "another"}})
    answer = caller.get(path, headers={"Range": "bytes=10-", "If-Range": f'"{"0" * 64}"'})
    assert answer.status_code == 200
    assert gzip.decompress(answer.data)


def test_the_scope_of_somebody_else_is_not_found(holder, phone, nobody, assert_problem):
    _, scope = holder
    assert_problem(phone().get(f"/scopes/{scope}/snapshot"), NotFound)
    assert_problem(phone().get("/scopes/w-unknown/snapshot"), NotFound)
    assert nobody.get(f"/scopes/{scope}/snapshot").status_code == 401


def test_bytes_that_are_not_there_and_clients_that_do_not_unpack(holder, assert_problem):
    caller, scope = holder
    path = f"/scopes/{scope}/snapshot"
    assert_problem(caller.get(path, headers={"Range": "bytes=9000000-"}), RangeNotSatisfiable)
    assert_problem(caller.get(path, headers={"Accept-Encoding": "identity"}), NotAcceptable)
