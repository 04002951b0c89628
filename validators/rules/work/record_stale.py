"""对安置点搬迁劳动力就业情况实施动态管理: the record is too old (五(一))."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span
from ledger.model import Person
from validators.labour import last_told, missing_topics
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.work._record import RECORD, norms, owed_since


@rule("work/record-stale", clause="五(一)", severity=Severity.MAJOR, parameters=RECORD)
def record_stale(person: Person, case: Case) -> Iterator[Outcome]:
    """Nobody told of the person's work or wishes for more than the days of refreshing; a telephone call is enough.

    A record that is not complete is `work/record-missing` and not told twice.
    """
    told = last_told(person)
    if told is None or owed_since(person, case) is None or missing_topics(person):
        return
    days = norms(case, told).refresh_days
    if case.today.reached(told + timedelta(days=days + 1)):
        yield Outcome(
            subject=person.id,
            episode=f"told:{told.isoformat()}",
            values={"told": told, "days": days},
            span=Span(told),
        )
