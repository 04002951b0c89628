"""Work (一(二), 五): labour age, ability, will, stable work on a day, and the state of work by ICLS-19.

Pure predicates that the rules of `validators/rules/work` and the monthly report share; no rule is in it. Each answer is
a `Verdict`, and unknown is never no. What was said of a person's work holds for the days of refreshing; ability and
wishes hold until something else is said. Herding for own use is 务农牧 in the ledger and no employment by ICLS-19: the
two states stand side by side, and neither is derived from the other.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from core.spans import NO_DAYS, Span, Spans, add_months, birthday, next_day, previous_day
from ledger.model import Fact, Household, Person, Spell
from validators.rule import Parameters
from validators.verdict import NO, UNKNOWN, YES, Verdict, all_of, any_of

JOB = "job"
STANDARD = (
    "work.age.first",
    "work.age.last",
    "work.able_classes",
    "work.refresh_days",
    "work.stable.months",
    "work.stable.hours_week",
    "work.stable.farming",
)
"""Parameters that a rule declares when it asks for `standard`."""

_FARMING = "farming"
_NO_FIXED_TERM = "41"
_OUT_OF_WORK = frozenset({"6", "7", "8", "9", "10"})
_DAYS_OF_A_MONTH = 30


class Labour(StrEnum):
    """The state of work by ICLS-19; the potential labour force stands apart from those outside."""

    EMPLOYED = "employed"
    UNEMPLOYED = "unemployed"
    POTENTIAL = "potential"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standard:
    """What counts, as of a day and in a region.

    Attributes:
        first_age, last_age: labour age in completed years, both included.
        able: skill classes that are able to work.
        refresh_days: days for which what was said of a person's work holds.
        months: months of work, of a contract or of an own business that make work stable.
        hours_week: least hours a week.
        farming: whether farming for sale counts.
    """

    first_age: int
    last_age: int
    able: frozenset[str]
    refresh_days: int
    months: int
    hours_week: float
    farming: bool


def standard(params: Parameters, on: date, region: str = "") -> Standard:
    """Return what counts on a day (`STANDARD`), once a judgement.

    The notice defines none of it (DOMAIN §0, reading 3).
    """
    return params.once(("work.standard", on.isoformat(), region), lambda: _standard(params, on, region))


def _standard(params: Parameters, on: date, region: str) -> Standard:
    def value(name: str) -> Any:
        return params.at(f"work.{name}", on=on, region=region).value

    return Standard(
        value("age.first"),
        value("age.last"),
        frozenset(value("able_classes")),
        value("refresh_days"),
        value("stable.months"),
        value("stable.hours_week"),
        value("stable.farming"),
    )


def told(person: Person, name: str, on: date) -> Fact | None:
    """Return what was last said of a fact by a day."""
    fact = person.facts.get(name)
    if fact is None or fact.said.on <= on:
        return fact
    return next((each for each in reversed(person.history(name)) if each.said.on <= on), None)


# --- age, ability, will


def labour_days(person: Person, standard: Standard) -> Spans:
    """Return the days of labour age: from the birthday of the first age to the day before that of the last and one.

    No days when nobody stated the date of birth.
    """
    birth = person.birth_date
    if birth is None:
        return NO_DAYS
    last = previous_day(birthday(birth, standard.last_age + 1))
    return Spans.between(birthday(birth, standard.first_age), last)


def of_labour_age(person: Person, on: date, standard: Standard) -> Verdict:
    """Tell whether a person is of labour age (五(一): 搬迁劳动力; the ages are our proposal)."""
    if person.birth_date is None:
        return UNKNOWN
    return YES if on in labour_days(person, standard) else NO


def able(person: Person, on: date, standard: Standard) -> Verdict:
    """Tell whether a person is able to work (有劳动能力), by the skill class of the register as last stated."""
    fact = told(person, "skill_class", on)
    if fact is None:
        return UNKNOWN
    return YES if fact.value in standard.able else NO


def willing(person: Person, wish: str, on: date) -> Verdict:
    """Tell whether a person wants it, as last said; `wish` is `work_willing` or `train_willing`. 不清 is unknown."""
    fact = told(person, wish, on)
    if fact is None:
        return UNKNOWN
    return {"1": YES, "2": NO}.get(str(fact.value), UNKNOWN)


def labour(person: Person, on: date, standard: Standard) -> Verdict:
    """Tell whether a person is able, willing to work and of labour age, in the household on the day (一(二))."""
    if on not in person.life:
        return NO
    return all_of(
        (
            of_labour_age(person, on, standard),
            able(person, on, standard),
            willing(person, "work_willing", on),
        )
    )


def eligible(household: Household, on: date, standard: Standard) -> Verdict:
    """Tell whether a household is able and willing: 有劳动能力且有就业意愿的搬迁家庭 (一(二))."""
    return any_of(labour(person, on, standard) for person in household.persons)


def able_and_willing(person: Person, wish: str, standard: Standard) -> Spans:
    """Return the days on which a person is known to be able, of labour age, and to have had a wish.

    Ability holds from the day it was stated until another was. A wish is known on the days on which it was told, and
    between the first and the last time it was told without another answer in between.
    """
    return labour_days(person, standard) & _able_days(person, standard) & _wish_days(person, wish)


def _changes(person: Person, name: str) -> tuple[Fact, ...]:
    fact = person.facts.get(name)
    return person.history(name) or (() if fact is None else (fact,))


def _able_days(person: Person, standard: Standard) -> Spans:
    facts = _changes(person, "skill_class")
    if not facts:
        return NO_DAYS
    ends = [previous_day(fact.said.on) for fact in facts[1:]] + [date.max]
    return Spans(
        Span(fact.said.on, end)
        for fact, end in zip(facts, ends, strict=True)
        if fact.value in standard.able and fact.said.on <= end
    )


def _wish_days(person: Person, wish: str) -> Spans:
    days = [Span(fact.said.on, fact.said.on) for fact in _changes(person, wish) if fact.value == "1"]
    now, changes = person.facts.get(wish), _changes(person, wish)
    if now is not None and now.value == "1" and changes[-1].said.on <= now.said.on:
        days.append(Span(changes[-1].said.on, now.said.on))
    return Spans(days)


# --- stable work


def known_until(person: Person) -> date | None:
    """Return the last day on which anything is known of a person's work, or None."""
    track = person.tracks.get(JOB)
    days = [] if track is None else [track.covered.end, track.absent.end]
    days += [
        None if fact is None else fact.said.on
        for fact in (person.facts.get("admin_status"), person.facts.get("work.months12"))
    ]
    return max((day for day in days if day is not None), default=None)


def at_work(person: Person, on: date, standard: Standard) -> Verdict:
    """Tell whether a person has a job, farming included, as far as what was last said by the day still holds."""
    day = _day_known(person, on, standard)
    return UNKNOWN if day is None else _at_work(person, day)


def stable(person: Person, on: date, standard: Standard) -> Verdict:
    """Tell whether a person is in stable work (稳定就业) on a day, by what was known by then and still holds."""
    day = _day_known(person, on, standard)
    return UNKNOWN if day is None else stable_as_known(person, day, standard)


def stable_as_known(person: Person, day: date, standard: Standard) -> Verdict:
    """Tell whether a person was in stable work on a day on which something is known of their work.

    Stable, one of: a written contract of which so many months were served or remain, or without fixed term; so many
    months of work for pay or profit in the last twelve, for any employers; a licensed own business run so long; a
    public-service post with its agreement in force. And at least so many hours a week. Farming counts only when it is
    for sale and the parameter says so. The notice defines none of this: DOMAIN §1.4 E1, our proposal.
    """
    jobs = [spell for spell in person.track(JOB).spells if day in spell.days]
    kept = any_of(_kept(job, day, standard) for job in jobs)
    if not jobs and _at_work(person, day) is not NO:
        kept = UNKNOWN
    verdict = any_of((kept, _worked_months(person, day, standard)))
    return all_of((verdict, _enough_hours(person, day, jobs, standard))) if verdict is not NO else NO


def stable_in(household: Household, on: date, standard: Standard) -> dict[str, Verdict]:
    """Return for each member from the first working age on whether they are in stable work, by person id.

    Of members outside labour age, without ability or in school nothing need be known: they count only when known to
    be in stable work, so silence about a grandmother hides no household without work.
    """
    return {
        person.id: counted(person, on, standard, stable(person, on, standard))
        for person in household.persons
        if on in person.life and not child(person, on, standard)
    }


def counted(person: Person, on: date, standard: Standard, verdict: Verdict) -> Verdict:
    """Return the verdict on a member's work; no instead of unknown where nobody expects work."""
    if verdict is not UNKNOWN:
        return verdict
    beyond = of_labour_age(person, on, standard) is NO or able(person, on, standard) is NO
    return NO if beyond or in_school(person, on) else UNKNOWN


def in_school(person: Person, on: date) -> Verdict:
    """Tell whether a person was in school when last asked by a day; the ledger's state of work says so too."""
    fact, state = told(person, "in_school", on), told(person, "admin_status", on)
    if state is not None and state.value == "9":
        return YES
    return UNKNOWN if fact is None else NO if fact.value == "none" else YES


def child(person: Person, on: date, standard: Standard) -> bool:
    """Tell whether a person is known to be under labour age."""
    birth = person.birth_date
    return birth is not None and on < birthday(birth, standard.first_age)


def _day_known(person: Person, on: date, standard: Standard) -> date | None:
    """Return the day as of which a person's work is judged on a day: the last known one, while it still holds."""
    track = person.tracks.get(JOB)
    days = [] if track is None else [_last(track.covered, on), _last(track.absent, on)]
    for name in ("admin_status", "work.months12"):
        fact = told(person, name, on)
        days.append(None if fact is None or fact.said.on > on else fact.said.on)
    known = max((day for day in days if day is not None), default=None)
    if known is None or on > known + timedelta(days=standard.refresh_days):
        return None
    return known


def _last(days: Spans, on: date) -> date | None:
    """Return the last of some days up to a day."""
    return (days & Spans.between(date.min, on)).end


def _at_work(person: Person, day: date) -> Verdict:
    track = person.track(JOB)
    if day in track.covered:
        return YES
    if day in track.absent:
        return NO
    state = told(person, "admin_status", day)
    if state is None:
        return UNKNOWN
    return NO if state.value in _OUT_OF_WORK else YES


def _kept(job: Spell, day: date, standard: Standard) -> Verdict:
    """Tell whether a job is stable by its contract, licence or agreement."""
    served = Span(job.start, day).whole_months >= standard.months
    kind, contract = job.text("kind"), job.text("contract")
    if kind == _FARMING:
        return NO
    if kind == "own_business":
        return {"yes": YES, "no": NO}.get(job.text("licensed") or "", UNKNOWN) if served else NO
    end = job.day("contract_end")
    if contract in {"none", "oral"} or (end is not None and end < day):
        return NO
    if contract != "written":
        return UNKNOWN
    if served or kind == "public_post" or job.text("status") == _NO_FIXED_TERM:
        return YES
    return UNKNOWN if end is None else YES if Span(day, end).whole_months >= standard.months else NO


def _worked_months(person: Person, day: date, standard: Standard) -> Verdict:
    """Tell whether a person worked for pay or profit for enough of the twelve months up to a day."""
    year = Spans.between(next_day(add_months(day, -12)), day)
    track = person.track(JOB)
    sure = Spans(spell.days for spell in track.spells if _pays(spell, standard) is YES) & year
    if months_in(sure) >= standard.months:
        return YES
    stated = told(person, "work.months12", day)
    fresh = day - timedelta(days=standard.refresh_days)
    if stated is not None and stated.said.on >= fresh and isinstance(stated.value, int | float):
        return YES if stated.value >= standard.months else NO
    unpaid = Spans(spell.days for spell in track.spells if _pays(spell, standard) is NO)
    return NO if months_in(year - track.absent - (unpaid - sure)) < standard.months else UNKNOWN


def _pays(spell: Spell, standard: Standard) -> Verdict:
    """Tell whether a spell is work for pay or profit that counts."""
    if spell.text("kind") != _FARMING:
        return YES
    if not standard.farming:
        return NO
    return {"yes": YES, "no": NO}.get(spell.text("for_sale") or "", UNKNOWN)


def months_in(days: Spans) -> int:
    """Return the months in some days: the calendar months of each stretch, and one for each thirty days left over."""
    months = over = 0
    for span in days:
        whole = span.whole_months
        months += whole
        over += (next_day(span.end) - add_months(span.start, whole)).days
    return months + over // _DAYS_OF_A_MONTH


def _enough_hours(person: Person, day: date, jobs: list[Spell], standard: Standard) -> Verdict:
    """Tell whether the hours a week are enough: of all jobs of the day; without one, of the fullest of the year."""
    year = Span(next_day(add_months(day, -12)), day)
    among = jobs or [spell for spell in person.track(JOB).spells if spell.days.meets(year)]
    hours = [each for spell in among if isinstance(each := spell.fields.get("hours_week"), int | float)]
    if hours and (sum(hours) if jobs else max(hours)) >= standard.hours_week:
        return YES
    if len(hours) < len(among) or not among:
        fact = told(person, "work.hours_week", day)
        if fact is None or not isinstance(fact.value, int | float):
            return UNKNOWN
        return YES if fact.value >= standard.hours_week else NO
    return NO


# --- ICLS-19


def icls(person: Person, on: date, standard: Standard) -> Labour:
    """Return the state of work by ICLS-19, as last asked by a day and while that holds.

    Employed: an hour for pay or profit in seven days, or absent from a job. Unemployed: neither, sought in four weeks
    and available within two. Potential labour force: one of the two. Outside: neither. Own-use production is none.
    """
    worked, absent = (_answer(person, f"icls.{name}", on, standard) for name in ("worked", "absent"))
    employed = any_of((worked, absent))
    if employed is YES:
        return Labour.EMPLOYED
    sought, available = (_answer(person, f"icls.{name}", on, standard) for name in ("sought", "available"))
    if employed is UNKNOWN or UNKNOWN in {sought, available}:
        return Labour.UNKNOWN
    if sought is YES and available is YES:
        return Labour.UNEMPLOYED
    return Labour.POTENTIAL if YES in {sought, available} else Labour.OUTSIDE


def _answer(person: Person, name: str, on: date, standard: Standard) -> Verdict:
    fact = told(person, name, on)
    if fact is None or not fact.said.on <= on <= fact.said.on + timedelta(days=standard.refresh_days):
        return UNKNOWN
    return {"yes": YES, "no": NO}.get(str(fact.value), UNKNOWN)
