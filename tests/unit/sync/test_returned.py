"""A returned interview travels to whoever holds its household, without what is private; its correction is whole."""

from typing import Any

import pytest

from access.model import Act
from core.ids import uuid7
from core.principal import Principal, Role
from forms.op import OpKind
from ledger.dictionary import dictionary
from sync.exchange import Exchange
from sync.office import Submission, submit_many
from sync.rebuild import check, rebuild
from sync.settle import settle
from sync.sight import Sight
from sync.worklists import Plans, WorkListPlan
from tests.unit.sync.phone import Phone
from tests.unit.sync.world import COORDINATOR, answered, draft, later, names, person, register

(HOME,) = names(1)
ANNA = f"{HOME[:-4]}f001"
NUMBER = "150625198003020011"
TEXT = {"zh-Hans": "题", "en": "question"}


def asked(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "title": "题", "x-i18n-title": TEXT, "x-widget": "text"} | more


def private_form() -> dict[str, Any]:
    """Return the draft of a form with members, their resident IDs, and what they earn."""
    made = draft("1")
    made["$id"] = "https://ruhu.example/forms/private/1"
    made["x-form"] = made["x-form"] | {"form_id": "private"}
    wage = {"x-fact": "household.income.wage", "x-pii": "sensitive", "x-required": True, "x-widget": "number"}
    number = {"x-fact": "person.resident_id", "x-pii": "identifier", "x-required": True}
    inner = {
        "person_id": asked("string", **{"x-required": True}),
        "name": asked("string", **{"x-fact": "person.name"}),
        "number": asked("string", **number),
    }
    items = {"type": "object", "properties": inner, "additionalProperties": False}
    made["properties"] |= {
        "wage": asked("number", **wage),
        "remarks": asked("string", **{"x-widget": "textarea"}),
        "members": asked(
            "array", items=items, maxItems=20,
            **{
                "x-entity": "person", "x-widget": "repeat",
                "x-repeat": {"x-key": "person_id", "summary": ["name"]},
            },
        ),
    }  # fmt: skip
    made["x-pages"][0]["items"] = ["address", "wage", "remarks", "members"]
    return made


@pytest.fixture
def form(services, clock):
    made = services.forms.publish(private_form(), dictionary(), clock.now(), COORDINATOR)
    return made.sha256


@pytest.fixture
def worklist(services, clock):
    register(services, [HOME], clock.now(), persons=[person(ANNA, name="安娜")])
    settle(services)
    plans = Plans(services, Act(COORDINATOR, clock.now()))
    made = plans.create_round("一轮", "150625")
    plan = WorkListPlan("南苑", made["_id"], ("private",), ("maker", "other"), "150625")
    worklist = plans.create(plan)
    plans.assign(worklist["_id"], [HOME])
    return worklist


@pytest.fixture
def phones(services, worklist) -> tuple[Phone, Phone]:
    """Phones of two who hold the list: who makes the interview, and another."""
    made = [
        Phone(Exchange(services), Principal(user, Role.ENUMERATOR, "150625", worklists=(worklist["_id"],)))
        for user in ("maker", "other")
    ]
    return made[0], made[1]


def answers(**more: Any) -> dict[str, Any]:
    member = {"person_id": ANNA, "name": "安娜", "number": NUMBER}
    return {"address": "一号", "wage": 900, "remarks": "狗凶", "members": [member]} | more


def made(services, clock, form, worklist, phone) -> dict[str, Any]:
    """Record, send and settle an interview; return its body."""
    assignment = {"id": worklist["_id"], "epoch": 1}
    body = answered(
        HOME, form, round=worklist["round"], assignment=assignment, answers=answers(remarks="电话13812345678")
    )
    phone.record("interview", body)
    phone.sync_all(clock.now())
    settle(services)
    return body


def give_back(services, clock, body, reason="房号不对") -> None:
    told = {name: body[name] for name in ("household", "interview", "revision")} | {"reason": reason}
    submit_many(services, COORDINATOR, [Submission(OpKind.RETURN, told)], later(clock, hours=1))
    settle(services)


def returned(phone, worklist) -> dict[str, Any]:
    rows = phone.rows[worklist["_id"]]
    return {key: row for key, row in rows.items() if key.startswith("returned/")}


def test_it_travels_to_another_phone_while_it_is_returned_and_tells_nothing_private(
    services, clock, form, worklist, phones
):
    maker, other = phones
    other.sync_all(clock.now())
    body = made(services, clock, form, worklist, maker)
    other.sync_all(clock.now())
    assert returned(other, worklist) == {}, "nothing is returned, nothing travels"
    give_back(services, clock, body, reason="问13812345678的房号")
    other.sync_all(clock.now())
    assert returned(other, worklist) == {
        f"returned/{body['interview']}": {
            "household": HOME, "form": form, "form_id": "private", "round": worklist["round"],
            "revision": body["revision"], "reason": "问138****5678的房号",
            "answers": {"address": "一号", "members": [{"person_id": ANNA, "name": "安娜"}]},
            "kept": ["/members/0/number", "/remarks", "/wage"],
        }
    }  # fmt: skip
    assert NUMBER not in str(other.rows)
    assert check(services).differing == []
    services.store["feed"].delete_many({"_id.k": {"$regex": "^returned/"}})
    assert {what for _, what in check(services).differing} == {"feed", "counter"}
    rebuild(services)
    assert check(services).differing == []


def test_who_does_not_hold_the_household_is_told_nothing(services, clock, form, worklist, phones):
    body = made(services, clock, form, worklist, phones[0])
    give_back(services, clock, body)
    stranger = Phone(Exchange(services), Principal("stranger", Role.ENUMERATOR, "150625"))
    stranger.sync_all(clock.now())
    assert not [key for rows in stranger.rows.values() for key in rows if key.startswith("returned/")]
    Plans(services, Act(COORDINATOR, clock.now())).unassign(worklist["_id"], [HOME])
    phones[1].sync_all(clock.now())
    assert returned(phones[1], worklist) == {}


def test_its_correction_is_whole_refers_to_it_and_ends_it(services, clock, form, worklist, phones):
    maker, other = phones
    body = made(services, clock, form, worklist, maker)
    give_back(services, clock, body)
    other.sync_all(clock.now())
    (row,) = returned(other, worklist).values()
    told = row["answers"] | {"address": "二号", "remarks": "狗不在了"}
    second = body | {
        "revision": uuid7(), "parent": row["revision"], "answers": told,
        "kept": ["/members/0/number", "/wage"],
    }  # fmt: skip
    op = other.record("interview", second)
    (result,) = other.sync(later(clock, hours=1))["results"]
    assert (result["status"], result["issues"]) == ("stored", []), "what is kept is not missing"
    settle(services)
    for phone in phones:
        phone.sync_all(clock.now())
        assert returned(phone, worklist) == {}
    household = services.ledger.get(HOME).household
    (interview,) = household.interviews
    assert (interview.op, interview.state.value, interview.returned) == (op, "head", None)
    assert (household.text("address"), household.number("income.wage")) == ("二号", 900)
    assert household.person(ANNA).text("resident_id") == NUMBER
    assert {f"interview/{body['interview']}"} == set(maker.rows["u-maker"]) == set(other.rows["u-other"])
    said = Sight(services, COORDINATOR).interview(op).logged
    assert said.op.body["answers"] == answers(address="二号", remarks="狗不在了")
    assert check(services).differing == []


def test_a_correction_of_a_correction_is_whole_too(services, clock, form, worklist, phones):
    maker, other = phones
    first = made(services, clock, form, worklist, maker)
    parent, kept = first, ["/members/0/number", "/wage"]
    for phone, address in ((other, "二号"), (maker, "三号")):
        give_back(services, clock, parent)
        phone.sync_all(clock.now())
        (row,) = returned(phone, worklist).values()
        assert row["revision"] == parent["revision"]
        parent = first | {
            "revision": uuid7(), "parent": row["revision"], "answers": row["answers"] | {"address": address},
            "kept": kept,
        }  # fmt: skip
        phone.record("interview", parent)
        phone.sync_all(later(clock, hours=1))
        settle(services)
    household = services.ledger.get(HOME).household
    assert (household.text("address"), household.number("income.wage")) == ("三号", 900)
    assert household.person(ANNA).text("resident_id") == NUMBER
    assert check(services).differing == []


def test_two_corrections_of_one_are_a_fork_as_ever(services, clock, form, worklist, phones):
    body = made(services, clock, form, worklist, phones[0])
    give_back(services, clock, body)
    for phone, address in zip(phones, ("二号", "三号"), strict=True):
        phone.record(
            "interview",
            body | {"revision": uuid7(), "parent": body["revision"], "answers": answers(address=address)},
        )
        phone.sync_all(later(clock, hours=1))
    settle(services)
    (interview,) = services.ledger.get(HOME).household.interviews
    assert (interview.state.value, services.ledger.get(HOME).household.text("address")) == ("forked", "二号")


@pytest.mark.parametrize("kept", ["/wage", [1], ["wage"], ["/x"] * 2001])
def test_pointers_that_are_none_are_told_so(clock, form, phones, kept):
    body = answered(HOME, form, answers=answers(), kept=kept)
    phones[0].record("interview", body)
    (result,) = phones[0].sync(clock.now())["results"]
    assert (result["status"], result["at"]) == ("rejected", "/body/kept")


def test_what_is_kept_of_a_parent_that_is_not_here_is_not_there(services, clock, form, phones):
    lost = uuid7()
    body = answered(HOME, form, answers={"address": "一号"}, kept=["/wage"], parent=lost)
    phones[0].record("interview", body)
    own = answered(HOME, form, answers={"address": "二号"}, kept=["/wage"])
    own["parent"] = own["revision"]
    phones[0].record("interview", own)
    phones[0].sync_all(clock.now())
    settle(services)
    assert services.ledger.get(HOME).household.number("income.wage") is None
    assert check(services).differing == []
