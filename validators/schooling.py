"""Who must be in school: cohort and stage from birth date and school year, valid alternatives, teaching days missed.

No rule lives here. `validators/rules/schooling/_absence.py` says which days a child was out of school, and which rule
speaks of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from core.spans import NO_DAYS, Span, Spans, add_months, age_on, birthday, next_day, previous_day
from ledger.model import Person, Spell, Track
from validators.rule import Case, Term

SCHOOLING = "schooling"
ALTERNATIVE = "school.alternative"
COHORT = (
    "schooling.entry_age",
    "schooling.entry_by",
    "schooling.last_age",
    "schooling.leaving_days",
    "schooling.suspected_days",
)
"""Parameters that `pupil` asks for."""
EXCUSES = ("schooling.alternative_months", "schooling.home_visit_teaching_days")
"""Parameters that `excuses` asks for."""

_MAJORITY = 18  # 民法典 第十七条: nobody of that age is of compulsory school age
_FINAL_GRADE = 9
_AFTER_COMPULSORY = frozenset({"senior", "vocational", "higher"})
_WRITTEN = frozenset({"deferral", "suspension"})


@dataclass(frozen=True, slots=True)
class Excuse:
    """A spell of a valid alternative to school.

    Attributes:
        until: the last day on which it is valid; FOREVER when it has no end.
        proved: whether what must be shown for it was shown.
    """

    spell: Spell
    ground: str
    until: date
    proved: bool

    @property
    def days(self) -> Spans:
        """The days it covers."""
        return Spans.between(self.spell.start, self.until)


@dataclass(frozen=True, slots=True)
class Pupil:
    """A person of compulsory school age.

    Attributes:
        bound: the days of compulsory schooling: from the September of entry until grade 9 is finished.
        schools: spells of school, kindergarten left out, by start.
    """

    person: Person
    case: Case
    bound: Span
    schools: tuple[Spell, ...]

    @property
    def track(self) -> Track:
        """All that is known of schooling."""
        return self.person.track(SCHOOLING)

    @property
    def by_hand(self) -> bool:
        """Whether the case is restricted: a person handles it, and no message gives a reason."""
        reason = self.person.text("school.absence_reason")
        return self.person.text("school.restricted_note") == "True" or reason == "marriage"

    @property
    def present(self) -> Spell | None:
        """The school the child attends as far as anyone said; None: none, or not known."""
        if not self.schools or self.track.now == "no":
            return None
        last = self.schools[-1]
        return last if last.end is None else None

    def setting(self, name: str, on: date) -> int:
        """Return a parameter of whole numbers."""
        return int(self.case.parameters.at(name, on=on, region=self.case.household.region).value)

    def teaching_days(self, days: Spans) -> int:
        """Count the days of a set on which schools teach."""
        region = self.case.household.region
        return sum(self.case.calendar.teaching_days(span, region) for span in days)

    def missed(self, days: Spans) -> Spans:
        """Return the days of a set within school terms, from the first teaching day on; vacations do not count."""
        inside = Spans(
            Span(max(span.start, term.span.start), min(span.end, term.span.end))
            for span in days
            for term in terms_in(span, self.case)
        )
        if inside.start is None:
            return NO_DAYS
        calendar, region = self.case.calendar, self.case.household.region
        first = calendar.add_teaching_days(previous_day(inside.start), 1, region)
        return inside - Spans.between(date.min, previous_day(first))


def pupil(person: Person, case: Case) -> Pupil | None:
    """Return the person as a pupil, or None when compulsory schooling does not bind them (any more).

    Compulsory: from the autumn of the year in which the child is of entry age by the cutoff, to the end of the school
    year that begins when the child is of the last age on 31 August; sooner when grade 9 is finished
    (义务教育法 第二条, 第十一条).
    """
    birth = person.birth_date
    if birth is None or person.left is not None:
        return None
    found = case.parameters.once(("schooling.pupil", person.id), lambda: _bound(person, birth, case))
    return None if found is None else Pupil(person, case, *found)


def _bound(person: Person, birth: date, case: Case) -> tuple[Span, tuple[Spell, ...]] | None:
    """Return the days of compulsory schooling and the schools, or None when it is over: at once for the grown up."""
    if case.today.reached(birthday(birth, _MAJORITY)):
        return None
    spells = person.track(SCHOOLING).spells
    schools = tuple(spell for spell in spells if spell.text("stage") != "kindergarten")
    found = Pupil(person, case, Span(birth), schools)
    start, end = _compulsory(found, birth)
    finished = _finished(found)
    if finished is not None:
        end = min(end, finished)
    if end < start or case.today.reached(next_day(end)):
        return None
    return Span(start, end), schools


def _compulsory(found: Pupil, birth: date) -> tuple[date, date]:
    """Return the first and last day of compulsory schooling by age alone."""
    about = date(birth.year + 6, 8, 31)
    age = found.setting("schooling.entry_age", about)
    year = birth.year + age
    region = found.case.household.region
    cutoff = found.case.parameters.at("schooling.entry_by", on=date(year, 8, 31), region=region).value
    month, day = (int(part) for part in str(cutoff).split("-"))
    if birthday(birth, age) > date(year, month, day):
        year += 1
    last_age = found.setting("schooling.last_age", about)
    last = birth.year + last_age
    if age_on(birth, date(last, 8, 31)) < last_age:
        last += 1
    return date(year, 9, 1), date(last + 1, 8, 31)


def _finished(found: Pupil) -> date | None:
    """Return the day on which grade 9 was finished, as stated or as later schools show."""
    days = [stated] if (stated := found.person.day("school.finished_grade9_on")) else []
    for spell in found.schools:
        if spell.text("stage") in _AFTER_COMPULSORY:
            days.append(previous_day(spell.start))
        elif spell.text("stage") in {"junior", None} and (day := _left_final_grade(found, spell)):
            days.append(day)
    return min(days, default=None)


def _left_final_grade(found: Pupil, spell: Spell) -> date | None:
    """Return the day a spell of grade 9 is taken to be finished: pupils leave after the examination in June."""
    grade, reason = spell.fields.get("grade"), spell.text("leave_reason")
    if reason == "finished" and spell.end and (spell.text("stage") == "junior" or grade == _FINAL_GRADE):
        return spell.end
    if grade != _FINAL_GRADE or reason in {"dropped", "moved"}:
        return None
    closing = _school_year_end(spell.end or spell.said[-1].on, found.case)
    last = spell.end or spell.day("last_attended")
    if last is None:
        return closing
    near_the_end = last >= closing - timedelta(days=found.setting("schooling.leaving_days", last))
    if spell.end is not None:
        return spell.end if near_the_end else None
    return closing if near_the_end or not _stopped(found, spell, last) else None


def _stopped(found: Pupil, spell: Spell, last: date) -> bool:
    """Tell whether a pupil is known to have stayed away after a day for longer than the days of grace."""
    until = known_away_until(found, spell, last)
    if until is None or until <= last:
        return False
    away = found.missed(Spans.between(next_day(last), until))
    return away.days > found.setting("schooling.suspected_days", last)


def known_away_until(pupil: Pupil, spell: Spell, last: date) -> date | None:
    """Return the day up to which a child is known not to have attended again since a day, or None.

    A spell keeps the day last attended from an earlier round when a later one did not ask. So it counts only if the
    latest round must have stated it, or says that the child is in no school and lists this school again.
    """
    on = max(said.on for said in spell.said)
    earlier = max((said.on for said in spell.said if said.on < on), default=date.min)
    if spell.end is not None:
        return min(spell.end, on) if last >= earlier else None
    asked = pupil.track.asked
    again = pupil.track.now == "no" and asked is not None and asked.on == on
    return on if again or last >= earlier else None


def _school_year_end(day: date, case: Case) -> date:
    """Return the last teaching day of the school year in which a day lies."""
    calendar, region = case.calendar, case.household.region
    term = calendar.term_on(day, region)
    if term is None and day.month in {7, 8}:  # the summer after the year's last term
        return day
    term = term or calendar.next_term(day, region)
    if term is not None and term.name == "autumn":
        term = calendar.next_term(next_day(term.span.end), region)
    return day if term is None else term.span.end


def terms_in(span: Span, case: Case) -> Iterator[Term]:
    """Yield the school terms that share a day with a span."""
    calendar, region = case.calendar, case.household.region
    day = span.start
    while day <= span.end:
        term = calendar.term_on(day, region) or calendar.next_term(day, region)
        if term is None or term.span.start > span.end:
            return
        yield term
        day = next_day(term.span.end)


def excuses(pupil: Pupil) -> tuple[Excuse, ...]:
    """Return the child's valid alternatives to school, by start."""
    return tuple(_excuse(pupil, spell) for spell in pupil.person.track(ALTERNATIVE).spells)


def _excuse(pupil: Pupil, spell: Spell) -> Excuse:
    """Return how long an alternative is valid, and whether it was proved."""
    ground, document = spell.text("ground") or "", spell.fields.get("document")
    proved = document is True if ground == "elsewhere" else not (ground in _WRITTEN and document is False)
    until = spell.stated_end
    if ground == "home_teaching":
        until = min(until, visited_until(pupil, spell))
    elif ground in _WRITTEN and spell.end is None:
        months = pupil.setting("schooling.alternative_months", spell.start)
        until = previous_day(add_months(spell.start, months))
    return Excuse(spell, ground, until, proved)


def visited_until(pupil: Pupil, spell: Spell) -> date:
    """Return the last day for which the last visit of a home teacher counts; without one the first day counts."""
    visit = spell.day("home_visit_on") or spell.start
    count = pupil.setting("schooling.home_visit_teaching_days", visit)
    return pupil.case.calendar.add_teaching_days(visit, count, pupil.case.household.region)


def school_name(spell: Spell | None) -> str:
    """Return a school's name, or its code, or nothing when neither was stated."""
    return "" if spell is None else spell.text("school_name") or spell.text("school_code") or ""


def evidence(pupil: Pupil, *spells: Spell | None) -> tuple[str, ...]:
    """Return the ids of the ops that a judgement of schooling rests on, sorted."""
    ops = set(pupil.track.ops)
    for spell in spells:
        ops.update(() if spell is None else spell.ops)
    return tuple(sorted(ops))
