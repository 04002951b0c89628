"""Photos: only the right bytes of a name are ever shown, however they came; none goes that an op names."""

import io
import random
import threading
from contextlib import suppress
from datetime import timedelta

import pytest

from core.ids import uuid7
from core.principal import Principal, Role
from core.problems import BadUpload, BlobMismatch, OffsetMismatch, TooLarge, TooManyUploads
from store import Store
from sync.blobs import OTHER, BlobState
from sync.exchange import Exchange
from sync.purge_blobs import LIFE, purge_blobs
from sync.renditions import LEASE, TRIES, render_waiting
from sync.uploads import IDLE, LEAST_CHUNK, OPEN_LIMIT, PHOTO_LIMIT, Chunk
from tests.unit.sync.conftest import NOW
from tests.unit.sync.phone import Phone
from tests.unit.sync.photographs import jpeg, name, noise
from tests.unit.sync.world import answered, later, names

RAW = jpeg()
NAME = name(RAW)
(HOME,) = names(1)
SOON = NOW + timedelta(seconds=1)


@pytest.fixture
def blobs(services):
    return services.blobs


@pytest.fixture
def send(services, clock, enumerator):
    """Send a chunk of a photo."""

    def send(raw=RAW, offset=0, size=None, sender=enumerator, **said):
        data = raw[offset : None if size is None else offset + size]
        last = said.get("last", offset + len(data) == len(raw))
        chunk = Chunk(offset, data, last, said.get("length", len(raw)))
        return services.uploads.upload(said.get("named", name(raw)), chunk, sender, clock.now())

    return send


def left(store):
    return {each: store[each].count_documents({}) for each in ("blobs", "blob_chunks", "blob_renditions")}


NOTHING = {"blobs": 0, "blob_chunks": 0, "blob_renditions": 0}


def test_a_photo_goes_in_chunks_and_comes_back_byte_by_byte(blobs, send):
    at = 0
    for size in (300, 1000, len(RAW)):
        assert blobs.complete([NAME]) == {}
        at = send(offset=at, size=size).offset
    blob = blobs.complete([NAME])[NAME]
    assert (blob.type, blob.length, blob.offset) == ("image/jpeg", len(RAW), len(RAW))
    assert blobs.open(blob).readall() == RAW
    file = io.BufferedReader(blobs.open(blob), 64)
    chooser = random.Random(3)  # noqa: S311 - no secret, the same each time
    for start in (0, 299, 300, 301, len(RAW) - 1, len(RAW), *(chooser.randrange(len(RAW)) for _ in range(9))):
        file.seek(start)
        assert file.read(500) == RAW[start : start + 500]


def test_an_upload_goes_on_where_it_stands(blobs, send):
    send(size=300)
    for wrong in (0, 299, 301, len(RAW)):
        with pytest.raises(OffsetMismatch) as problem:
            send(offset=wrong, size=400)
        assert problem.value.headers["Upload-Offset"] == "300"
        assert problem.value.members["offset"] == 300
    assert blobs.get(NAME).offset == 300
    assert send(offset=300, length=None).complete


def test_an_upload_of_which_nothing_is_here_begins_at_0(send):
    with pytest.raises(OffsetMismatch) as problem:
        send(offset=300)
    assert problem.value.headers["Upload-Offset"] == "0"


@pytest.mark.parametrize("length", [None, 0])
def test_an_upload_says_first_how_long_it_will_be(send, store, length):
    with pytest.raises(BadUpload):
        send(size=300, length=length)
    assert left(store) == NOTHING


def test_a_photo_that_is_too_long_is_not_begun(send, store):
    with pytest.raises(TooLarge):
        send(size=300, length=PHOTO_LIMIT + 1)
    assert left(store) == NOTHING
    assert send(size=300, length=PHOTO_LIMIT).offset == 300


def test_a_chunk_has_a_least_size_but_for_the_last(send):
    with pytest.raises(BadUpload):
        send(size=LEAST_CHUNK - 1)
    send(size=len(RAW) - 1)
    assert send(offset=len(RAW) - 1).complete


def test_bytes_that_are_not_the_photo_of_their_name_are_never_visible_and_all_thrown_away(send, blobs, store):
    wrong = RAW[:-1] + bytes([RAW[-1] ^ 1])
    send(wrong, size=500, named=NAME)
    with pytest.raises(BlobMismatch) as problem:
        send(wrong, 500, named=NAME)
    assert problem.value.headers["Upload-Offset"] == "0"
    assert left(store) == NOTHING
    assert blobs.complete([NAME]) == {}
    assert send().complete, "and the right one may come at any time"


@pytest.mark.parametrize(
    ("offset", "size", "more"),
    [
        (500, 400, {"last": True}),  # cut off, and called whole
        (500, None, {"length": len(RAW) + 1}),  # another length than it was begun with
        (0, 500, {"length": 400}),  # more bytes than it should have
    ],
)
def test_an_upload_that_contradicts_itself_begins_anew(send, store, offset, size, more):
    if offset:
        send(size=offset)
    with pytest.raises(BlobMismatch):
        send(offset=offset, size=size, **more)
    assert left(store) == NOTHING
    assert send().complete


def test_nobody_keeps_the_right_photo_out_by_beginning_a_wrong_one(send):
    send(b"x" * 999, size=500, named=NAME, sender=Principal("other", Role.ENUMERATOR, "150626"))
    with pytest.raises(OffsetMismatch):
        send()
    with pytest.raises(BlobMismatch):
        send(offset=500)
    assert send().complete


def test_a_photo_that_is_here_travels_once(send, blobs, services, store):
    send()
    before = left(store)
    again = services.uploads.upload(NAME, Chunk(0, b"", last=True), Principal("o", Role.ENUMERATOR, ""), SOON)
    assert again.complete
    assert send(b"anything" * 99, named=NAME).complete, "its bytes are not even looked at"
    assert left(store) == before
    assert again.senders == blobs.get(NAME).senders


def test_only_who_sent_every_byte_is_its_sender(send, blobs, services, enumerator):
    other = Principal("other", Role.SUPERVISOR, "150626")
    send(size=300, sender=other)
    send(offset=300)
    blob = blobs.get(NAME)
    assert not blob.sent_by(enumerator.user)
    assert not blob.sent_by(other.user)
    mine = jpeg(seed=2)
    send(mine)
    services.uploads.upload(name(mine), Chunk(0, b"", last=True), other, SOON)
    assert blobs.get(name(mine)).sent_by(enumerator.user)


def test_a_server_that_stops_before_it_has_hashed_the_whole_leaves_it_to_be_hashed_later(
    send, blobs, services, clock
):
    sealed = send(last=False)
    assert (sealed.sealed, sealed.complete) == (True, False)
    assert send(offset=len(RAW), last=True).complete, "the phone asks again, without bytes"
    other = jpeg(seed=2)
    send(other, last=False)
    later(clock, minutes=2)
    assert render_waiting(services, 10) == 2
    made = blobs.get(name(other))
    assert (made.complete, made.rendered) == (True, True), "or no phone asks, and a worker does"


def test_two_phones_that_send_the_same_photo_at_once_leave_one_right_photo(store, blobs, clock, services):
    for seed in range(6):
        raw = jpeg(noise(200, 150, seed=seed))
        outcomes = race(lambda who, raw=raw: Uploader(services, raw, who, clock).run(), 3)
        assert outcomes == ["complete"] * 3
        blob = blobs.complete([name(raw)])[name(raw)]
        assert blobs.open(blob).readall() == raw
        parts = store["blob_chunks"].find({"_id.b": name(raw)}).sort("_id.at", 1)
        at = 0
        for part in parts:
            assert part["_id"]["at"] == at, "chunks neither overlap nor leave a hole"
            at += len(part["data"])
        assert at == len(raw)


class Uploader:
    """A phone that goes on wherever the server says, with chunks of its own sizes."""

    def __init__(self, services, raw, who, clock):
        self.uploads, self.raw, self.clock = services.uploads, raw, clock
        self.user = Principal(f"user-{who}", Role.ENUMERATOR, "150625")
        self.chooser = random.Random(who)  # noqa: S311 - no secret, the same each time

    def run(self):
        at = 0
        for _ in range(200):
            data = self.raw[at : at + self.chooser.randrange(LEAST_CHUNK, 9000)]
            last = at + len(data) == len(self.raw)
            data = data if last or len(data) >= LEAST_CHUNK else self.raw[at:]
            try:
                chunk = Chunk(at, data, last, len(self.raw))
                blob = self.uploads.upload(name(self.raw), chunk, self.user, self.clock.now())
            except (OffsetMismatch, BlobMismatch) as problem:
                at = problem.members["offset"]
                continue
            if blob.complete:
                return "complete"
            at = blob.offset
        return "did not end"


def race(work, count):
    """Run work at once in threads; return what each returned or raised."""
    results = [None] * count
    start = threading.Barrier(count)

    def run(who):
        start.wait()
        try:
            results[who] = work(who)
        except Exception as error:  # noqa: BLE001 - told to the test
            results[who] = error

    threads = [threading.Thread(target=run, args=(who,)) for who in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_a_wrong_and_a_right_upload_at_once_never_show_the_wrong_one(blobs, services, clock):
    for seed in range(4):
        raw = jpeg(noise(120, 90, seed=seed))
        wrong = raw[:-9] + b"wrongwron"

        def work(who, raw=raw, wrong=wrong):
            one = Uploader(services, raw, who, clock)
            if who:
                return one.run()
            chunk = Chunk(0, wrong, last=True, length=len(wrong))
            with suppress(BlobMismatch, OffsetMismatch):  # or the right one was complete before
                services.uploads.upload(name(raw), chunk, one.user, clock.now())
            return "complete"

        assert race(work, 2) == ["complete"] * 2
        assert blobs.open(blobs.complete([name(raw)])[name(raw)]).readall() == raw


def test_a_chunk_and_the_offset_that_counts_it_are_stored_together_or_not_at_all(send, store, monkeypatch):
    send(size=300)
    before = left(store)

    def killed(*_):
        msg = "killed before the commit"
        raise InterruptedError(msg)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_commit", staticmethod(killed))
        with pytest.raises(InterruptedError):
            send(offset=300, size=300)
    assert left(store) == before
    assert store["blobs"].find_one({"_id": NAME})["offset"] == 300
    assert send(offset=300).complete


@pytest.mark.parametrize("seed", range(8))
def test_whatever_comes_in_whatever_order_only_the_right_bytes_are_ever_shown(
    send, blobs, services, clock, seed
):
    chooser = random.Random(seed)  # noqa: S311 - no secret, the same each time
    wrong = bytes(len(RAW))
    for _ in range(40):
        here = blobs.get(NAME)
        at = here.offset if here else 0
        offset = chooser.choice([at, at, at, at, 0, chooser.randrange(len(RAW))])
        said = {"last": chooser.random() < 0.5} if chooser.random() < 0.1 else {}
        said |= {"length": len(RAW) + 1} if chooser.random() < 0.05 else {}
        raw = wrong if chooser.random() < 0.05 else RAW
        with suppress(OffsetMismatch, BlobMismatch, BadUpload):
            send(raw, offset, chooser.randrange(LEAST_CHUNK, 1200), named=NAME, **said)
        if chooser.random() < 0.1:
            later(clock, minutes=2)
            render_waiting(services, 10)
        for blob in blobs.complete([NAME]).values():
            assert blobs.open(blob).readall() == RAW
    here = blobs.get(NAME)
    while here is None or not here.complete:
        try:
            here = send(offset=here.offset if here else 0)
        except BlobMismatch:
            here = None
    assert blobs.open(here).readall() == RAW


def test_a_user_has_so_many_uploads_open_and_one_that_was_left_makes_room(send, blobs, clock, store):
    for seed in range(OPEN_LIMIT):
        send(jpeg(seed=seed), size=300)
    clock.instant += IDLE
    with pytest.raises(TooManyUploads) as problem:
        send(jpeg(seed=99), size=300)
    assert int(problem.value.headers["Retry-After"]) > 0
    send(jpeg(seed=0), 300, 300)  # goes on: it is not counted as left
    other = Principal("other", Role.ENUMERATOR, "150625")
    send(jpeg(seed=98), size=300, sender=other)
    later(clock, seconds=1)
    send(jpeg(seed=99), size=300)
    assert blobs.get(name(jpeg(seed=0))).offset == 600
    assert store["blobs"].count_documents({"user": {"$ne": "other"}}) == OPEN_LIMIT


# --- renditions


def test_a_photo_gets_its_renditions_once(send, blobs, services):
    send()
    assert blobs.rendition(NAME, "view") is None
    assert render_waiting(services, 10) == 1
    assert blobs.get(NAME).rendered
    assert blobs.rendition(NAME, "view").data[:3] == b"\xff\xd8\xff"
    assert blobs.rendition(NAME, "thumbnail").width <= 320
    assert render_waiting(services, 10) == 0


def test_a_broken_photo_is_kept_said_to_be_broken_and_not_tried_again(send, blobs, services, clock):
    broken = RAW[:-400]
    send(broken)
    assert render_waiting(services, 10) == 1
    blob = blobs.get(name(broken))
    assert "truncated" in blob.broken
    assert blobs.open(blob).readall() == broken
    later(clock, days=1)
    assert render_waiting(services, 10) == 0


def test_a_file_of_another_type_is_kept_as_it_is_and_never_opened(send, blobs, services):
    heic = b"\0\0\0\x18ftypheic" + bytes(500)
    blob = send(heic)
    assert (blob.type, blob.complete, blob.broken) == (OTHER, True, "not a JPEG, PNG or WebP")
    assert render_waiting(services, 10) == 0
    assert blobs.open(blob).readall() == heic


def test_a_photo_that_kills_its_worker_is_given_up_after_some_tries(send, blobs, services, clock):
    send()
    for _ in range(TRIES):
        assert blobs.take(clock.now(), LEASE).sha256 == NAME
        assert blobs.take(clock.now(), LEASE) is None, "nobody else takes it meanwhile"
        clock.instant += LEASE
    assert render_waiting(services, 10) == 1
    assert blobs.get(NAME).broken == f"gave up after {TRIES} tries"
    later(clock, days=1)
    assert render_waiting(services, 10) == 0


def test_many_photos_are_taken_up_until_the_time_is_over(send, services):
    for seed in range(3):
        send(jpeg(seed=seed))
    ticks = iter([0.0, 0.5, 0.9, 1.0])
    assert render_waiting(services, 1.0, lambda: next(ticks)) == 2
    assert render_waiting(services, 10) == 1


# --- what no op names


@pytest.fixture
def push(services, enumerator, clock):
    """Push an interview that names photos; return what its result says is missing."""
    phone = Phone(Exchange(services), enumerator)

    def push(*photos):
        named = [{"question": "/photo", "sha256": each, "length": 5, "type": "image/jpeg"} for each in photos]
        phone.record("interview", answered(HOME, "0" * 64, blobs=named))
        (result,) = phone.sync(clock.now())["results"]
        return result["missing"]

    return push


def test_what_is_missing_shrinks_as_photos_arrive(send, push):
    other = jpeg(seed=2)
    assert push(NAME, name(other)) == [NAME, name(other)]
    send(size=500)
    assert push(NAME, name(other)) == [NAME, name(other)], "a part is no photo"
    send(offset=500)
    assert push(NAME, name(other)) == [name(other)]
    send(other)
    assert push(NAME, name(other)) == []


def test_a_batch_without_photos_reads_nothing_of_them(push, store):
    store.db.command("profile", 2)
    push()
    store.db.command("profile", 0)
    spaces = {each["ns"].partition(".")[2] for each in store.db["system.profile"].find()}
    assert "ops" in spaces
    assert "blobs" not in spaces


@pytest.mark.parametrize("whole", [True, False])
def test_a_photo_that_no_op_names_stays_30_days_after_its_last_chunk(send, services, clock, store, whole):
    send(size=500)
    later(clock, days=3)
    if whole:
        send(offset=500)
        render_waiting(services, 10)
    else:
        send(offset=500, size=500)
    clock.instant += LIFE
    assert purge_blobs(services, clock.now()) == 0, "on day 30"
    assert left(store)["blobs"] == 1
    later(clock, days=1)
    assert purge_blobs(services, clock.now()) == 1, "on day 31"
    assert left(store) == NOTHING


@pytest.mark.parametrize("whole", [True, False])
def test_a_photo_that_an_op_names_never_goes(send, push, services, clock, whole):
    send(size=None if whole else 500)
    push(NAME)
    for _ in range(3):
        later(clock, days=400)
        assert purge_blobs(services, clock.now()) == 0
        assert services.blobs.get(NAME).offset == (len(RAW) if whole else 500)
    assert list(services.blobs.loose(clock.now())) == [], "and is not looked at every day"
    assert purge_blobs(services, clock.now()) == 0


def test_who_sends_a_photo_again_begins_its_days_anew(send, services, clock):
    send()
    clock.instant += LIFE
    send(b"", named=NAME, last=True)
    later(clock, days=1)
    assert purge_blobs(services, clock.now()) == 0
    clock.instant += LIFE
    assert purge_blobs(services, clock.now()) == 1


def test_an_op_that_comes_before_a_photo_is_marked_keeps_it(send, push, clock, blobs):
    send()
    later(clock, days=31)
    before = clock.now() - LIFE
    assert push(NAME) == []
    blobs.mark_leaving(NAME, before)
    assert not blobs.decide(NAME, before)
    assert blobs.get(NAME).complete


def test_an_op_that_comes_after_the_mark_is_told_that_the_photo_is_missing(send, push, clock, blobs):
    send()
    later(clock, days=31)
    before = clock.now() - LIFE
    blobs.mark_leaving(NAME, before)
    assert blobs.get(NAME) is None
    assert push(NAME) == [NAME]
    assert not blobs.decide(NAME, before), "the op is seen, and the photo stays"
    assert push(NAME) == []


def test_a_photo_that_is_sent_again_while_it_leaves_stays(send, clock, blobs):
    send()
    later(clock, days=31)
    before = clock.now() - LIFE
    blobs.mark_leaving(NAME, before)
    assert send(b"", named=NAME, last=True).complete, "not one byte of it travels"
    assert not blobs.decide(NAME, before)
    assert blobs.get(NAME).complete


def test_a_purge_that_was_killed_between_its_steps_is_ended_by_the_next(send, services, clock, blobs, store):
    send()
    later(clock, days=31)
    blobs.mark_leaving(NAME, clock.now() - LIFE)
    assert purge_blobs(services, clock.now()) == 1
    assert left(store) == NOTHING


def test_a_photo_that_was_marked_by_a_purge_that_was_killed_comes_back_when_an_op_names_it(
    send, push, services, clock
):
    send()
    later(clock, days=31)
    services.blobs.mark_leaving(NAME, clock.now() - LIFE)
    assert push(NAME) == [NAME]
    assert purge_blobs(services, clock.now()) == 0
    assert services.blobs.get(NAME).complete
    assert push(NAME) == []
    assert list(services.blobs.loose(clock.now())) == []


def test_pushing_and_purging_at_once_never_lose_a_photo_of_which_the_phone_was_told_that_it_is_here(
    send, services, clock, blobs, enumerator
):
    raws = [jpeg(seed=seed) for seed in range(12)]
    for raw in raws:
        send(raw)
    later(clock, days=31)
    for raw in raws:
        phone = Phone(Exchange(services), enumerator)
        named = [{"question": "/photo", "sha256": name(raw), "length": 5, "type": "image/jpeg"}]
        phone.record("interview", answered(HOME, "0" * 64, interview=uuid7(), blobs=named))

        def work(who, phone=phone, raw=raw):
            if who:
                return phone.sync(clock.now())["results"][0]["missing"]
            return blobs.let_go(name(raw), clock.now() - LIFE)

        gone, missing = race(work, 2)
        here = blobs.get(name(raw)) is not None
        assert here is not gone
        assert here or missing == [name(raw)]


# --- the database


def test_every_query_of_photos_has_its_index(store, send, push):
    send()
    push(NAME)

    def plan(collection, query):
        return str(store[collection].find(query).explain()["queryPlanner"]["winningPlan"])

    assert "blobs_1" in plan("ops", {"blobs": NAME})
    assert "render_after_1" in plan("blobs", {"render_after": {"$lte": SOON}})
    assert "loose_1_touched_at_1" in plan("blobs", {"loose": True, "touched_at": {"$lt": SOON}})
    assert "user_1_touched_at_1" in plan("blobs", {"user": "u", "state": BlobState.OPEN.value})
    assert "_id.b_1__id.at_1" in plan("blob_chunks", {"_id.b": NAME, "_id.at": {"$lte": 5}})
    assert store["ops"].count_documents({}) == 1
