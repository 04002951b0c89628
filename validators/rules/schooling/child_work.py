"""Nobody under sixteen may be employed (劳动法 第十五条, 禁止使用童工规定 第二条; 三(一): 控辍保学)."""

from collections.abc import Iterator
from datetime import date

from core.spans import FOREVER, Span, birthday
from ledger.model import Person, Said
from validators.rule import Case, Outcome, Severity, rule

_AGE = "schooling.work_age"


@rule("schooling/child-work", clause="三(一)", severity=Severity.CRITICAL, parameters=(_AGE,))
def child_work(person: Person, case: Case) -> Iterator[Outcome]:
    """A child under the age of work was at work when last asked.

    Signs are the answer on work, a job that goes on, working elsewhere, and the reason of absence. It ends when
    somebody says that the child works no more, or on the birthday.
    """
    birth = person.birth_date
    if birth is None or person.left is not None:
        return
    said = _last_said(person)
    if said is None:
        return
    of_age = birthday(birth, int(case.parameters.at(_AGE, on=said.on, region=case.household.region).value))
    if said.on >= of_age or case.today.reached(of_age):
        return
    since = _job_start(person) or said.on
    yield Outcome(
        subject=person.id,
        episode="work",
        values={"said_on": said.on, "of_age": of_age},
        span=Span(min(since, said.on), FOREVER),
        evidence=(said.op,),
    )


def _last_said(person: Person) -> Said | None:
    """Return the last statement that the child works, unless a later one says it does not."""
    facts = person.facts
    signs: list[tuple[date, bool, str, Said]] = []
    for name, working in (("work.now", "yes"), ("away", "working"), ("school.absence_reason", "working")):
        fact = facts.get(name)
        if fact is not None and (fact.value == working or name == "work.now"):
            signs.append((fact.said.on, fact.value == working, fact.said.op, fact.said))
    track = person.tracks.get("job")
    if track is not None and track.asked is not None and track.now in {"yes", "no"}:
        signs.append((track.asked.on, track.now == "yes", track.asked.op, track.asked))
    if not signs:
        return None
    last = max(signs, key=lambda sign: sign[:3])
    return last[3] if last[1] else None


def _job_start(person: Person) -> date | None:
    """Return the first day of the job that goes on."""
    track = person.tracks.get("job")
    return (
        next((s.start for s in track.spells if s.end is None), None) if track and track.now == "yes" else None
    )
