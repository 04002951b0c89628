"""Photos over HTTP: sent by phones, seen by those who may see the interview; nobody else learns that they exist."""

import io

import pytest
from PIL import Image

from core.ids import uuid7
from core.principal import Role
from core.problems import (
    BadUpload,
    BlobMismatch,
    DeviceRevoked,
    DigestMismatch,
    NoRendition,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    OffsetMismatch,
    RangeNotSatisfiable,
    RenditionPending,
    TooLarge,
    TooManyUploads,
    Unprocessable,
    UnsupportedMediaType,
)
from sync.renditions import render_waiting
from sync.uploads import CHUNK_LIMIT, OPEN_LIMIT, PHOTO_LIMIT
from tests.api.builders import exchange, interview_body, op
from tests.api.test_forms import DRAFT
from tests.unit.sync.photographs import GPS, content_digest, jpeg, name

UUSHIN = "150626"
RAW = jpeg()
PATH = f"/blobs/sha-256:{name(RAW)}"


def chunk(caller, raw=RAW, offset=0, size=None, **more):
    """Send a chunk as a phone does."""
    data = raw[offset : None if size is None else offset + size]
    last = more.get("last", offset + len(data) == len(raw))
    sent = {
        "Content-Type": "application/partial-upload",
        "Upload-Offset": str(offset),
        "Upload-Complete": "?1" if last else "?0",
        "Upload-Length": str(len(raw)),
        "Content-Digest": content_digest(data),
    } | more.get("headers", {})
    sent = {key: value for key, value in sent.items() if value is not None}
    path = more.get("path", f"/blobs/sha-256:{name(raw)}")
    return caller("PATCH", path, data=data, headers=sent)


@pytest.fixture
def form(coordinator):
    return coordinator.post("/forms", DRAFT).get_json()["sha256"]


@pytest.fixture
def interviewed(phone, register, form):
    """Push an interview of a household of Hanggin that names photos; return the phone and the op's result."""

    def interviewed(*raws, caller=None):
        caller = caller or phone()
        said = [
            {"question": "/photo", "sha256": name(raw), "length": len(raw), "type": "text/html"}
            for raw in raws
        ]
        sent = op(1, "interview", interview_body(register(), form, {}, blobs=said))
        (result,) = exchange(caller, sent).get_json()["results"]
        return caller, result

    return interviewed


@pytest.fixture
def taken(interviewed, services):
    """A phone whose photo is here and rendered."""
    caller, _ = interviewed(RAW)
    assert chunk(caller).status_code == 201
    render_waiting(services, 10)
    return caller


# --- sending


def test_a_photo_goes_in_chunks_and_the_server_says_how_far_it_is(phone, assert_problem):
    caller = phone()
    assert caller("HEAD", PATH).status_code == 404
    first = chunk(caller, size=500)
    assert (first.status_code, first.headers["Upload-Offset"], first.data) == (204, "500", b"")
    told = caller("HEAD", PATH)
    assert (told.status_code, told.data) == (200, b"")
    names = ("Upload-Offset", "Upload-Length", "Upload-Complete", "Cache-Control")
    assert [told.headers[each] for each in names] == ["500", str(len(RAW)), "?0", "no-store"]
    problem = chunk(caller, offset=400)
    assert assert_problem(problem, OffsetMismatch)["offset"] == 500
    assert problem.headers["Upload-Offset"] == "500"
    last = chunk(caller, offset=500, headers={"Upload-Length": None})
    assert (last.status_code, last.headers["Upload-Complete"]) == (201, "?1")
    assert caller("HEAD", PATH).headers["Upload-Complete"] == "?1"


def test_what_is_not_whole_is_shown_to_nobody(interviewed, coordinator, assert_problem):
    caller, _ = interviewed(RAW)
    for sent in ({"size": 500}, {"offset": 500, "last": False}):
        assert chunk(caller, **sent).status_code == 204
        for reader in (caller, coordinator):
            for variant in ("view", "thumbnail", "original"):
                assert_problem(reader.get(f"{PATH}?variant={variant}"), NotFound)


def test_the_same_photo_travels_once(phone):
    assert chunk(phone()).status_code == 201
    other = phone()
    assert other("HEAD", PATH).headers["Upload-Complete"] == "?1"
    bare = {"Content-Type": "application/partial-upload", "Upload-Offset": "0", "Upload-Complete": "?1"}
    again = other("PATCH", PATH, headers=bare)
    assert (again.status_code, again.headers["Upload-Complete"]) == (201, "?1")


def test_a_chunk_that_was_changed_on_the_way_is_not_stored(phone, store, assert_problem):
    caller = phone()
    for digest in (content_digest(b"other"), None, "sha-256=:x:", "md5=:AAAA:"):
        assert_problem(chunk(caller, headers={"Content-Digest": digest}), DigestMismatch)
    assert store["blobs"].count_documents({}) == store["blob_chunks"].count_documents({}) == 0


def test_what_is_not_the_photo_of_its_name_is_thrown_away(phone, assert_problem):
    caller = phone()
    problem = chunk(caller, RAW + b"x", path=PATH)
    assert_problem(problem, BlobMismatch)
    assert problem.headers["Upload-Offset"] == "0"
    assert caller("HEAD", PATH).status_code == caller.get(f"{PATH}?variant=original").status_code == 404
    assert_problem(chunk(caller, size=500, last=True), BlobMismatch)
    assert chunk(caller).status_code == 201


@pytest.mark.parametrize(
    ("headers", "at"),
    [
        ({"Upload-Offset": None}, "Upload-Offset"),
        ({"Upload-Offset": "-1"}, "Upload-Offset"),
        ({"Upload-Offset": "1e3"}, "Upload-Offset"),
        ({"Upload-Offset": "9" * 400}, "Upload-Offset"),
        ({"Upload-Complete": None}, "Upload-Complete"),
        ({"Upload-Complete": "true"}, "Upload-Complete"),
        ({"Upload-Length": "x"}, "Upload-Length"),
        ({"Upload-Length": None}, "Upload-Length"),
        ({"Upload-Length": "0"}, "Upload-Length"),
    ],
)
def test_headers_that_cannot_be_read_are_named(phone, assert_problem, headers, at):
    problem = assert_problem(chunk(phone(), headers=headers), BadUpload)
    assert [each["at"] for each in problem["errors"]] == [at]


def test_a_chunk_of_another_type_compressed_or_too_large_is_refused(phone, assert_problem):
    caller = phone()
    assert_problem(chunk(caller, headers={"Content-Type": "image/jpeg"}), UnsupportedMediaType)
    assert_problem(chunk(caller, headers={"Content-Type": None}), UnsupportedMediaType)
    assert_problem(chunk(caller, headers={"Content-Encoding": "gzip"}), UnsupportedMediaType)
    large = bytes(CHUNK_LIMIT + 1)
    assert assert_problem(chunk(caller, large), TooLarge)["limit"] == CHUNK_LIMIT
    much = {"Upload-Length": str(PHOTO_LIMIT + 1)}
    assert assert_problem(chunk(caller, headers=much, last=False), TooLarge)["limit"] == PHOTO_LIMIT
    full = bytes(CHUNK_LIMIT)
    assert chunk(caller, full + b"x", size=CHUNK_LIMIT).headers["Upload-Offset"] == str(CHUNK_LIMIT)


@pytest.mark.parametrize(
    "bad",
    [
        "x",
        "sha-256:",
        "sha-256:" + "g" * 64,
        "sha-256:" + "A" * 64,
        "sha-256:" + "a" * 63,
        "a" * 64,
        "md5:" + "a" * 64,
    ],
)
def test_what_can_be_no_name_is_not_found(phone, assert_problem, bad):
    caller = phone()
    assert caller("HEAD", f"/blobs/{bad}").status_code == 404
    assert_problem(caller.get(f"/blobs/{bad}"), NotFound)
    assert_problem(chunk(caller, path=f"/blobs/{bad}"), NotFound)


def test_only_a_phone_sends_photos(as_role, nobody, assert_problem):
    desk = as_role(Role.ENUMERATOR, login="desk")
    assert desk("HEAD", PATH).status_code == 403
    assert_problem(chunk(desk), NotAllowed)
    assert_problem(chunk(as_role(Role.VIEWER)), NotAllowed)
    assert_problem(chunk(nobody), NotAuthenticated)


def test_a_retired_phone_hands_in_its_photos_and_a_stolen_one_does_not(phone, coordinator, assert_problem):
    caller = phone()
    for state in ("retired", "stolen"):
        device = coordinator.get("/devices").get_json()["items"][0]
        tag = {"If-Match": f'"{device["version"]}"'}
        coordinator.patch(f"/devices/{device['id']}", {"state": state}, headers=tag)
        if state == "retired":
            assert chunk(caller).status_code == 201
            assert_problem(caller.get(PATH), DeviceRevoked)
        else:
            assert_problem(chunk(caller), DeviceRevoked)


def test_too_many_open_uploads_are_told_to_wait(phone, assert_problem):
    caller = phone()
    for seed in range(OPEN_LIMIT):
        assert chunk(caller, jpeg(seed=seed + 50), size=300).status_code == 204
    problem = chunk(caller)
    assert_problem(problem, TooManyUploads)
    assert int(problem.headers["Retry-After"]) > 0


def test_a_server_that_stopped_before_it_had_hashed_the_whole_hashes_it_when_the_phone_asks(phone):
    caller = phone()
    assert chunk(caller, last=False).headers["Upload-Complete"] == "?0"
    assert caller("HEAD", PATH).headers["Upload-Complete"] == "?1"
    wrong = f"/blobs/sha-256:{'a' * 64}"
    assert chunk(caller, path=wrong, last=False).status_code == 204
    assert caller("HEAD", wrong).status_code == 404
    assert chunk(caller, path=wrong, size=500).headers["Upload-Offset"] == "500"


# --- seeing


@pytest.mark.usefixtures("taken")
def test_who_may_see_the_interview_sees_its_photo_without_what_the_camera_wrote(as_role):
    assert Image.open(io.BytesIO(RAW)).getexif().get_ifd(GPS)
    for role in (Role.COORDINATOR, Role.SUPERVISOR, Role.OFFICER, Role.VIEWER, Role.ADMINISTRATOR):
        unit = {"unit": "medical_insurance"} if role is Role.OFFICER else {}
        reader = as_role(role, login=f"reader-{role}", **unit)
        for variant in ("view", "thumbnail"):
            answer = reader.get(f"{PATH}?variant={variant}")
            assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
            shown = Image.open(io.BytesIO(answer.data))
            assert dict(shown.getexif()) == {}
            assert b"Secret" not in answer.data
        assert reader.get(PATH).headers["ETag"] == reader.get(f"{PATH}?variant=view").headers["ETag"]


def test_a_photo_is_shown_upright(interviewed, services, coordinator):
    raw = jpeg(Image.new("RGB", (64, 32), "red"), orientation=6)
    caller, _ = interviewed(raw)
    chunk(caller, raw)
    render_waiting(services, 10)
    answer = coordinator.get(f"/blobs/sha-256:{name(raw)}")
    assert Image.open(io.BytesIO(answer.data)).size == (32, 64)


def test_its_sender_gets_the_very_bytes(taken):
    answer = taken.get(f"{PATH}?variant=original")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, RAW, "image/jpeg")
    assert answer.headers["ETag"] == f'"{name(RAW)}"'
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name(RAW)}.jpg"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_length == len(RAW)
    assert taken.get(PATH).status_code == 200


@pytest.mark.usefixtures("taken")
def test_whoever_may_not_see_it_learns_nothing_not_even_that_it_exists(as_role, phone, assert_problem):
    nothing = f"/blobs/sha-256:{'0' * 64}"
    neighbour = as_role(Role.COORDINATOR, UUSHIN)
    enumerator = as_role(Role.ENUMERATOR, login="desk")
    away = as_role(Role.ADMINISTRATOR, UUSHIN)
    for reader in (neighbour, enumerator, away, phone(), phone(Role.COORDINATOR)):
        for variant in ("view", "thumbnail", "original"):
            answers = [reader.get(f"{path}?variant={variant}") for path in (PATH, nothing)]
            told = [assert_problem(answer, NotFound) for answer in answers]
            assert told[0] == told[1]


def test_a_photo_that_no_interview_names_is_its_senders_alone(phone, coordinator, services, assert_problem):
    caller = phone()
    chunk(caller)
    render_waiting(services, 10)
    assert caller.get(PATH).status_code == 200
    assert_problem(coordinator.get(PATH), NotFound)


@pytest.mark.usefixtures("taken")
def test_to_name_a_photo_or_to_ask_for_it_does_not_make_one_its_sender(phone, register, form, assert_problem):
    other = phone(Role.SUPERVISOR)
    chunk(other)
    said = [{"question": "/photo", "sha256": name(RAW), "length": 1, "type": "image/jpeg"}]
    exchange(other, op(1, "interview", interview_body(register(registry_no="H2"), form, {}, blobs=said)))
    assert_problem(other.get(f"{PATH}?variant=original"), NotFound)


@pytest.mark.usefixtures("taken")
def test_the_original_is_for_administrators_and_leaves_a_trace(as_role, store, assert_problem):
    original = f"{PATH}?variant=original"
    assert_problem(as_role(Role.COORDINATOR, login="other").get(original), NotAllowed)
    assert store["audit"].count_documents({"action": "blobs:original"}) == 0
    administrator = as_role(Role.ADMINISTRATOR)
    assert administrator.get(original).data == RAW
    (entry,) = store["audit"].find({"action": "blobs:original"})
    assert (entry["by"], entry["target"]) == (administrator.user.id, f"blob/{name(RAW)}")
    assert entry["region"].startswith("150625")
    assert administrator.get(PATH).status_code == 200
    assert store["audit"].count_documents({"action": "blobs:original"}) == 1


def test_a_photo_is_cached_for_ever_by_the_reader_alone(taken, coordinator):
    for reader, variant in ((coordinator, "view"), (coordinator, "thumbnail"), (taken, "original")):
        first = reader.get(f"{PATH}?variant={variant}")
        assert first.headers["Cache-Control"] == "private, immutable, max-age=31536000"
        assert "Authorization" in first.headers["Vary"]
        tag = first.headers["ETag"]
        assert not tag.startswith("W/")
        again = reader.get(f"{PATH}?variant={variant}", headers={"If-None-Match": tag})
        assert (again.status_code, again.data) == (304, b"")


def test_a_download_that_broke_off_goes_on(phone, assert_problem):
    caller = phone()
    for offset in (0, 300, 600):
        chunk(caller, offset=offset, size=300 if offset < 600 else None)
    original = f"{PATH}?variant=original"
    tag = caller.get(original).headers["ETag"]
    for first, last in ((0, 9), (250, 700), (299, 300), (600, len(RAW) - 1), (5, len(RAW) + 99)):
        part = caller.get(original, headers={"Range": f"bytes={first}-{last}", "If-Range": tag})
        assert (part.status_code, part.data) == (206, RAW[first : last + 1])
        assert part.headers["Content-Range"] == f"bytes {first}-{min(last, len(RAW) - 1)}/{len(RAW)}"
    changed = caller.get(original, headers={"Range": "bytes=5-9", "If-Range": '"other"'})
    assert (changed.status_code, changed.data) == (200, RAW)
    beyond = caller.get(original, headers={"Range": f"bytes={len(RAW)}-"})
    assert_problem(beyond, RangeNotSatisfiable)
    assert beyond.headers["Content-Range"] == f"bytes */{len(RAW)}"


def test_a_part_of_a_view_can_be_asked_for(taken):
    whole = taken.get(PATH).data
    part = taken.get(PATH, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole[10:20])


def test_until_the_view_is_made_the_reader_is_told_to_ask_again(
    interviewed, coordinator, services, assert_problem
):
    caller, _ = interviewed(RAW)
    chunk(caller)
    early = coordinator.get(PATH)
    assert assert_problem(early, RenditionPending)["retryable"] is True
    assert int(early.headers["Retry-After"]) > 0
    render_waiting(services, 10)
    assert coordinator.get(PATH).status_code == 200


@pytest.mark.parametrize(
    "case",
    [
        (RAW[:-400], "truncated", "image/jpeg", "jpg"),
        (b"\0\0\0\x18ftypheic" + bytes(500), "not a JPEG", "application/octet-stream", "bin"),
        (b"<html><script>alert(1)</script>" + bytes(500), "not a JPEG", "application/octet-stream", "bin"),
    ],
)
def test_what_cannot_be_shown_is_kept_as_it_is(interviewed, coordinator, services, assert_problem, case):
    raw, reason, kind, ending = case
    caller, _ = interviewed(raw)
    assert chunk(caller, raw).status_code == 201
    render_waiting(services, 10)
    path = f"/blobs/sha-256:{name(raw)}"
    problem = assert_problem(coordinator.get(path), NoRendition)
    assert reason in problem["reason"]
    assert problem["retryable"] is False
    answer = caller.get(f"{path}?variant=original")
    assert (answer.data, answer.mimetype) == (raw, kind)
    assert answer.headers["Content-Disposition"].endswith(f'.{ending}"')
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_variant_that_there_is_not_is_unprocessable(taken, assert_problem):
    assert_problem(taken.get(f"{PATH}?variant=huge"), Unprocessable)
    assert_problem(taken.get(f"{PATH}?size=1"), Unprocessable)


# --- told beside the op


def test_a_result_says_which_photos_are_missing_and_the_op_tells_of_each(interviewed, coordinator, services):
    other = jpeg(seed=2)
    caller, result = interviewed(RAW, other)
    assert result["missing"] == [name(RAW), name(other)]
    chunk(caller)
    for reader, path in ((caller, f"/ops/{result['id']}"), (coordinator, f"/interviews/{result['id']}")):
        here, missing = reader.get(path).get_json()["photos"]
        links = {each: f"/api/v1{PATH}?variant={each}" for each in ("view", "thumbnail")}
        assert here == {
            "sha256": name(RAW), "question": "/photo", "type": "image/jpeg", "length": len(RAW), "complete": True,
            "links": links,
        }  # fmt: skip
        assert missing == {
            "sha256": name(other), "question": "/photo", "type": None, "length": len(other), "complete": False,
            "links": None,
        }  # fmt: skip
    render_waiting(services, 10)
    for link in links.values():
        assert coordinator.get(link.removeprefix("/api/v1")).status_code == 200


def test_odd_words_beside_a_photo_hinder_nothing(phone, register, form):
    caller = phone()
    odd = [
        {"sha256": name(RAW), "question": {"x": 1}, "length": "long"},
        {"sha256": name(RAW), "length": True},
    ]
    sent = op(1, "interview", interview_body(register(), form, {}, blobs=odd, interview=uuid7()))
    (result,) = exchange(caller, sent).get_json()["results"]
    assert result["missing"] == [name(RAW)]
    told = caller.get(f"/ops/{result['id']}").get_json()["photos"]
    assert [(each["question"], each["length"]) for each in told] == [(None, None)] * 2


def test_the_document_tells_of_the_headers(app):
    paths = app.test_client().get("/api/v1/openapi.json").get_json()["paths"]
    item = paths["/api/v1/blobs/{name}"]
    assert set(item) >= {"head", "patch", "get"}
    assert {"Upload-Offset", "Upload-Length", "Upload-Complete"} <= item["head"]["responses"]["200"][
        "headers"
    ].keys()
    named = {each["name"] for each in item["patch"]["parameters"] if each["in"] == "header"}
    assert named == {"Upload-Offset", "Upload-Complete", "Upload-Length", "Content-Digest"}
    assert "Upload-Offset" in item["patch"]["responses"]["409"]["headers"]
    assert {"201", "204"} <= item["patch"]["responses"].keys()
    assert "application/partial-upload" in item["patch"]["requestBody"]["content"]
    assert "ETag" in item["get"]["responses"]["200"]["headers"]
