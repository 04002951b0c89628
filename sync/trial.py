"""Trials of another policy over the ledger, batch by batch, with constant memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from sync.services import Services
from validators.engine import Engine
from validators.policy.change import Change, changed, different, touched
from validators.policy.model import Policy
from validators.trial import Difference, differences

_BATCH = 250


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial compares.

    Attributes:
        before, after: engines of the present and of the other policy, over the rules that the change may touch.
        parameters: ids of the parameters that differ.
    """

    before: Engine
    after: Engine
    parameters: frozenset[str]


def trial(before: Policy, after: Policy) -> Trial:
    """Return the trial of two policies that differ in parameters only."""
    parameters = different(before.parameters, after.parameters)
    names = touched(after, parameters)
    rules = {name: rule for name, rule in before.rules.items() if name in names}
    return Trial(Engine(before, rules), Engine(after, rules), parameters)


def trial_of(before: Policy, changes: Sequence[Change]) -> Trial:
    """Return the trial of some changes to a policy."""
    return trial(before, changed(before, changes))


def batches(services: Services, region: str = "") -> Iterator[list[str]]:
    """Yield the ids of a region's ledger entries, in batches."""
    names = services.ledger.ids(region)
    while batch := list(islice(names, _BATCH)):
        yield batch


def compare(services: Services, tried: Trial, names: Iterable[str], day: date) -> list[Difference]:
    """Return what would differ today in some ledger entries.

    Args:
        services: the process's; only read.
        tried: see `trial`.
        names: ids of the entries.
        day: today.
    """
    entries = services.ledger.entries(names)
    findings = services.findings.of_households(entries)
    return [
        difference
        for name, entry in sorted(entries.items())
        for difference in differences(entry.household, findings.get(name, {}), day, tried.before, tried.after)
    ]
