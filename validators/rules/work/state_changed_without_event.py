"""建立搬迁群众培训就业档案: the state of work changed, and the file tells of nothing that changed it (五(一))."""

from collections.abc import Iterator
from datetime import date

from core.spans import Span
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.work import JOB

_EMPLOYED = frozenset({"1", "2", "3", "4"})
_OUT = frozenset({"6", "7", "8"})
_BY_ITSELF = frozenset({"9", "10"})


@rule("work/state-changed-without-event", clause="五(一)", severity=Severity.MINOR)
def state_changed_without_event(person: Person, case: Case) -> Iterator[Outcome]:
    """The last two states of work differ, and between them no job began or ended and no loss of work was told.

    States without work (登记失业, 未登记失业, 无就业意愿) may follow each other; school and retirement tell themselves.
    """
    changes = person.history("admin_status")
    if len(changes) < 2 or person.left is not None:  # noqa: PLR2004 - a change is two states
        return
    before, after = changes[-2:]
    if not _needs_event(str(before.value), str(after.value)) or not case.today.reached(after.said.on):
        return
    if any(before.said.on <= day <= after.said.on for day in _events(person)):
        return
    yield Outcome(
        subject=person.id,
        episode=f"change:{after.said.on.isoformat()}",
        values={"before": str(before.value), "after": str(after.value)},
        span=Span(min(before.said.on, after.said.on), after.said.on),
        evidence=tuple(sorted({before.said.op, after.said.op})),
    )


def _needs_event(before: str, after: str) -> bool:
    if before == after or {before, after} & _BY_ITSELF:
        return False
    return not {before, after} <= _OUT


def _events(person: Person) -> Iterator[date]:
    """Yield the days on which a job began or ended, or a loss of work or its end was told."""
    for spell in person.track(JOB).spells:
        yield spell.start
        if spell.end is not None:
            yield spell.end
    for loss in person.records("job_loss"):
        yield from filter(None, (loss.day("lost_on"), loss.day("back_on")))
