"""Push: what becomes of each op of a batch."""

import hashlib
import json

import pytest

from core.ids import uuid7
from core.principal import Principal, Role
from core.problems import TooLarge, Unprocessable
from forms.canonical import canonical, digest
from forms.log import body_text
from sync.filing import Sender
from sync.protocol import parse_op, parse_request
from sync.push import push
from tests.unit.sync.phone import interview, op, visit

HOME = "0190a000-0000-7000-8000-0000000000aa"
ABROAD = "0190a000-0000-7000-8000-0000000000bb"
NOWHERE = "0190a000-0000-7000-8000-0000000000cc"
INSTALL = "0190a000-0000-7000-8000-000000000001"


@pytest.fixture
def send(services, store, enumerator, clock):
    """Push ops as JSON text and return (results, what was pushed)."""
    store["households"].insert_many(
        [{"_id": HOME, "region": "150625101201"}, {"_id": ABROAD, "region": "150626101201"}]
    )

    def send(*ops, install=INSTALL, principal=enumerator, retired=False):
        wire = json.dumps({"v": 1, "install": install, "ops": list(ops)})
        request = parse_request(json.loads(wire))
        sender = Sender(principal.user, clock.now(), request.install, None, retired)
        return push(services, principal, request, sender)

    return send


def statuses(pushed):
    return [(each["status"], each.get("code")) for each in pushed.results]


def test_an_op_is_stored_and_told_with_its_id_and_digest(send, services):
    sent = op(1, "visit", visit(HOME))
    pushed = send(sent)
    assert pushed.results == [
        {"id": sent["id"], "n": 1, "sha256": sent["sha256"], "status": "stored", "issues": [], "missing": []}
    ]
    assert (pushed.numbers, pushed.households) == ([1], [HOME])
    logged = services.log.get(sent["id"])
    assert (logged.op.body, logged.pending, logged.op.household) == (sent["body"], True, HOME)


def test_the_same_op_again_is_a_duplicate_and_changes_nothing(send, store):
    sent = op(1, "visit", visit(HOME))
    send(sent)
    before = store["ops"].find_one({"_id": sent["id"]})
    assert statuses(send(sent, sent)) == [("duplicate", None), ("duplicate", None)]
    assert list(store["ops"].find()) == [before]


def test_the_same_id_with_other_content_is_rejected_and_the_first_is_kept(send, services):
    sent = op(1, "visit", visit(HOME))
    other = op(1, "visit", visit(HOME, note="x")) | {"id": sent["id"]}
    assert statuses(send(sent, other)) == [("stored", None), ("rejected", "id-reused")]
    assert statuses(send(other)) == [("rejected", "id-reused")]
    assert services.log.get(sent["id"]).sha256 == sent["sha256"]


def test_two_ops_with_one_number_mean_a_cloned_phone(send):
    first, second = op(7, "visit", visit(HOME)), op(7, "visit", visit(HOME))
    assert statuses(send(first)) == [("stored", None)]
    pushed = send(second)
    assert statuses(pushed) == [("rejected", "device-forked")]
    assert pushed.numbers == []
    assert statuses(send(second, install=uuid7())) == [("stored", None)]


def test_a_household_of_another_region_is_not_permitted(send, store):
    assert statuses(send(op(1, "visit", visit(ABROAD)))) == [("rejected", "not-permitted")]
    assert store["ops"].count_documents({}) == 0


def test_what_is_not_known_yet_waits_in_quarantine(send, services, store):
    store["rounds"].insert_one({"_id": "r1", "state": "closed"})
    unknown_form = op(1, "interview", interview(HOME, "0" * 64))
    nobody = op(2, "visit", visit(NOWHERE))
    closed = op(3, "visit", visit(HOME, round="r1"))
    pushed = send(unknown_form, nobody, closed)
    assert statuses(pushed) == [
        ("quarantined", "unknown-form"),
        ("quarantined", "unknown-household"),
        ("quarantined", "round-closed"),
    ]
    assert pushed.numbers == [1, 2, 3]
    assert pushed.households == []
    assert all(each["todo"]["zh-Hans"] for each in pushed.results)
    assert services.log.pending() == []


def test_what_a_retired_phone_sends_waits_in_quarantine(send):
    assert statuses(send(op(1, "visit", visit(HOME)), retired=True)) == [("quarantined", "device-retired")]


@pytest.mark.parametrize(
    ("role", "kind", "status"),
    [
        (Role.ENUMERATOR, "correction", "rejected"),
        (Role.ENUMERATOR, "registry", "rejected"),
        (Role.ENUMERATOR, "reply", "stored"),
        (Role.SUPERVISOR, "correction", "stored"),
        (Role.SUPERVISOR, "registry", "rejected"),
        (Role.COORDINATOR, "registry", "stored"),
        (Role.VIEWER, "visit", "rejected"),
    ],
)
def test_a_role_may_send_the_kinds_of_op_that_its_actions_allow(send, role, kind, status):
    body = {
        "correction": {"household": HOME, "changes": [], "reason": ""},
        "registry": {"household": HOME, "region": "150625101201", "row": {"entity": "household"}},
        "reply": {"household": HOME, "finding": uuid7(), "action": "comment", "note": "x"},
        "visit": visit(HOME),
    }[kind]
    pushed = send(op(1, kind, body), principal=Principal("u", role, "150625"))
    assert pushed.results[0]["status"] == status


def test_nobody_registers_a_household_outside_their_region(send):
    body = {"household": uuid7(), "region": "150626101201", "row": {"entity": "household"}}
    pushed = send(op(1, "registry", body), principal=Principal("u", Role.COORDINATOR, "150625"))
    assert statuses(pushed) == [("rejected", "not-permitted")]


def test_an_enumerator_voids_an_own_interview_and_no_other(send):
    mine, theirs = interview(HOME, "0" * 64), interview(HOME, "0" * 64)
    send(op(1, "interview", mine))
    send(op(1, "interview", theirs), install=uuid7(), principal=Principal("other", Role.ENUMERATOR, "150625"))
    voids = [
        op(number, "void", {"household": HOME, "interview": each["interview"], "reason": "twice"})
        for number, each in ((2, mine), (3, theirs))
    ]
    fresh = interview(HOME, "0" * 64)
    together = op(5, "void", {"household": HOME, "interview": fresh["interview"], "reason": "twice"})
    assert statuses(send(*voids, op(4, "interview", fresh), together)) == [
        ("stored", None),
        ("rejected", "not-permitted"),
        ("quarantined", "unknown-form"),
        ("stored", None),
    ]


def test_one_poison_op_in_fifty_costs_only_itself(send):
    ops = [op(number, "visit", visit(HOME)) for number in range(1, 51)]
    ops[20] = {"id": ops[20]["id"], "n": 21, "kind": "visit", "sha256": "0" * 64, "body": {"household": HOME}}
    pushed = send(*ops)
    assert [each["status"] for each in pushed.results].count("stored") == 49
    assert statuses(pushed)[20] == ("rejected", "digest-mismatch")


@pytest.mark.parametrize(
    ("answers", "status", "code"),
    [
        ({"$where": 1, "a.b": {"$set": None}, "": "\0", "\0": 1}, "quarantined", "unknown-form"),
        ({"text": "入户 😀 \u202e"}, "quarantined", "unknown-form"),
        ({"number": 2**53 - 1, "small": 1e-7, "big": 1e300}, "quarantined", "unknown-form"),
        ({"number": 2**64}, "rejected", "not-canonical"),
        ({"text": "\ud800"}, "rejected", "not-canonical"),
        ({"\udfff": 1}, "rejected", "not-canonical"),
    ],
)
def test_answers_with_strange_keys_and_values_are_kept_as_they_are_or_refused(
    send, services, answers, status, code
):
    body = interview(HOME, "0" * 64, answers=answers)
    sha256 = digest(body) if status != "rejected" else "0" * 64
    sent = {"id": uuid7(), "n": 1, "kind": "interview", "sha256": sha256, "body": body}
    assert statuses(send(sent)) == [(status, code)]
    if status != "rejected":
        logged = services.log.get(sent["id"])
        assert logged.op.body == body
        assert digest(logged.op.body) == sent["sha256"]


def test_an_op_two_hundred_deep_is_refused_alone(send):
    nested: dict = {}
    for _ in range(200):
        nested = {"a": nested}
    deep = {
        "id": uuid7(),
        "n": 1,
        "kind": "interview",
        "sha256": "0" * 64,
        "body": interview(HOME, "0" * 64, answers=nested),
    }
    assert statuses(send(deep, op(2, "visit", visit(HOME)))) == [("rejected", "too-deep"), ("stored", None)]


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"id": "x"}, "/id"),
        ({"n": 0}, "/n"),
        ({"n": True}, "/n"),
        ({"n": 2**60}, "/n"),
        ({"sha256": None}, "/sha256"),
        ({"kind": "gossip"}, "/kind"),
        ({"kind": ["visit"]}, "/kind"),
        ({"body": []}, "/body"),
    ],
)
def test_an_op_whose_names_cannot_be_read_is_refused_with_the_place(change, at):
    refused = parse_op(op(1, "visit", visit(HOME)) | change)
    assert (refused.code, refused.at) == ("unreadable", at)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("household", ""),
        ("form", "x"),
        ("answers", []),
        ("parent", 5),
        ("assignment", {"epoch": "x"}),
        ("blobs", [{}]),
    ],
)
def test_an_interview_without_the_names_it_is_filed_by_is_refused(member, value):
    body = interview(HOME, "0" * 64) | {member: value}
    refused = parse_op(op(1, "interview", body))
    assert (refused.code, refused.at) == ("unreadable", f"/body/{member}")


@pytest.mark.parametrize("junk", [None, 5, "op", [], {}])
def test_no_junk_in_place_of_an_op_costs_the_batch(send, junk):
    assert [each["status"] for each in send(junk, op(1, "visit", visit(HOME))).results] == [
        "rejected",
        "stored",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"install": "x"},
        {"ops": {}},
        {"cursor": 5},
        {"max_bytes": "x"},
        {"clock": []},
        {"mismatch": [5]},
    ],
)
def test_a_request_with_a_wrong_envelope_is_a_problem_of_the_whole(change):
    with pytest.raises(Unprocessable) as problem:
        parse_request({"v": 1, "install": INSTALL} | change)
    assert problem.value.members["errors"][0]["at"] == "/" + next(iter(change))


def test_more_than_five_hundred_ops_are_too_many_and_the_answer_says_how_many_are_taken():
    with pytest.raises(TooLarge) as problem:
        parse_request({"v": 1, "install": INSTALL, "ops": [{}] * 501})
    assert problem.value.members["limit"] == 500


def test_photos_that_are_not_here_yet_are_asked_for_every_time(send):
    photo = {"question": "/photo", "sha256": "a" * 64, "length": 5, "type": "image/jpeg"}
    sent = op(1, "interview", interview(HOME, "0" * 64, blobs=[photo, photo]))
    assert [send(sent).results[0]["missing"] for _ in range(2)] == [["a" * 64]] * 2


@pytest.mark.parametrize("blobs", [5, "ab", [5], {"a": 1}, [{"sha256": 5}]])
def test_what_a_visit_calls_photos_is_kept_in_its_body_and_hinders_nothing(send, blobs):
    sent = op(1, "visit", visit(HOME, blobs=blobs))
    (result,) = send(sent).results
    assert (result["status"], result["missing"]) == ("stored", [])


def test_after_the_time_budget_the_rest_is_to_be_sent_again(send, services, clock):
    ticks = iter(range(0, 1000, 6))
    start = clock.now()
    late = type("Late", (), {"now": lambda _self: start.replace(second=next(ticks))})()
    object.__setattr__(services, "clock", late)
    pushed = send(*(op(number, "visit", visit(HOME)) for number in range(1, 7)))
    assert [each["status"] for each in pushed.results] == ["stored"] * 4 + ["retry"] * 2


def test_the_body_lies_in_the_log_in_its_canonical_bytes(send, store):
    sent = op(1, "visit", visit(HOME, note="é\u2028"))
    send(sent)
    kept = store["ops"].find_one({"_id": sent["id"]})
    text = body_text(kept, store.sealer).encode()
    assert text == canonical(sent["body"])
    assert hashlib.sha256(text).hexdigest() == kept["sha256"]


@pytest.mark.parametrize(
    ("role", "action", "status"),
    [
        (Role.ENUMERATOR, "comment", "stored"),
        (Role.ENUMERATOR, "dismiss", "rejected"),
        (Role.ENUMERATOR, "verify", "rejected"),
        (Role.SUPERVISOR, "dismiss", "stored"),
    ],
)
def test_at_the_door_a_finding_is_commented_on_and_the_unit_decides(send, role, action, status):
    body = {"household": HOME, "finding": uuid7(), "action": action, "note": "x", "reason": "y"}
    pushed = send(op(1, "reply", body), principal=Principal("u", role, "150625"))
    assert [each["status"] for each in pushed.results] == [status]


def test_an_officer_replies_to_the_own_units_findings_and_voids_nothing(send, store):
    rows = [("f1", "education", HOME), ("f2", "health", HOME)]
    store["findings"].insert_many(
        [{"_id": f, "unit": u, "household": h, "rule": "r", "subject": f, "episode": "e"} for f, u, h in rows]
    )
    said = {"household": HOME, "action": "dismiss", "note": "x", "reason": "y"}
    void = {"household": HOME, "interview": uuid7(), "reason": "x"}
    ops = [
        op(n, "reply", said | {"finding": finding}) for n, finding in enumerate(("f1", "f2", "none"), start=1)
    ]
    officer = Principal("u", Role.OFFICER, "150625", "education")
    pushed = send(*ops, op(4, "void", void), op(5, "visit", visit(HOME)), principal=officer)
    assert [each["status"] for each in pushed.results] == [
        "stored", "rejected", "rejected", "rejected", "stored",
    ]  # fmt: skip
    other = Principal("u", Role.OFFICER, "150625", "housing")
    assert send(op(6, "visit", visit(HOME)), principal=other).results[0]["status"] == "rejected"
