"""What another policy would say of a household today, beside what this one says. Pure.

A trial looks at today: findings as they stand meet the judgement of either policy. When the policy is changed in
earnest the recorded stages are replayed by it, so that days in the past get its history too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from ledger.model import Folded
from validators.engine import Engine
from validators.life import LIVE, Finding, step


class Fate(StrEnum):
    """What becomes of a finding: it appears, it clears, or unit, severity, deadline or wording move."""

    APPEARS = "appears"
    CLEARS = "clears"
    MOVES = "moves"


@dataclass(frozen=True, slots=True)
class Difference:
    """One finding that would not be as it is.

    Attributes:
        fate: see `Fate`.
        rule, household, region, subject, episode: of the finding.
        moved: what would be another, of `unit`, `severity`, `due`, `variant`.
    """

    fate: Fate
    rule: str
    household: str
    region: str
    subject: str
    episode: str
    moved: tuple[str, ...] = ()


def differences(
    household: Folded, findings: Mapping[str, Finding], day: date, before: Engine, after: Engine
) -> Iterator[Difference]:
    """Yield what would differ today if `after` judged in place of `before`.

    Args:
        household: the ledger entry.
        findings: all its findings by id.
        day: today.
        before: engine of the present policy.
        after: engine of the other, over the same rules.
    """
    one, other = (_live(household, findings, day, engine) for engine in (before, after))
    for key in sorted(one.keys() | other.keys()):
        was, would = one.get(key), other.get(key)
        told = would or was
        if told is None:
            continue
        moved = () if was is None or would is None else _moved(was, would)
        fate = Fate.APPEARS if was is None else Fate.CLEARS if would is None else Fate.MOVES
        if fate is not Fate.MOVES or moved:
            yield Difference(
                fate, told.rule, household.id, household.region, told.subject, told.episode, moved
            )


def _live(
    household: Folded, findings: Mapping[str, Finding], day: date, engine: Engine
) -> dict[str, Finding]:
    stepped = step(
        {key: finding for key, finding in findings.items() if finding.rule in engine.rules},
        engine.judge(household, day),
        household=household.id,
        region=household.region,
        at=datetime.combine(day, time(), UTC),
        day=day,
        policy=engine.policy,
    )
    return {key: finding for key, finding in stepped.items() if finding.state in LIVE}


def _moved(was: Finding, would: Finding) -> tuple[str, ...]:
    return tuple(
        name for name in ("unit", "severity", "due", "variant") if getattr(was, name) != getattr(would, name)
    )
