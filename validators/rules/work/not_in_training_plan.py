"""计划要精准到户、精准到人: the training plan does not name a person who wants training (五(二))."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.spans import Span
from ledger.model import Fact, Person
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.work._record import norms
from validators.training import WISH
from validators.work import STANDARD, able, labour_days

_READY, _DAYS = "work.plan.ready_by", "work.plan.days"


@rule(
    "work/not-in-training-plan",
    clause="五(二)",
    severity=Severity.MAJOR,
    parameters=(*STANDARD, _READY, _DAYS),
)
def not_in_training_plan(person: Person, case: Case) -> Iterator[Outcome]:
    """Somebody able wants training, and no plan of the year names them by the day plans are to be ready.

    Who told the wish later in the year is to be named so many days after, in the next year's plan if those reach into
    it. One finding: the latest year that is due, until the plan of that year or a later one names them. Who had a
    training since is content until the wish is told again.
    """
    wish = person.facts.get(WISH)
    if wish is None or wish.value != "1" or person.left is not None:
        return
    norm = norms(case, wish.said.on)
    if not able(person, wish.said.on, norm) or _trained_since(person, wish):
        return
    planned = {record.number("year") for record in person.records("training_plan")}
    found = None
    first, age = _first_told(person, wish), labour_days(person, norm)
    for year in range(first.year, date.max.year):
        due = _due(year, first, case)
        if due.year > year:
            continue
        if due not in age or not case.today.reached(due):
            break
        found = (year, due)
    if found is not None and not any(year is not None and year >= found[0] for year in planned):
        year, due = found
        yield Outcome(
            subject=person.id,
            episode=f"plan:{year}",
            values={"year": year, "told": wish.said.on},
            span=Span(due),
            evidence=(wish.said.op,),
        )


def _first_told(person: Person, wish: Fact) -> date:
    """Return the day on which the wish that still stands was first told."""
    return min(person.history(WISH)[-1].said.on, wish.said.on)


def _due(year: int, told: date, case: Case) -> date:
    """Return the first day on which a plan of the year that names nobody is a failing."""
    on = date(year, 1, 1)
    region = case.household.region
    month, day = (int(part) for part in case.parameters.at(_READY, on=on, region=region).value.split("-"))
    days = case.parameters.at(_DAYS, on=on, region=region).value
    return max(date(year, month, day), told + timedelta(days=days)) + timedelta(days=1)


def _trained_since(person: Person, wish: Fact) -> bool:
    return any(
        (end := record.day("end")) is not None and end >= wish.said.on and record.text("completed") != "no"
        for record in person.records("training")
    )
