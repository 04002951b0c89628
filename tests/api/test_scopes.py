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


# --- as a file, for browsers, which unpack a Content-Encoding before an app sees it

AS_FILE = {"Accept": "application/gzip"}


def test_a_browser_gets_the_same_bytes_as_a_file_without_an_encoding(holder):
    caller, scope = holder
    path = f"/scopes/{scope}/snapshot"
    lines, file = caller.get(path), caller.get(path, headers=AS_FILE)
    assert (file.status_code, file.mimetype) == (200, "application/gzip")
    assert "Content-Encoding" not in file.headers
    assert file.headers["Accept-Ranges"] == "bytes"
    assert int(file.headers["Content-Length"]) == len(file.data)
    assert file.data == lines.data
    assert len(gzip.decompress(file.data).splitlines()) == 301
    for answer in (lines, file):
        assert {"Accept", "Accept-Encoding"} <= set(answer.vary)
    tags = {answer.headers["ETag"] for answer in (lines, file)}
    assert len(tags) == 2, "a cache must not take one for the other"
    assert not any(tag.startswith("W/") for tag in tags)


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("*/*", "application/x-ndjson"),
        ("application/*", "application/x-ndjson"),
        ("application/gzip;q=0.5, application/x-ndjson", "application/x-ndjson"),
        ("application/gzip, */*;q=0.1", "application/gzip"),
        ("application/x-ndjson;q=0, application/gzip;q=0.1", "application/gzip"),
        ("application/json", "application/x-ndjson"),
    ],
)
def test_only_who_prefers_a_file_gets_one(holder, accept, mimetype):
    caller, scope = holder
    answer = caller.get(f"/scopes/{scope}/snapshot", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    assert ("Content-Encoding" in answer.headers) is (mimetype == "application/x-ndjson")


def test_a_file_goes_on_where_it_was_cut_while_the_scope_changes(holder, services):
    caller, scope = holder
    path = f"/scopes/{scope}/snapshot"
    whole = caller.get(path, headers=AS_FILE)
    got = whole.data[:1000]
    for mark in (1, 2):  # two changes: a newer snapshot is what who begins now gets
        change(services, scope, mark)
    headers = AS_FILE | {"Range": f"bytes={len(got)}-", "If-Range": whole.headers["ETag"]}
    rest = caller.get(path, headers=headers)
    assert (rest.status_code, rest.mimetype) == (206, "application/gzip")
    assert "Content-Encoding" not in rest.headers
    assert rest.headers["ETag"] == whole.headers["ETag"]
    assert rest.headers["Content-Range"] == f"bytes 1000-{len(whole.data) - 1}/{len(whole.data)}"
    assert got + rest.data == whole.data
    assert caller.get(path, headers=AS_FILE).headers["ETag"] != whole.headers["ETag"]


def test_a_file_that_is_no_more_or_was_begun_as_lines_comes_whole(holder, assert_problem):
    caller, scope = holder
    path = f"/scopes/{scope}/snapshot"
    tag, content = caller.get(path).headers["ETag"], caller.get(path, headers=AS_FILE).data
    for begun in (tag, f'"{"0" * 64}.gz"', 'W/"x"', '""', "Wed, 25 Nov 2026 10:00:00 GMT"):
        answer = caller.get(path, headers=AS_FILE | {"Range": "bytes=10-", "If-Range": begun})
        assert (answer.status_code, answer.data) == (200, content), begun
    assert_problem(caller.get(path, headers=AS_FILE | {"Range": "bytes=9000000-"}), RangeNotSatisfiable)


def test_who_has_the_file_is_told_so_and_needs_no_encoding(holder, phone, assert_problem):
    caller, scope = holder
    path = f"/scopes/{scope}/snapshot"
    tag = caller.get(path, headers=AS_FILE).headers["ETag"]
    same = caller.get(path, headers=AS_FILE | {"If-None-Match": tag})
    assert (same.status_code, same.data) == (304, b"")
    assert caller.get(path, headers={"If-None-Match": tag}).status_code == 200, "other bytes on the way"
    assert caller.get(path, headers=AS_FILE | {"Accept-Encoding": "identity"}).status_code == 200
    assert_problem(phone().get(path, headers=AS_FILE), NotFound)


def test_the_document_tells_of_both(nobody):
    responses = nobody.get("/openapi.json").get_json()["paths"]["/api/v1/scopes/{scope}/snapshot"]["get"][
        "responses"
    ]
    for status in ("200", "206"):
        assert set(responses[status]["content"]) == {"application/gzip", "application/x-ndjson"}
        assert {"ETag", "Vary"} <= set(responses[status]["headers"])
