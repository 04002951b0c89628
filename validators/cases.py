"""A case: what an office works on, the findings of one household for one responsible unit. Pure.

A case has no life of its own: it stands as its findings stand, and they change by ops alone. What an office adds that
changes no finding (owner, comments, steps of escalation) is kept beside it and is not here.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from validators.life import LIVE, Finding, State
from validators.policy import STEPS, Policy
from validators.rule import Severity

_ID_BYTES = 10
_GRAVITY = {severity: rank for rank, severity in enumerate(Severity)}


class CaseState(StrEnum):
    """Where a case stands: as the least advanced of its live findings; closed when none is live."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ACTED = "acted"
    CLOSED = "closed"


class Part(StrEnum):
    """What a unit has to do with a case: it is the unit's to mend (责任单位), or the unit helps (配合单位)."""

    RESPONSIBLE = "responsible"
    COOPERATING = "cooperating"


UNDONE = frozenset({CaseState.OPEN, CaseState.ACKNOWLEDGED})
"""States in which the unit has still to act; only such a case can be overdue."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its findings make it.

    Attributes:
        id: made of household and unit: closed and opened again it is the same case.
        household: what it is about: id of a household, site or banner.
        region: region code of that.
        unit: code of the responsible unit.
        state: see `CaseState`.
        severity: the gravest of its live findings, or of all when none is live.
        due: the earliest deadline of what is still to be acted upon; else the earliest of what waits to be
            verified; of a closed case the latest there was.
        opened_on: the first day of its live findings, or the last opening when none is live.
        rules: rule ids of its live findings, sorted.
        live: how many findings are live.
        cooperating: units that help: those that the clauses of its live findings name as such, or of all when none is
            live; sorted, without `unit`.
    """

    id: str
    household: str
    region: str
    unit: str
    state: CaseState
    severity: Severity
    due: date
    opened_on: date
    rules: tuple[str, ...]
    live: int
    cooperating: tuple[str, ...]

    def overdue(self, day: date) -> bool:
        """Tell whether the unit has not acted and the deadline lies before a day."""
        return self.state in UNDONE and self.due < day


def case_id(household: str, unit: str) -> str:
    """Return the id of a household's case of a unit: 80 bits of SHA-256 in 16 letters."""
    digest = hashlib.sha256(f"case\n{household}\n{unit}".encode()).digest()
    return base64.b32encode(digest[:_ID_BYTES]).decode().lower()


def cases_of(findings: Iterable[Finding], policy: Policy) -> dict[str, Case]:
    """Return the cases that the findings of some households make, by id; the policy says who cooperates."""
    grouped: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        grouped.setdefault((finding.household, finding.unit), []).append(finding)
    cases = (_case(household, unit, found, policy) for (household, unit), found in grouped.items())
    return {case.id: case for case in cases}


def _case(household: str, unit: str, findings: list[Finding], policy: Policy) -> Case:
    live = [finding for finding in findings if finding.state in LIVE]
    undone = [finding for finding in live if finding.state is not State.ACTED]
    shown = live or findings
    if live:
        due, opened_on = min(f.due for f in undone or live), min(f.opened_on for f in live)
    else:
        due, opened_on = max(f.due for f in findings), max(f.opened_on for f in findings)
    return Case(
        case_id(household, unit),
        household,
        findings[-1].region,
        unit,
        _state(live),
        min((finding.severity for finding in shown), key=_GRAVITY.__getitem__),
        due,
        opened_on,
        tuple(sorted({finding.rule for finding in live})),
        len(live),
        tuple(sorted({code for finding in shown for code in helping(finding.clause, policy)} - {unit})),
    )


def helping(clause: str, policy: Policy) -> tuple[str, ...]:
    """Return the units that a clause names as cooperating; none of a clause that the policy knows no more."""
    known = policy.clauses.get(clause)
    return () if known is None else known.cooperating


def _state(live: Iterable[Finding]) -> CaseState:
    states = {finding.state for finding in live}
    for state in (State.OPEN, State.ACKNOWLEDGED, State.ACTED):
        if state in states:
            return CaseState(state.value)
    return CaseState.CLOSED


def step_day(case: Case, step: int, policy: Policy) -> date | None:
    """Return the day on which an overdue case is told to the next one.

    Args:
        case: the case.
        step: how many of `STEPS` were taken since its deadline.
        policy: after how many working days, and what those are.

    Returns:
        None when all were taken, or when the unit has acted.
    """
    if case.state not in UNDONE or step >= len(STEPS):
        return None
    days = policy.parameters[f"findings.escalate_days.{STEPS[step]}"].at(case.due, case.region)
    return policy.calendar.add_working_days(case.due, int(days.value))


@dataclass(frozen=True, slots=True)
class Named:
    """A clause that a case rests on, with the units that it names, in its order."""

    clause: str
    title: Mapping[str, str]
    responsible: tuple[str, ...]
    cooperating: tuple[str, ...]


def named_by(clauses: Iterable[str], policy: Policy) -> Iterator[Named]:
    """Yield some clauses, in the order of the notice, with the units they name."""
    wanted = frozenset(clauses)
    for clause in policy.clauses.values():
        if clause.id in wanted:
            yield Named(clause.id, clause.title, clause.responsible, clause.cooperating)
