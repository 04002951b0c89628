"""Losses of work that still last (五(一): 就业转失业), shared by the rules on registration, help and return."""

from collections.abc import Iterator
from datetime import date

from core.spans import FOREVER, Spans, next_day
from ledger.model import Person, Record
from validators.rule import Case
from validators.rules.work._record import norms
from validators.verdict import NO
from validators.work import JOB, STANDARD, labour_days, told, willing

LOSS = STANDARD
"""Parameters that `lasting_losses` asks for."""

_SEEKS_NONE = frozenset({"8", "9", "10"})


def lasting_losses(person: Person, case: Case) -> Iterator[tuple[Record, date]]:
    """Yield each loss of work after which the person is not known to be back, with its day.

    Left out: who wants no work, is in school or retired since, was not of labour age, or has left the household.
    """
    losses = person.records("job_loss")
    if not losses or person.left is not None:
        return
    for loss in losses:
        lost = loss.day("lost_on")
        if (
            lost is None
            or loss.day("back_on") is not None
            or _back(person, lost)
            or _wants_none(person, lost)
        ):
            continue
        if person.birth_date is None or lost in labour_days(person, norms(case, lost)):
            yield loss, lost


def _back(person: Person, lost: date) -> bool:
    """Tell whether the person is known to have worked after the day."""
    worked = person.track(JOB).covered & Spans.between(next_day(lost), FOREVER)
    return bool(worked)


def _wants_none(person: Person, lost: date) -> bool:
    state = told(person, "admin_status", FOREVER)
    if state is not None and state.said.on >= lost and state.value in _SEEKS_NONE:
        return True
    return willing(person, "work_willing", FOREVER) is NO


def unregistered(loss: Record) -> bool:
    """Tell whether a loss was said not to be registered; not asked is not unregistered."""
    return loss.text("registered") == "no" and loss.day("registered_on") is None


def unhelped(loss: Record) -> bool:
    """Tell whether the person was said to have had no help, and none is known of."""
    return loss.text("helped") == "no" and not loss.facts.get("help") and loss.day("helped_on") is None


def evidence(loss: Record) -> tuple[str, ...]:
    """Return the ids of the ops that told of a loss, sorted."""
    return tuple(sorted(set(loss.ops)))
