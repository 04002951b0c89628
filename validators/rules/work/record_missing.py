"""逐人逐户…精准掌握: what the labour ledger must hold of each worker is not told (五(一))."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span
from ledger.model import Person
from validators.labour import missing_topics
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.work._record import RECORD, owed_since


@rule("work/record-missing", clause="五(一)", severity=Severity.MAJOR, parameters=RECORD)
def record_missing(person: Person, case: Case) -> Iterator[Outcome]:
    """Some of the six topics (age, education, skill, health, work, wishes) is not told so many days after the move.

    Or after joining the household, or after coming of age. The unknown is no failing of the person: the ledger's
    keeper is to ask.
    """
    topics = missing_topics(person)
    if not topics:
        return
    since = owed_since(person, case)
    if since is None:
        return
    days = case.parameters.at("work.record.first_days", on=since, region=case.household.region).value
    if case.today.reached(since + timedelta(days=days + 1)):
        yield Outcome(
            subject=person.id,
            episode="record",
            values={"topics": topics, "days": days},
            span=Span(since),
            evidence=tuple(sorted({fact.said.op for fact in person.facts.values()})),
        )
