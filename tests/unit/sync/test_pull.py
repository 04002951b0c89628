"""Pull: what a phone is told, how often it reads the database, and how it begins again."""

import gzip
import json
from datetime import timedelta

import pytest
from pymongo import monitoring

from access.model import Device
from core.ids import uuid7
from core.principal import Principal, Role
from core.problems import BadCursor, DeviceRevoked
from store import Store
from sync.exchange import Exchange
from sync.feed import FeedWriter, delete, put, read_heads
from sync.protocol import parse_request
from sync.pull import FEW_ROWS
from sync.purge import purge
from sync.services import Services
from sync.snapshots import forget, packed, snapshot
from tests.keys import MASTER_KEY
from tests.unit.sync.phone import Phone, device_of, visit
from tests.unit.sync.world import later

LIST = "w-8f3a11c2d0"


@pytest.fixture
def holder(enumerator):
    return Principal(enumerator.user, Role.ENUMERATOR, "150625", worklists=(LIST,))


@pytest.fixture
def phone(services, holder, clock):
    made = Phone(Exchange(services), holder)
    document = device_of(holder, made.install, clock.now())
    services.store["devices"].insert_one(document)
    made.device = Device.from_document(document)
    return made


def write(services, *changes):
    def work(session):
        writer = FeedWriter(services.store, session, services.clock.now())
        writer.add(changes)
        return writer.flush()

    return services.store.transaction(work)


def fill(services, count, scope=LIST):
    write(
        services,
        *(put(scope, f"household/{number}", {"n": number, "x": "y" * 300}) for number in range(count)),
    )


class Commands(monitoring.CommandListener):
    """Counts the commands that reach the database."""

    def __init__(self):
        self.names = []

    def started(self, event):
        self.names.append(event.command_name)

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


def test_a_phone_that_begins_pulls_every_row_in_pages_and_its_checks_hold(services, phone, clock):
    fill(services, 60)
    assert phone.sync_all(clock.now()) > 3
    assert len(phone.rows[LIST]) == 60
    assert phone.mismatches == phone.resets == 0


def test_rows_that_change_while_a_phone_pulls_reach_it(services, phone, clock):
    fill(services, 60)
    phone.sync(clock.now())
    write(services, put(LIST, "household/1", {"n": -1}), delete(LIST, "household/2", "reassigned"))
    write(services, delete(LIST, "household/59", "reassigned"))
    phone.sync_all(clock.now())
    assert len(phone.rows[LIST]) == 58
    assert phone.rows[LIST]["household/1"] == {"n": -1}
    assert phone.mismatches == phone.resets == 0


def test_a_row_larger_than_a_page_travels_alone(services, phone, clock):
    write(services, put(LIST, "a", "y" * 10_000), put(LIST, "b", "y" * 10_000))
    answer = phone.sync(clock.now())
    assert (len(answer["rows"]), answer["more"]) == (1, True)
    phone.sync_all(clock.now())
    assert len(phone.rows[LIST]) == 2


def test_with_nothing_new_the_answer_is_small_and_one_read_suffices(services, phone, clock, mongodb_uri):
    fill(services, 5)
    phone.record("visit", visit(uuid7()))
    phone.sync_all(clock.now())
    phone.sync(later(clock, seconds=1))
    listener = Commands()
    watched = Store(mongodb_uri, services.store.database, MASTER_KEY)
    watched._client = type(services.store.client)(mongodb_uri, tz_aware=True, event_listeners=[listener])
    watched._pid = __import__("os").getpid()
    quiet = Services.build(watched, clock)
    assert quiet.cursor_key
    phone.exchange = Exchange(quiet)
    phone.sync(later(clock, seconds=1))
    listener.names.clear()
    answer = phone.sync(later(clock, seconds=1))
    body = json.dumps(answer, separators=(",", ":"), ensure_ascii=False)
    assert answer["rows"] == []
    assert len(body.encode()) <= 300, body
    assert listener.names == ["aggregate"]
    watched.close()


def test_the_device_is_written_when_something_changed_or_once_a_minute(services, phone, clock):
    devices = services.store["devices"]
    phone.record("visit", visit(uuid7()))
    phone.sync(clock.now())
    noted = devices.find_one({"_id": phone.device.id})
    assert (noted["have"], noted["last_cursor"], noted["app"]) == ([[1, 1]], phone.cursor, "1.0.0")
    phone.sync(later(clock, seconds=1))
    noted = devices.find_one({"_id": phone.device.id})
    assert noted["outbox"] == {"max_n": 1, "pending": 0, "blobs": 0}
    phone.sync(later(clock, seconds=30))
    assert devices.find_one({"_id": phone.device.id}) == noted
    for _ in range(10):
        phone.sync(later(clock, seconds=61))
    assert devices.find_one({"_id": phone.device.id})["last_seen"] == clock.now()
    assert len(devices.find_one({"_id": phone.device.id})["clocks"]) == 8


def test_have_shrinks_by_itself_when_a_backup_is_restored_and_the_phone_begins_again(services, phone, clock):
    fill(services, 5)
    for _ in range(3):
        phone.record("visit", visit(uuid7()))
    assert phone.sync(clock.now())["have"] == [[1, 3]]
    services.store["ops"].delete_one({"n": 2})
    services.store["meta"].update_one({"_id": "epoch"}, {"$set": {"value": "another"}})
    answer = phone.sync(later(clock, minutes=5))
    assert answer["have"] == [[1, 1], [3, 3]]
    assert LIST in answer["reset"]
    phone.unsent = list(phone.log)
    answer = phone.sync(later(clock, minutes=5))
    assert (answer["have"], answer["reset"]) == ([[1, 3]], [])
    assert sorted(each["status"] for each in answer["results"]) == ["duplicate", "duplicate", "quarantined"]
    phone.sync_all(clock.now())
    assert len(phone.rows[LIST]) == 5
    assert phone.mismatches == 0


def test_have_follows_the_install_id_of_a_phone_that_took_a_new_one(services, phone, clock):
    phone.record("visit", visit(uuid7()))
    phone.sync(clock.now())
    phone.install = uuid7()
    assert phone.sync(later(clock, minutes=2))["have"] == []
    phone.record("visit", visit(uuid7()))
    assert phone.sync(later(clock, minutes=2))["have"] == [[2, 2]]
    noted = Device.from_document(services.store["devices"].find_one({"_id": phone.device.id}))
    assert noted.have == ((1, 1),)
    (clone,) = noted.clones
    assert (clone["install"], clone["outbox"]["max_n"]) == (phone.install, 2)


def test_a_copy_of_a_phone_shows_itself_on_the_page_of_the_first(services, phone, clock):
    phone.record("visit", visit(uuid7()))
    phone.sync(clock.now())
    copy = Phone(Exchange(services), phone.principal, phone.device, phone.install)
    copy.record("visit", visit(uuid7()))
    (result,) = copy.sync(clock.now())["results"]
    assert (result["status"], result["code"]) == ("rejected", "device-forked")
    noted = Device.from_document(services.store["devices"].find_one({"_id": phone.device.id}))
    assert noted.forked_at == clock.now()
    for _ in range(10):
        copy.install = uuid7()
        assert copy.sync(clock.now())["have"] in ([], [[1, 1]])
    noted = Device.from_document(services.store["devices"].find_one({"_id": phone.device.id}))
    assert len(noted.clones) == 8
    assert noted.clones[-1]["install"] == copy.install


def test_what_a_phone_has_made_and_not_sent_shows_as_missing_numbers(services, phone, clock):
    for _ in range(6):
        phone.record("visit", visit(uuid7()))
    del phone.unsent[1:3]
    phone.sync(clock.now())
    phone.n = 9
    phone.sync(clock.now())
    noted = Device.from_document(services.store["devices"].find_one({"_id": phone.device.id}))
    assert noted.have == ((1, 1), (4, 6))
    assert noted.missing == ((2, 3), (7, 9))


def test_a_scope_that_is_no_longer_granted_is_dropped_and_a_new_one_added(services, phone, clock, enumerator):
    fill(services, 3)
    fill(services, 4, "w-2")
    phone.sync_all(clock.now())
    phone.principal = Principal(enumerator.user, Role.ENUMERATOR, "150625", worklists=("w-2",))
    answer = phone.sync(clock.now())
    assert (answer["drop"], answer["add"]) == ([LIST], [{"scope": "w-2"}])
    assert (LIST in phone.rows, len(phone.rows["w-2"])) == (False, 4)


def test_a_phone_below_the_floor_begins_the_scope_again_and_ends(services, phone, clock):
    fill(services, 20)
    phone.sync_all(clock.now())
    write(services, delete(LIST, "household/1", "reassigned"), delete(LIST, "household/2", "reassigned"))
    later(clock, days=401)
    fresh = Phone(Exchange(services), phone.principal)
    fresh.sync(clock.now())
    assert purge(services, clock.now()) == 2
    assert read_heads(services.store, [LIST])[LIST].floor == 22
    phone.sync_all(clock.now())
    assert phone.resets == 1
    fresh.sync_all(clock.now())
    assert fresh.resets == 0
    assert phone.rows == fresh.rows
    assert len(phone.rows[LIST]) == 18


def test_tombstones_of_an_open_work_list_are_kept(services, clock):
    fill(services, 2)
    write(services, delete(LIST, "household/1", "reassigned"))
    services.store["worklists"].insert_one({"_id": LIST, "state": "open"})
    assert purge(services, clock.now() + timedelta(days=500)) == 0


def test_a_check_that_fails_twice_begins_only_that_scope_again(services, phone, clock):
    fill(services, 5)
    fill(services, 5, "g")
    phone.sync_all(clock.now())
    phone.rows[LIST]["household/1"] = {"n": "broken"}
    phone.failed[LIST] = 2
    answer = phone.sync(clock.now())
    assert answer["reset"] == [LIST]
    phone.sync_all(clock.now())
    assert phone.rows[LIST]["household/1"]["n"] == 1
    assert phone.mismatches == 0


def test_a_forged_cursor_is_a_problem_and_nothing_is_stored(services, phone, clock):
    phone.record("visit", visit(uuid7()))
    phone.cursor = "c1.AAAA"
    with pytest.raises(BadCursor):
        phone.sync(clock.now())
    assert services.store["ops"].count_documents({}) == 0


def test_a_retired_phone_is_told_to_wipe_and_its_ops_are_kept(services, phone, clock, holder):
    fill(services, 3)
    phone.sync_all(clock.now())
    retired = device_of(holder, phone.install, clock.now(), state="retired") | {"_id": phone.device.id}
    phone.device = Device.from_document(retired)
    phone.record("visit", visit(uuid7()))
    answer = phone.sync(clock.now())
    assert (answer["wipe"], phone.rows, phone.unsent) == (True, {}, [])


def test_a_stolen_phone_is_refused(services, phone, clock, holder):
    stolen = Device.from_document(device_of(holder, phone.install, clock.now(), state="stolen"))
    with pytest.raises(DeviceRevoked):
        Exchange(services).run(holder, stolen, parse_request(phone.request()), clock.now())


def test_an_answer_that_is_lost_is_made_good_by_the_next(services, phone, clock):
    fill(services, 30)
    phone.record("visit", visit(uuid7()))
    phone.sync(clock.now(), lose_answer=True)
    answer = phone.sync(clock.now())
    assert answer["results"][0]["status"] == "duplicate"
    phone.sync_all(clock.now())
    assert (len(phone.rows[LIST]), phone.mismatches, phone.unsent) == (30, 0, [])


def lines(found):
    *rows, last = [json.loads(line) for line in gzip.decompress(found.content).decode().splitlines()]
    return dict(rows), last


def test_a_scope_of_many_rows_is_offered_as_a_snapshot_and_joins_the_cursor(services, phone, clock):
    fill(services, FEW_ROWS + 1)
    asked = phone.request() | {"snapshots": True}
    answer = phone.exchange.run(phone.principal, phone.device, parse_request(asked), clock.now())
    offer = {"scope": LIST, "snapshot": f"/api/v1/scopes/{LIST}/snapshot"}
    assert offer in answer["add"]
    assert (answer["rows"], answer["more"], LIST in answer["check"]) == ([], False, False)
    rows, last = lines(snapshot(services, LIST))
    assert (len(rows), last["rows"], last["scope"]) == (FEW_ROWS + 1, FEW_ROWS + 1, LIST)
    phone.rows[LIST] = rows
    assert phone.check(LIST) == tuple(last["check"])
    write(services, put(LIST, "household/1", {"n": "later"}), delete(LIST, "household/2", "reassigned"))
    joined = asked | {"cursor": answer["cursor"], "joined": [last["cursor"]]}
    phone.take(phone.exchange.run(phone.principal, phone.device, parse_request(joined), clock.now()))
    assert (len(phone.rows[LIST]), phone.rows[LIST]["household/1"]) == (FEW_ROWS, {"n": "later"})
    assert phone.mismatches == phone.resets == 0


def test_who_does_not_fetch_snapshots_gets_pages(services, phone, clock):
    fill(services, FEW_ROWS + 1)
    assert phone.sync_all(clock.now()) > 1
    assert len(phone.rows[LIST]) == FEW_ROWS + 1


def test_a_snapshot_is_made_once_until_too_much_has_changed(services, clock):
    fill(services, FEW_ROWS + 1)
    first = snapshot(services, LIST)
    write(services, put(LIST, "household/1", {"n": "later"}))
    assert snapshot(services, LIST).tag == first.tag
    for n in range(3):
        write(services, *(put(LIST, f"household/{k}", {"n": n, "k": k}) for k in range(100)))
    newer = snapshot(services, LIST)
    assert newer.tag != first.tag
    assert snapshot(services, LIST, first.tag).content == first.content, "an interrupted download goes on"
    later(clock, days=2)
    assert forget(services, clock.now()) == 2
    assert snapshot(services, LIST, first.tag).tag == newer.tag, "the same rows give the same bytes"


def test_a_snapshot_of_another_epoch_or_below_the_floor_is_not_served(services, clock):
    fill(services, FEW_ROWS + 1)
    first = snapshot(services, LIST)
    write(services, delete(LIST, "household/1", "reassigned"))
    later(clock, days=401)
    purge(services, clock.now())
    second = snapshot(services, LIST, first.tag)
    assert second.tag != first.tag
    services.store["meta"].update_one({"_id": "epoch"}, {"$set": {"value": "another"}})
    assert snapshot(services, LIST, second.tag).tag != second.tag


def test_rows_of_a_household_stand_together_in_a_snapshot():
    rows = [("h2", "finding/f2", "{}"), ("", "worklist", "{}"), ("h1", "household/h1", "{}"),
            ("h1", "finding/f1", "{}"), ("h2", "household/h2", "{}")]  # fmt: skip
    text = gzip.decompress(packed(rows, {"rows": 5})).decode().splitlines()
    keys = [json.loads(line)[0] for line in text[:-1]]
    assert keys == ["worklist", "household/h1", "finding/f1", "household/h2", "finding/f2"]
