from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.spans import FOREVER, NO_DAYS, Span, Spans
from ledger.model import Fact, Grade, Person, Said, Track
from validators.insurance import GAPS, KINDS, MEDICAL, PENSION, gaps, obligation
from validators.policy import DeclaredParameters, load_policy

SAID = Said("op", date(2021, 1, 1), Grade.SELF_REPORT)
POLICY = load_policy()
DAYS = st.dates(date(2013, 1, 1), date(2021, 1, 1))


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    starts = draw(st.lists(DAYS, max_size=4))
    return Spans(Span(start, start + timedelta(days=draw(st.integers(0, 500)))) for start in starts)


@st.composite
def members(draw: st.DrawFn) -> Person:
    covered = draw(spans())
    absent = draw(spans()) - covered
    tracks = {kind: Track(kind, (), covered, absent) for kind in KINDS.values()}
    born = draw(st.dates(date(1950, 1, 1), date(2021, 1, 1)))
    return Person(
        "p", {"birth_date": Fact(born, SAID)}, tracks, draw(st.none() | DAYS), draw(st.none() | DAYS)
    )


def params() -> DeclaredParameters:
    return DeclaredParameters("insurance/test", {name: POLICY.parameters[name] for name in GAPS})


@given(member=members(), branch=st.sampled_from([MEDICAL, PENSION]))
def test_a_break_is_made_of_obliged_days_known_to_be_without_cover(member: Person, branch: str) -> None:
    track = member.tracks[KINDS[branch]]
    found = gaps(member, branch, params())
    missing = NO_DAYS
    if track.absent.end is not None:
        missing = obligation(member, branch, params(), on=track.absent.end).sure & track.absent
    for gap in found:
        assert gap.span.start in missing
        assert gap.span.end in missing
        assert Spans([gap.longest]) - missing == NO_DAYS
        assert Spans([gap.span]) & track.covered == NO_DAYS
    assert all(one.span.end < other.span.start for one, other in pairwise(found))
    outside = missing - Spans(gap.span for gap in found)
    assert outside.end is None or outside.end <= member.birth_date + timedelta(days=90)


@given(born=st.dates(date(1940, 1, 1), date(2020, 1, 1)), day=DAYS)
def test_pension_is_a_duty_from_the_year_after_16_to_the_day_before_60(born: date, day: date) -> None:
    member = Person("p", {"birth_date": Fact(born, SAID)})
    duty = obligation(member, PENSION, params(), on=date(2021, 1, 1))
    first = max(date(born.year + 17, 1, 1), date(2014, 1, 1))
    last = (
        date(born.year + 60, 3, 1) if (born.month, born.day) == (2, 29) else born.replace(year=born.year + 60)
    )
    assert (day in duty.possible) is (first <= day < last)


def test_without_a_date_of_birth_medical_cover_is_a_duty_and_pension_is_not() -> None:
    member = Person("p")
    assert obligation(member, MEDICAL, params(), on=date(2021, 1, 1)).sure == Spans(
        [Span(date(2014, 1, 1), FOREVER)]
    )
    assert not obligation(member, PENSION, params(), on=date(2021, 1, 1)).possible
