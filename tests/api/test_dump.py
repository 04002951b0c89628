"""A thief with the database: every collection is read as mongosh would, and nobody's number stands in clear."""

import gzip
import json
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest
from bson import decode
from bson.binary import Binary

from access.model import Act
from api.cli.demo import names
from api.cli.demo.population import Home
from api.cli.people import OPERATOR
from api.cli.setup import publish_catalogue
from bench.district import interview_ops, registered
from core.clock import SystemClock
from core.ids import uuid7
from forms.canonical import digest
from forms.definition import FormVersion, Question
from forms.log import body_text
from forms.op import OpKind
from store import COLLECTIONS, Store, make_backup, open_backup
from store.migrations import m0030_sealing, m0040_cases
from sync.filing import Sender
from sync.follow.desk import Action, Desk
from sync.notify.webhooks import WebhookPlan, Webhooks
from sync.office import submit
from sync.protocol import parse_request
from sync.push import push
from sync.rebuild import check
from sync.services import Services
from sync.settle import settle, settle_due
from sync.snapshots import snapshot
from sync.worklists import Plans, WorkListPlan

HOUSEHOLDS = 40
ACCOUNT = "6222021234567890123"
_SHORTEST = 6
_LONG_NAME = 3
_ORDINARY = {"yes", "no", "unknown", "major", "none"}  # also answers of other questions, and a severity
_SHORTEST_CODE = 3  # "1" is the code of many things


class Said:
    """What went in that nobody may read in the database, in UTF-8."""

    def __init__(self) -> None:
        self.texts: dict[bytes, str] = {}
        self.codes: dict[bytes, str] = {}

    def add(self, what: str, value: Any, *, code: bool = False) -> None:
        """Note a text that may stand nowhere, or a code, such as `working`, that may be no value."""
        if isinstance(value, str) and (code or len(value) >= _SHORTEST):
            (self.codes if code else self.texts)[value.encode()] = what

    def answers(self, questions: Sequence[Question], given: Any) -> None:
        """Note every answer to a question with `x-pii`, and every name."""
        for question in questions:
            answer = given.get(question.name) if isinstance(given, Mapping) else None
            # a day is also the day of something else: the cases of the rules show that no span tells a sensitive one
            if question.schema.get("x-pii") and question.schema.get("format") != "date":
                for each in answer if isinstance(answer, list) else [answer]:
                    plain = (
                        bool(question.entries) and each not in _ORDINARY and len(str(each)) >= _SHORTEST_CODE
                    )
                    if plain or not question.entries:
                        self.add(f"answer {question.path}", each, code=plain)
            for part in answer if isinstance(answer, list) else [answer]:
                self.answers(question.children, part)

    def found_in(self, content: bytes) -> list[str]:
        found = [f"{what}: {text.decode()}" for text, what in self.texts.items() if text in content]
        return found + ([self.codes[content]] if content in self.codes else [])


def contents(value: Any) -> Iterator[bytes]:
    """Yield every text, key and binary of a BSON value; what is compressed also as it unpacks."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name).encode()
            yield from contents(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from contents(inner)
    elif isinstance(value, str):
        yield value.encode()
    elif isinstance(value, bytes):
        yield value
        for unpack in (gzip.decompress, zlib.decompress, lambda raw: zlib.decompress(raw, -15)):
            with suppress(OSError, EOFError, zlib.error):
                yield unpack(value)


def leaks(store: Store, said: Said) -> tuple[list[str], int]:
    """Return what of `said` stands in some collection, and how many texts and binaries were read."""
    found, count = [], 0
    for name in sorted(store.db.list_collection_names()):
        for document in store.db.get_collection(name).find():
            for content in contents(document):
                count += 1
                found += [f"{name}: {what}" for what in said.found_in(content)]
    return found, count


def push_all(services: Services, ops: list[dict[str, Any]], install: str) -> None:
    for start in range(0, len(ops), 50):
        now = int(services.clock.now().timestamp() * 1000)
        clock = {"wall": now, "mono": 0, "boot": "b", "off": 0, "rtt": 1}
        request = parse_request({"v": 1, "install": install, "clock": clock, "ops": ops[start : start + 50]})
        pushed = push(services, OPERATOR, request, Sender(OPERATOR.user, services.clock.now(), install))
        assert {result["status"] for result in pushed.results} <= {"stored", "quarantined"}, pushed.results[0]


def said_in(services: Services, homes: Sequence[Home], ops: Sequence[Mapping[str, Any]]) -> Said:
    said = Said()
    for home in homes:
        said.add("household's phone", home.facts["phone"])
        said.add("address", home.facts["address"])
        for member in home.members:
            said.add("resident ID", member.facts["resident_id"])
            if len(member.facts["name"]) >= _LONG_NAME:
                said.add("name", member.facts["name"])
    for op in ops:
        if op["kind"] == "interview":
            version: FormVersion | None = services.forms.get(op["body"]["form"])
            if version is not None:
                said.answers(version.questions, op["body"]["answers"])
    return said


@pytest.fixture
def district(store):
    """Return services over a district that was registered, visited, corrected and pulled, and what was said in it."""
    services = Services.build(store, SystemClock())
    list(publish_catalogue(services))
    homes = registered(services, HOUSEHOLDS)
    settle(services, limit=HOUSEHOLDS)
    plans = Plans(services, Act(OPERATOR, services.clock.now()))
    round_id = plans.create_round("dump", names.BANNER)["_id"]
    plan = WorkListPlan("dump", round_id, ("household",), (OPERATOR.user,), names.BANNER)
    scope = plans.create(plan)["_id"]
    plans.assign(scope, [home.id for home in homes])
    ops = interview_ops(services, homes, 5)
    said = said_in(services, homes, ops)
    odd = said_oddly(homes, ops, said)
    push_all(services, [*ops, *odd], str(uuid.uuid4()))
    changes = [{"path": [], "fact": "phone", "base": homes[0].facts["phone"], "value": "13099998888"}]
    correction = {"changes": changes, "reason": f"account {ACCOUNT}"}
    submit(services, OPERATOR, OpKind.CORRECTION, homes[0].id, correction, services.clock.now())
    said.add("corrected phone", "13099998888")
    said.add("account in a reason", ACCOUNT)
    report = settle(services, limit=HOUSEHOLDS)
    assert (report.households, report.failed) == (HOUSEHOLDS, {})
    worked_on(services, said)
    snapshot(services, scope)
    return services, homes, said


def worked_on(services: Services, said: Said) -> None:
    """Work on a case, and make a webhook: what is written, shown as evidence, or secret."""
    act = Act(OPERATOR, services.clock.now())
    desk, case = Desk(services, act), services.store["cases"].find_one({"live": {"$gt": 0}})["_id"]
    desk.comment(case, "call 18600005555")
    desk.act(case, Action("act", note="told 18600006666", evidence=["receipt of 18600007777"]))
    settle(services)
    for number in ("5555", "6666", "7777"):
        said.add("said of a case", f"1860000{number}")
    _, secret = Webhooks(services, act).create(WebhookPlan("https://1.1.1.1/", (), None, names.BANNER))
    said.add("secret of a webhook", secret)


def said_oddly(homes: Sequence[Home], ops: Sequence[Mapping[str, Any]], said: Said) -> list[dict[str, Any]]:
    """Return ops that say numbers where no question asks for one: notes, strange answers, an unknown form."""
    visit = {"household": homes[1].id, "round": None, "outcome": "nobody_home", "note": "call 18600001111"}
    wrong = json.loads(json.dumps(ops[3]["body"])) | {"interview": uuid7(), "revision": uuid7()}
    wrong["answers"] |= {"18600002222": "18600003333", "phone": ["18600004444"]}
    unknown = wrong | {"interview": uuid7(), "revision": uuid7(), "form": "0" * 64}
    for number in ("1111", "2222", "3333", "4444"):
        said.add("said oddly", f"1860000{number}")
    bodies = (("visit", visit), ("interview", wrong), ("interview", unknown))
    return [
        {"id": uuid7(), "n": len(ops) + at, "kind": kind, "sha256": digest(body), "body": body}
        for at, (kind, body) in enumerate(bodies, start=1)
    ]


def test_a_dump_of_all_collections_holds_nobodys_number(district, tmp_path, capsys):
    services, _, said = district
    store = services.store
    assert len(said.texts) > 3 * HOUSEHOLDS
    found, count = leaks(store, said)
    assert found == []
    assert {each.name for each in COLLECTIONS} <= set(store.db.list_collection_names())
    for name in (
        "ops",
        "households",
        "findings",
        "cases",
        "case_events",
        "notifications",
        "webhooks",
        "feed",
        "snapshots",
        "keys",
    ):
        assert store[name].find_one() is not None, f"{name} was not tried"
    file, manifest = make_backup(store, tmp_path / "stolen.zip", services.clock.now())
    with open_backup(file) as reader:
        for part in manifest.parts:
            for batch in reader.batches(part):
                assert [
                    text for raw in batch for each in contents(decode(raw)) for text in said.found_in(each)
                ] == []
    with capsys.disabled():
        print(  # noqa: T201 - how much was tried is worth a line
            f"\ndump: {count} texts and binaries, {len(said.texts) + len(said.codes)} secrets sought, 0 found",
            end=" ",
        )


def test_what_was_sealed_is_all_there_for_who_has_the_key(district):
    services, homes, said = district
    entry = services.ledger.get(homes[1].id)
    assert entry.household.text("phone") == homes[1].facts["phone"]
    for kept in services.store["ops"].find():
        text = body_text(kept, services.store.sealer).encode()
        assert digest(json.loads(text)) == kept["sha256"]
    assert check(services).differing == []
    found = services.ledger.page("15", number=("phone", "13099998888"))
    assert [each.household.id for each in found] == [homes[0].id]
    assert len(said.texts) > 100


def test_the_test_finds_what_stands_in_clear(district):
    services, homes, said = district
    phone = homes[5].facts["phone"]
    services.store["rounds"].insert_many(
        [
            {"_id": "a", "deep": [{"x": f"call {phone}"}]},
            {"_id": "b", "packed": gzip.compress(phone.encode())},
        ]
    )
    found, _ = leaks(services.store, said)
    assert len(found) == 2


def test_the_migration_seals_what_was_written_in_clear_and_may_be_run_again(district):
    services, homes, said = district
    store, sealer = services.store, services.store.sealer
    for op in store["ops"].find():
        clear: dict[str, Any] = {"body": body_text(op, sealer)}
        if op["issues"]:
            clear["issues"] = sealer.unseal(f"op/{op['_id']}/issues", op["issues"])
        if op.get("settled", {}).get("checks"):
            clear["settled.checks"] = sealer.unseal(f"op/{op['_id']}/checks", op["settled"]["checks"])
        store["ops"].update_one({"_id": op["_id"]}, {"$set": clear})
    for entry in store["households"].find():
        ledger = sealer.unseal(f"household/{entry['_id']}", entry["ledger"])
        change = {"$set": {"ledger": ledger, "head_name": "张三"}, "$unset": {"fingerprints": ""}}
        store["households"].update_one({"_id": entry["_id"]}, change)
    for finding in store["findings"].find():
        told = sealer.unseal(f"finding/{finding['_id']}", finding["sealed"])
        written = zip(finding["history"], told.pop("notes"), told.pop("shown"), strict=True)
        history = [event | {"note": note, "evidence": shown} for event, note, shown in written]
        change = {"$set": told | {"history": history}, "$unset": {"sealed": ""}}
        store["findings"].update_one({"_id": finding["_id"]}, change)
    for row in store["feed"].find({"op": "put"}):
        text = sealer.unseal(f"feed/{row['_id']['s']}/{row['_id']['k']}", row["row"])
        store["feed"].update_one({"_id": row["_id"]}, {"$set": {"row": text}})
    store["snapshots"].update_many({}, {"$set": {"content": Binary(b"")}, "$unset": {"sealed": ""}})
    assert len(leaks(store, said)[0]) > HOUSEHOLDS
    for _ in range(2):
        m0030_sealing.up(store)
        m0040_cases.up(store)
        assert leaks(store, said)[0] == []
    assert store["snapshots"].find_one() is None
    store["meta"].delete_one({"_id": "policy"})
    settle_due(services, services.clock.now().date(), limit=HOUSEHOLDS)
    assert check(services).differing == []
    found = services.ledger.page("15", number=("resident_id", homes[3].members[0].facts["resident_id"]))
    assert [each.household.id for each in found] == [homes[3].id]
