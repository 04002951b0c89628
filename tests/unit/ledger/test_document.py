"""A household as the database keeps it, and as phones pull it."""

import gzip
import json
import random
import uuid
from datetime import date

import bson
from households import (
    FORMS,
    HOME,
    MEDICAL,
    REGION,
    correction,
    day,
    interview,
    op,
    person,
    registry,
    said,
    spell,
    state,
)
from hypothesis import given
from hypothesis import strategies as st

from forms.facts import Row
from forms.op import OpKind
from ledger.document import digest, from_document, to_document
from ledger.fold import fold, fold_site_statements, fold_statements
from ledger.model import Grade, Household, Statement
from ledger.view import worklist_row


def through_bson(document):
    return bson.decode(bson.encode(document))


def test_an_answer_of_none_of_them_is_a_fact_and_is_kept():
    household = fold_statements(
        HOME,
        REGION,
        [
            state(said("2020-03-01"), person(health=["chronic"]), **{"publicity.known": ["work"]}),
            state(said("2020-06-01"), person(health=[]), **{"publicity.known": []}),
        ],
    )
    assert household.facts["publicity.known"].value == ()
    assert [fact.value for fact in household.persons[0].history("health")] == [("chronic",), ()]
    assert "publicity.known" not in fold_statements(HOME, REGION, [state(said("2020-03-01"))]).facts
    assert from_document(through_bson(to_document(household))) == household


DAYS = st.dates(date(2018, 1, 1), date(2022, 12, 31)).map(date.isoformat)
SPELLS = st.builds(
    lambda key, fields: spell(MEDICAL, key, **fields),
    st.sampled_from("abc"),
    st.fixed_dictionaries(
        {"start": DAYS},
        optional={
            "end": DAYS,
            "paid_on": DAYS,
            "scheme": st.sampled_from(["res", "emp"]),
            "transfer.state": st.just("done"),
            "amount": st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False),
            "paid_for": DAYS | st.text(max_size=5),
            "evidence": st.sampled_from(["card", "agency_extract"]),
        },
    ),
)
PERSONS = st.builds(
    lambda key, facts, spells: Row("person", key, facts, tuple(spells)),
    st.sampled_from(["p1", "p2", "p.3$"]),
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.text(max_size=4),
            "birth_date": DAYS,
            "health": st.lists(st.sampled_from(["healthy", "chronic"])),
            "school.language_accepted": st.booleans(),
            "exit.event": st.sampled_from(["died", "mistaken"]),
            f"{MEDICAL}.now": st.sampled_from(["yes", "no", "unknown"]),
            f"{MEDICAL}.history_from": DAYS,
        },
    ),
    st.lists(SPELLS, max_size=2),
)
RECORDS = st.builds(
    lambda kind, key, facts: Row(f"record:{kind}", key, facts),
    st.sampled_from(["dwelling", "old_house", "subsidy"]),
    st.sampled_from("ab"),
    st.fixed_dictionaries(
        {},
        optional={
            "use_observed": st.sampled_from(["1", "4"]),
            "state": st.sampled_from(["1", "3"]),
            "year": st.integers(2018, 2020),
            "programme": st.sampled_from(["grassland", "other"]),
            "handover_on": DAYS,
        },
    ),
)
HOUSEHOLD_SPELLS = st.builds(lambda key, start: spell("dibao", key, start=start), st.sampled_from("ab"), DAYS)
PLACES = st.builds(
    lambda on, op_id, facts, status: Statement(
        said(on, op_id),
        Row("site", None, facts, (Row("record:infrastructure", "x", {"item": "road", "status": status}),)),
    ),
    DAYS,
    st.sampled_from(["o1", "o2", "o3"]),
    st.fixed_dictionaries({}, optional={"name": st.text(max_size=4), "body": st.sampled_from("12")}),
    st.sampled_from("1234"),
)
STATEMENTS = st.builds(
    lambda on, op_id, grade, persons, parts: state(said(on, op_id, grade), *persons, *parts),
    DAYS,
    st.sampled_from(["o1", "o2", "o3"]),
    st.sampled_from(Grade),
    st.lists(PERSONS, max_size=2),
    st.lists(RECORDS | HOUSEHOLD_SPELLS, max_size=3),
)


@given(st.lists(STATEMENTS, max_size=4))
def test_a_household_comes_back_from_the_database_as_it_was(statements):
    household = fold_statements(HOME, REGION, statements)
    document = to_document(household)
    back = from_document(through_bson(document))
    assert back == household
    assert digest(to_document(back)) == digest(document) == digest(through_bson(document))


@given(st.lists(PLACES, max_size=4))
def test_a_site_comes_back_from_the_database_as_it_was(statements):
    site = fold_site_statements("site:s1", REGION, statements)
    document = to_document(site)
    assert from_document(through_bson(document)) == site
    assert digest(document) == digest(through_bson(document))


def test_an_entry_without_records_is_written_as_before_there_were_any():
    household = fold_statements(HOME, REGION, [state(said("2020-03-01"), person(education="71"))])
    document = to_document(household)
    assert document.keys() == {
        "id", "region", "facts", "persons", "contradictions", "interviews", "visits", "said"
    }  # fmt: skip
    assert document["persons"][0].keys() == {"id", "joined", "left", "facts", "tracks"}


def whole() -> Household:
    household = fold(
        HOME,
        [
            registry(
                1, person("p1", name="张三", relation="02", phone="13900000000"), person("p2", name="李四")
            ),
            interview(2, {"members": [{"id": "p1", "now": "yes", "birth_date": "1980-03-02"}]}, revision="a"),
            interview(3, {"members": [{"id": "p1", "birth_date": "1981-03-02"}]}, revision="b"),
            interview(4, {"members": [{"id": "p2", "exit": "died"}]}, interview="i2", visit_round=None),
            interview(
                5, {"members": [{"id": "p1", "birth_date": "1982-03-02"}]}, interview="i3", on="2020-09-01"
            ),
            correction(6, (None, "site", None, "一号点")),
            op(OpKind.VISIT, 7, {"round": "r1", "outcome": "refused"}),
        ],
        FORMS,
    )
    assert household is not None
    return household


def test_interviews_visits_and_contradictions_come_back_too():
    household = whole()
    assert household.interviews
    assert household.visits
    assert household.contradictions
    assert from_document(json.loads(json.dumps(to_document(household)))) == household


def test_households_that_differ_have_other_digests():
    one, other = (
        state(said("2020-03-01"), person(name="张三")),
        state(said("2020-03-02"), person(name="张三")),
    )
    digests = {digest(to_document(fold_statements(HOME, REGION, [each]))) for each in (one, other)}
    assert len(digests) == 2


def test_a_statement_is_written_once_however_much_it_says():
    household = fold_statements(
        HOME, REGION, [state(said("2020-03-01"), person("p1", name="张三"), move_in="2019-10-12")]
    )
    assert to_document(household)["said"] == [["op-2020-03-01", "2020-03-01", 1]]


def test_the_row_of_a_phone_tells_who_lives_there_and_what_was_asked():
    row = worklist_row(whole())
    assert row["facts"] == {"registry_no": "HJ-1", "site": "一号点"}
    assert row["members"] == [
        {"id": "p1", "name": "张三", "birth_date": "1982-03-02", "relation": "02"},
        {"id": "p2", "name": "李四", "left": "2020-03-01", "event": "died"},
    ]
    assert row["interviews"]["household"] == {"on": "2020-09-01", "round": "r1", "state": "contested"}
    assert row["visits"] == [["2020-03-01", "refused"]]
    assert json.loads(json.dumps(row)) == row


def test_the_row_of_a_phone_shows_open_spells_or_else_the_last():
    member = person(
        "p1",
        spell(MEDICAL, "a", start="2018-01-01", end="2018-12-31", scheme="res"),
        spell(MEDICAL, "b", start="2019-01-01", end="2019-12-31", scheme="emp", evidence="card"),
        spell("schooling", "c", start="2018-09-01", end="2019-07-15", school_name="一小"),
        spell("schooling", "d", start="2019-09-01", school_name="二小", registry__no="G1"),
    )
    household = fold_statements(HOME, REGION, [state(said("2020-03-01"), member)])
    (only,) = worklist_row(household)["members"]
    assert only["spells"] == {
        MEDICAL: [{"start": "2019-01-01", "end": "2019-12-31", "scheme": "emp"}],
        "schooling": [{"start": "2019-09-01", "school_name": "二小"}],
    }


def test_a_spell_travels_with_its_key_only_where_its_first_day_does_not_name_it():
    member = person(
        "p1",
        spell("job", "a", start="2019-01-01", employer="合作社"),
        spell("job", "b", start="2019-01-01", employer="社区"),
        spell("hukou", "c", start="1980-03-02", place="150625"),
        birth_date="1980-03-02",
    )
    (only,) = worklist_row(fold_statements(HOME, REGION, [state(said("2020-03-01"), member)]))["members"]
    assert [row["key"] for row in only["spells"]["job"]] == ["a", "b"]
    assert only["spells"]["hukou"] == [{"place": "150625"}], "who lives where they were born, since birth"


def test_what_no_visit_needs_stays_in_the_ledger():
    """A fact travels because it is named for it; what is sensitive and asked by nobody at the door does not."""
    member = person(
        "p1",
        spell("job", "a", start="2018-01-01", end="2019-01-01", employer="合作社"),
        spell("insurance.medical", "b", start="2019-01-01", scheme="res", payer="gov_part", state="active"),
        spell("category", "c", start="2019-01-01", category="minimum_living"),
        spell("exemption", "d", start="2019-01-01", ground="army"),
        nation="02", away="city", phone="139", admin_status="7", school__absence_reason="illness", party__member="yes",
    )  # fmt: skip
    statement = state(
        said("2020-03-01"), member, phone="138", origin="150625104211", income__wage=3, occupied="partly"
    )
    row = worklist_row(fold_statements(HOME, REGION, [statement]))
    assert row["facts"] == {"phone": "138"}
    (only,) = row["members"]
    assert only["facts"] == {"nation": "02"}
    assert only["spells"] == {"insurance.medical": [{"start": "2019-01-01", "scheme": "res"}]}


def test_the_row_of_a_phone_names_nobody_by_a_number_and_nobody_who_was_a_mistake():
    household = fold_statements(
        HOME,
        REGION,
        [
            state(
                said("2020-03-01"),
                person("p1", name="张三", resident_id="152726198003020019", phone="139"),
                person("p2", name="李四", exit__event="mistaken"),
                phone="138",
            )
        ],
    )
    text = json.dumps(worklist_row(household), ensure_ascii=False)
    assert [number for number in ("152726198003020019", "139") if f'"{number}"' in text] == []
    assert worklist_row(household)["facts"]["phone"] == "138", "whoever is to visit calls the household first"
    assert "李四" not in text
    assert worklist_row(household)["members"][0]["birth_date"] == "1980-03-02"


def typical(chance: random.Random) -> Household:
    """Return a household of four with covers, a pupil, and an interview a form, ids as devices make them."""

    def made() -> str:
        return str(uuid.UUID(int=chance.getrandbits(128)))

    interview_id = made()
    persons = []
    for place in range(4):
        name = (
            chance.choice("张王李赵陈刘")
            + chance.choice("建国伟芳娜静丽强磊军")
            + chance.choice("华明英杰霞")
        )
        born = date(
            1940 + chance.randrange(75), 1 + chance.randrange(12), 1 + chance.randrange(28)
        ).isoformat()
        at = f"{interview_id}@/members/{place}"
        rows = [
            spell(
                MEDICAL, f"{at}/medical/0", scheme="res", place="150625", start="2020-01-01", end="2020-12-31"
            ),
            spell("insurance.pension", f"{at}/pension/0", scheme="res", place="150625", start="2016-05-01"),
        ]
        if place == 3:
            rows.append(
                spell(
                    "schooling",
                    f"{at}/schooling/0",
                    school_name="锡尼镇第一小学",
                    grade=3,
                    start="2018-09-01",
                )
            )
        facts = {
            "name": name,
            "sex": chance.choice("12"),
            "birth_date": born,
            "relation": "02" if not place else "20",
        }
        persons.append(person(made(), *rows, **facts, nation="02", education="71", skill_class="ordinary"))
    statement = state(
        said("2020-03-01"), *persons, move_in="2019-10-12", site="锡尼镇安置点", registry_no=made()[:8]
    )
    return fold_statements(made(), REGION, [statement])


def test_three_hundred_households_fit_into_a_hundred_kilobytes():
    chance = random.Random(7)  # noqa: S311 - the same households in every run
    rows = [worklist_row(typical(chance)) for _ in range(300)]
    packed = gzip.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode())
    assert len(packed) <= 100_000


def test_a_person_keeps_the_day_of_joining():
    household = fold_statements(
        HOME, REGION, [state(said("2020-03-01"), person(entry__event="marriage", entry__date="2020-02-02"))]
    )
    assert worklist_row(household)["members"][0]["joined"] == "2020-02-02"
    assert from_document(to_document(household)).persons[0].joined == day("2020-02-02")
