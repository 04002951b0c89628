"""Records: which rows are one thing, what it is and was, in whatever order it was told."""

import random
from itertools import combinations

import pytest
from households import FORMS, HOME, REGION, correction, day, op, person, record, registry, said, spell, state
from hypothesis import given
from hypothesis import strategies as st

from core.ids import EntryKind, banner_id, entry_kind, site_id
from core.spans import Span, Spans
from forms.facts import Row
from forms.op import OpKind
from ledger.dictionary import dictionary
from ledger.fold import fold, fold_entry, fold_site_statements, fold_statements
from ledger.model import Grade, Household, Site, Statement
from ledger.numbers import numbers_of
from ledger.records import _groups, _names, _Seen
from ledger.view import site_row, worklist_row

SITE = "site:s1"


def told(*statements):
    return fold_statements(HOME, REGION, statements)


def values(facts):
    return [(fact.value, fact.said.on.isoformat()) for fact in facts]


# --- one record


def test_of_a_kind_with_no_identity_facts_a_household_has_one():
    household = told(
        state(said("2020-03-01"), record("dwelling", "a", area=80)),
        state(said("2020-06-01"), record("dwelling", "b", use_observed="4")),
        state(said("2020-05-01"), record("dwelling", area=82)),
    )
    (dwelling,) = household.records("dwelling")
    assert (dwelling.id, dwelling.number("area"), dwelling.text("use_observed")) == ("dwelling", 82, "4")
    assert dwelling.ops == ("op-2020-03-01", "op-2020-05-01", "op-2020-06-01")
    assert household.record("dwelling") is dwelling
    assert list(household.all_records()) == [dwelling]


def test_rows_that_agree_in_what_identifies_them_are_one_whatever_their_keys():
    household = told(
        state(said("2020-03-01"), record("subsidy", "a", programme="grassland", year=2019, amount=100)),
        state(said("2020-06-01"), record("subsidy", "b", programme="grassland", year=2019, amount=120)),
        state(said("2020-06-01", "o3"), record("subsidy", "c", programme="grassland", year=2020)),
        state(said("2020-07-01"), record("subsidy", "a", paid_on="2020-06-30")),
    )
    assert [
        (each.id, each.number("year"), each.number("amount")) for each in household.records("subsidy")
    ] == [
        ("a", 2019, 120),
        ("c", 2020, None),
    ]
    assert household.records("subsidy")[0].day("paid_on") == day("2020-06-30")


def test_rows_of_kinds_that_only_keys_tell_apart_need_a_key():
    household = told(
        state(said("2020-03-01"), record("old_house", "a", state="1"), record("old_house", "b", state="1")),
        state(said("2020-06-01"), record("old_house", "b", state="3"), record("old_house", state="2")),
    )
    assert [(each.id, each.text("state")) for each in household.records("old_house")] == [
        ("a", "1"),
        ("b", "3"),
    ]


def test_a_row_of_the_wrong_level_or_that_says_nothing_is_no_record():
    household = told(
        state(
            said("2020-03-01"),
            person("p1", record("dwelling", "a", area=80)),
            record("training", "t", course="电焊"),
            record("castle", "c", area=3),
            record("dwelling", "d", area="large"),
            spell("job", "j", start="2020-01-01"),
        )
    )
    assert list(household.all_records()) == []
    assert household.tracks == {}


def test_a_person_has_records_and_what_changed():
    household = told(
        state(said("2020-03-01"), person("p1", record("training", "t", course="电焊"), education="81")),
        state(said("2020-06-01"), person("p1", education="81")),
        state(said("2020-09-01"), person("p1", record("training", "t", completed="yes"), education="71")),
        state(said("2020-04-01"), person("p1", education="81")),
    )
    (member,) = household.persons
    (training,) = member.records("training")
    assert (training.text("course"), training.text("completed")) == ("电焊", "yes")
    assert values(member.history("education")) == [("81", "2020-03-01"), ("71", "2020-09-01")]
    assert values(member.history("name")) == []
    assert household.record("t") == training


def test_each_change_of_a_fact_with_a_history_is_kept():
    uses = [("2020-01-01", "1"), ("2020-02-01", "1"), ("2020-03-01", "4"), ("2020-04-01", "1")]
    household = told(*(state(said(on), record("dwelling", use_observed=use)) for on, use in uses))
    (dwelling,) = household.records("dwelling")
    assert values(dwelling.history("use_observed")) == [
        ("1", "2020-01-01"),
        ("4", "2020-03-01"),
        ("1", "2020-04-01"),
    ]
    assert dwelling.history("area") == ()


def test_spells_may_be_the_households_own():
    household = told(
        state(
            said("2020-03-01"),
            spell("dibao", "a", start="2018-01-01", end="2019-12-31", amount=600),
            **{"dibao.now": "no", "dibao.history_from": "2018-01-01"},
        )
    )
    track = household.track("dibao")
    assert track.now == "no"
    assert track.covered == Spans([Span(day("2018-01-01"), day("2019-12-31"))])
    assert track.absent == Spans([Span(day("2020-01-01"), day("2020-03-01"))])
    assert household.facts == {}
    assert household.track("measure").spells == ()


# --- the office


def folded(*ops):
    household = fold(HOME, ops, FORMS)
    assert household is not None
    return household


def test_the_office_corrects_records_as_it_corrects_facts():
    base = registry(1, person("p1", record("training", "t", course="电焊")), record("dwelling", "x", area=80))
    at = ["record", "dwelling", "any"]
    household = folded(
        base,
        correction(2, (at, "area", 80, 90), (["person", "p1", "record", "training", "t"], "hours", None, 40)),
        correction(3, (["record", "dwelling", "dwelling"], "area", 80, 95)),
        correction(4, (["person", "p9", "record", "training", "t"], "hours", None, 1), (["road"], "x", 1, 2)),
    )
    (dwelling,) = household.records("dwelling")
    assert dwelling.number("area") == 90
    assert household.persons[0].records("training")[0].number("hours") == 40
    (lost,) = household.contradictions
    assert (lost.subject, lost.fact, lost.held, lost.other) == ("dwelling", "dwelling.area", "90", "95")
    assert [each.id for each in household.persons] == ["p1"]


def test_the_office_takes_a_mistaken_record_out_and_puts_it_back():
    house = registry(1, person("p1"), record("old_house", "h", state="1", mistaken=True))
    at = ["record", "old_house", "h"]
    out, back = correction(2, (at, "mistaken", None, True)), correction(3, (at, "mistaken", True, False))
    assert [each.id for each in folded(house).records("old_house")] == ["h"], "a roster cannot"
    assert folded(house, out).records_by_kind == {}
    assert [each.id for each in folded(house, out, back).records("old_house")] == ["h"]


# --- sites and banners


def at_site(on, *rows, grade=Grade.SELF_REPORT, op_id=None, **facts):
    return Statement(said(on, op_id, grade), Row("site", None, facts, rows))


def test_a_site_is_an_entry_of_its_own():
    site = fold_site_statements(
        SITE,
        REGION,
        [
            at_site(
                "2020-03-01", record("infrastructure", "a", item="road", status="4"), name="一号点", body="5"
            ),
            at_site("2020-06-01", record("infrastructure", "b", item="road", status="3"), body="2"),
        ],
    )
    assert (site.kind, site.name, site.text("body")) == ("site", "一号点", "2")
    assert values(site.history("body")) == [("5", "2020-03-01"), ("2", "2020-06-01")]
    (road,) = site.records("infrastructure")
    assert (road.id, road.text("status")) == ("a", "3")
    assert values(road.history("status")) == [("4", "2020-03-01"), ("3", "2020-06-01")]
    assert site.record("a") == road


def registered(entry, kind, number=1, *rows, **facts):
    row = Row(kind, None, facts, rows)
    made = op(OpKind.REGISTRY, number, {"region": REGION, "row": row.to_json(), "household": entry})
    return made.__class__(**{name: getattr(made, name) for name in made.__slots__} | {"household": entry})


def test_what_an_entry_is_of_is_told_by_its_id():
    assert isinstance(fold_entry(SITE, [registered(SITE, "site", name="一号点")], FORMS), Site)
    assert isinstance(fold_entry("banner:150625", [registered("banner:150625", "banner")], FORMS), Site)
    assert isinstance(fold_entry(HOME, [registry()], FORMS), Household)
    assert fold_entry(SITE, [registered(SITE, "household", site="x")], FORMS) is None
    assert entry_kind(site_id("s1")) is EntryKind.SITE
    assert entry_kind(banner_id("150625")) is EntryKind.BANNER
    for bad in ("", "a/b", "a b", "x" * 65):
        with pytest.raises(ValueError, match="no code of a site"):
            site_id(bad)
    with pytest.raises(ValueError, match="no code of a banner"):
        banner_id("1506")


# --- whatever the order

KEYS = st.none() | st.sampled_from("abcd")
ROWS = st.builds(
    lambda kind, key, facts: record(kind, key, **facts),
    st.sampled_from(["dwelling", "old_house", "subsidy", "plot"]),
    KEYS,
    st.fixed_dictionaries(
        {},
        optional={
            "use_observed": st.sampled_from("1234"),
            "state": st.sampled_from(["1", "2", "own", "idle"]),
            "year": st.integers(2018, 2020),
            "programme": st.sampled_from(["grassland", "other"]),
        },
    ),
)
OPS = st.lists(
    st.tuples(st.sampled_from(["2020-01-01", "2020-02-01", "2020-03-01"]), st.lists(ROWS, max_size=3)),
    min_size=1,
    max_size=5,
).map(
    lambda made: (
        [registry(number, *rows, on=on) for number, (on, rows) in enumerate(made, 1)]
        + [correction(len(made) + 1, (["record", "old_house", "a"], "state", None, "3"), on="2020-02-15")]
    )
)


@given(OPS, st.randoms(use_true_random=False))
def test_records_are_the_same_in_whatever_order_their_ops_come(ops, chance: random.Random):
    shuffled = [*ops, *ops[:2]]
    chance.shuffle(shuffled)
    assert folded(*shuffled) == folded(*ops)


@given(OPS)
def test_no_name_is_left_in_two_records(ops):
    for record_kind, records in folded(*ops).records_by_kind.items():
        assert len({each.id for each in records}) == len(records)
        if record_kind == "dwelling":
            assert len(records) == 1
        if record_kind == "subsidy":
            known = [(each.text("programme"), each.number("year")) for each in records]
            whole = [pair for pair in known if None not in pair]
            assert len(set(whole)) == len(whole)


def _together(spec, rows):
    """Return the groups as the words say it: rows that share a name, directly or by others, joined until none is."""
    groups = [[each] for each in rows if list(_names(spec, each))]
    while True:
        pair = next(
            (
                (one, other)
                for one, other in combinations(groups, 2)
                if {name for each in one for name in _names(spec, each)}
                & {name for each in other for name in _names(spec, each)}
            ),
            None,
        )
        if pair is None:
            return {frozenset(each.place for each in group) for group in groups}
        groups.remove(pair[1])
        pair[0].extend(pair[1])


SEEN = st.lists(
    st.tuples(
        st.none() | st.sampled_from("abcdef"),
        st.fixed_dictionaries(
            {},
            optional={"year": st.integers(2018, 2020), "programme": st.sampled_from(["grassland", "other"])},
        ),
    ),
    max_size=12,
)


@given(SEEN, st.randoms(use_true_random=False))
def test_rows_are_grouped_as_the_words_say_in_whatever_order(made, chance: random.Random):
    spec = dictionary().records["subsidy"]
    rows = [
        _Seen((0, number), said("2020-03-01"), key, values, None) for number, (key, values) in enumerate(made)
    ]
    chance.shuffle(rows)
    found = _groups(spec, rows)
    assert {frozenset(each.place for each in group) for group in found} == _together(spec, rows)
    assert sum(map(len, found)) == len({each.place for group in found for each in group})


# --- what travels to phones


def test_what_lasts_travels_to_phones_without_what_is_sensitive_or_asked_anew():
    household = told(
        state(
            said("2022-09-01"),
            person(
                "p1",
                record("training", "t1", course="电焊", start="2022-03-01"),
                record("inpatient", "i", on="2022-08-01"),
            ),
            record("dwelling", "d", area=80, use_observed="1", transfer_kind="1", cert_no="蒙1"),
            record("old_house", "h", state="1"),
            record("subsidy", "s1", programme="grassland", year=2022),
            record("subsidy", "s0", programme="grassland", year=2019),
            record("shock", "k", on="2020-01-01", aid_amount=300),
            spell("dibao", "a", start="2018-01-01"),
            spell("dibao", "b", start="2016-01-01", end="2016-12-31"),
        )
    )  # fmt: skip
    row = worklist_row(household)
    assert row["records"] == {
        "dwelling": [{"area": 80}],
        "old_house": [{"key": "h", "state": "1"}],
    }
    assert row["spells"] == {"dibao": [{"start": "2018-01-01"}]}
    (member,) = row["members"]
    assert "records" not in member


def test_a_household_without_records_has_the_row_it_had():
    assert worklist_row(told(state(said("2020-03-01"), site="一号点"))) == {
        "region": REGION, "facts": {"site": "一号点"}, "members": []
    }  # fmt: skip


def test_the_row_of_a_site_tells_its_facts_and_records():
    road = record("infrastructure", "r", item="road", status="4")
    row = site_row(fold_site_statements(SITE, REGION, [at_site("2020-03-01", road, name="一号点")]))
    assert row == {
        "region": REGION,
        "facts": {"name": "一号点"},
        "records": {"infrastructure": [{"item": "road", "status": "4"}]},
    }


def test_months_that_are_past_do_not_travel():
    sent = [record("report", month=month) for month in ("2019-01", "2020-02", "soon")]
    banner = Statement(said("2020-03-01"), Row("banner", None, {}, tuple(sent)))
    row = site_row(fold_site_statements("banner:150625", "150625", [banner]))
    assert row["records"] == {"report": [{"month": "2020-02"}, {"month": "soon"}]}


def test_an_account_in_a_record_is_found_by_its_number():
    household = told(state(said("2020-03-01"), record("subsidy", "s", account="6228 4800 1234")))
    assert list(numbers_of(household)) == [("bank_account", "622848001234")]
