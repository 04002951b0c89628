from dataclasses import replace
from datetime import UTC, date, datetime

from core.spans import FOREVER, Span
from store import Store
from validators.findings import Event, Filters, Finding, FindingRepository, State, Why
from validators.rule import Severity

OPENED = Event(datetime(2020, 8, 3, 4, tzinfo=UTC), date(2020, 8, 3), State.OPEN, Why.OPENED, op="op-1")
FINDING = Finding(
    id="f-1",
    household="h1",
    region="150625101201",
    rule="insurance/lapse",
    rule_version=1,
    clause="三(三)",
    subject="p1",
    episode="medical:2020-04-01",
    severity=Severity.MAJOR,
    unit="medical_insurance",
    state=State.OPEN,
    opened_on=date(2020, 8, 3),
    due=date(2020, 8, 24),
    span=Span(date(2020, 4, 1), FOREVER),
    variant=("move",),
    values={
        "months": 4,
        "share": 0.5,
        "told": True,
        "paid_on": date(2020, 1, 5),
        "places": ("150625", "150602"),
        "branch": "medical",
    },
    evidence=("op-1", "op-2"),
    parameters=(("insurance.medical.bridge_months", date(2014, 1, 1)),),
    yielded=True,
    history=(OPENED,),
)


def some(number: int, **changes: object) -> Finding:
    return replace(FINDING, id=f"f-{number}", episode=f"e-{number}", **changes)


def test_a_finding_comes_back_as_it_was_written(store: Store) -> None:
    findings = FindingRepository(store)
    bare = some(2, span=None, values={}, variant=(), history=(), evidence=())
    findings.upsert_many(None, [FINDING, bare])
    assert findings.of_households(["h1", "h2"]) == {"h1": {"f-1": FINDING, "f-2": bare}}
    acted = replace(FINDING, state=State.ACTED)
    store.transaction(lambda session: findings.upsert_many(session, [acted]))
    assert findings.get("f-1", "150625") == acted


def test_nobody_reads_a_finding_outside_the_region(store: Store) -> None:
    findings = FindingRepository(store)
    findings.upsert_many(None, [FINDING])
    for prefix in ("", "1506", "150625", "150625101", "150625101201", "15062510"):
        assert findings.get("f-1", prefix) == FINDING
        assert findings.page(prefix, Filters()) == [FINDING]
    for prefix in ("1507", "150626", "150625102", "150625101202", "15062511"):
        assert findings.get("f-1", prefix) is None
        assert findings.page(prefix, Filters()) == []
        assert findings.counts(prefix) == {}


def test_pages_follow_each_other_by_deadline_without_gap_or_repeat(store: Store) -> None:
    findings = FindingRepository(store)
    written = [some(n, due=date(2020, 8, 20 + n % 3)) for n in range(10)]
    findings.upsert_many(None, written)
    read: list[Finding] = []
    after = None
    while page := findings.page("150625", Filters(states=(State.OPEN,)), after=after, limit=3):
        read += page
        after = (page[-1].due, page[-1].id)
    assert read == sorted(written, key=lambda finding: (finding.due, finding.id))


def test_each_filter_narrows(store: Store) -> None:
    findings = FindingRepository(store)
    other = some(
        2,
        unit="education",
        rule="schooling/dropout",
        state=State.ACTED,
        severity=Severity.CRITICAL,
        household="h2",
        due=date(2020, 8, 10),
    )
    findings.upsert_many(None, [FINDING, other])
    for narrowed in (
        Filters(unit="education"),
        Filters(states=(State.ACTED, State.VERIFIED)),
        Filters(rule="schooling/dropout"),
        Filters(severity=Severity.CRITICAL),
        Filters(household="h2"),
        Filters(overdue_on=date(2020, 8, 24)),
    ):
        assert findings.page("150625", narrowed) == [other]
    assert findings.page("150625", Filters(overdue_on=date(2020, 8, 25))) == [other, FINDING]
    overdue = Filters(overdue_on=date(2020, 8, 25))
    assert findings.page("150625", overdue, after=(other.due, other.id)) == [FINDING]


def test_counts_are_by_rule_and_state(store: Store) -> None:
    findings = FindingRepository(store)
    findings.upsert_many(
        None, [FINDING, some(2), some(3, state=State.ACTED), some(4, rule="schooling/dropout")]
    )
    assert findings.counts("1506") == {
        "insurance/lapse": {State.ACTED: 1, State.OPEN: 2},
        "schooling/dropout": {State.OPEN: 1},
    }


def test_the_work_of_a_unit_is_read_in_the_order_of_an_index(store: Store) -> None:
    findings = FindingRepository(store)
    findings.upsert_many(None, [some(n) for n in range(50)])
    query = {"unit": "medical_insurance", "areas": "150625", "state": "open"}
    plan = store["findings"].find(query).sort([("due", 1), ("_id", 1)]).limit(5).explain()
    assert "SORT" not in str(plan["queryPlanner"]["winningPlan"]).replace("SORT_MERGE", "")
