"""How the ledger entries of a region stand as of a moment: from the ledger where it stands so, else from the log.

The ledger holds only now. A household that was settled, or for which a day passed, after the moment is replayed from
the recorded stages (`sync.stages`), so a report that takes minutes to make still speaks of one moment, and an old one
can be made again years later.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from core.clock import day_of
from core.spans import Span
from forms.definition import FormVersion
from forms.log import Logged
from ledger.model import Folded
from reports.indicators import Arrival
from reports.moment import Moment
from reports.repository import OpRow, arrivals
from sync.services import Services
from sync.settle import forms_of, heads
from sync.stages import NotRegisteredError, Stage, Standing, absorb, replay, stages_of
from validators.engine import Engine
from validators.life import Finding

_BATCH = 200


@dataclass(frozen=True, slots=True)
class State:
    """A ledger entry as of a moment, with its findings and what was said of it in the reported month."""

    entry: Folded
    findings: Sequence[Finding]
    arrivals: Sequence[Arrival]


def states(
    services: Services, region: str, moment: Moment, month: Span, *, from_log: bool = False
) -> Iterator[State]:
    """Yield the entries of a region as of a moment: households, then sites and banners, each by region and id.

    Memory is constant.

    Args:
        services: the process's.
        region: a region code, or the beginning of one.
        moment: as of when.
        month: the reported month, for the arrivals.
        from_log: replay every household, whatever the ledger holds.
    """
    names = iter(services.ledger.ids(region))
    while batch := list(islice(names, _BATCH)):
        found = {} if from_log else _standing_so(services, batch, moment)
        missing = [name for name in batch if name not in found]
        found |= _replayed(services, missing, moment) if missing else {}
        told = arrivals(services.store, batch, month)
        for name in batch:
            if name in found:
                entry, findings = found[name]
                if entry.region.startswith(region):
                    yield State(entry, findings, _counted(told.get(name, ()), moment))


Found = dict[str, tuple[Folded, Sequence[Finding]]]


def _standing_so(services: Services, names: Sequence[str], moment: Moment) -> Found:
    """Return the households whose ledger entry is as of the moment; read again, lest one changed while it was read.

    An entry that nothing has changed since the moment holds nothing late either.
    """
    entries = services.ledger.entries(names)
    findings = services.findings.of_households(names)
    after = heads(services, names)
    return {
        name: (entry.household, tuple(findings.get(name, {}).values()))
        for name, entry in entries.items()
        if after[name].version == entry.version
        and entry.stage <= moment.as_of
        and entry.as_of <= moment.day
        and (entry.next_due is None or entry.next_due > moment.day)
    }


def _replayed(services: Services, names: Sequence[str], moment: Moment) -> Found:
    logged = services.log.of_households(names)
    forms, engine = forms_of(services, logged), services.engine
    found: Found = {}
    for name, ops in logged.items():
        standing = stand(engine, ops, forms, moment)
        if standing is not None:
            found[name] = standing.household, tuple(standing.past.findings.values())
    return found


def stand(
    engine: Engine, ops: Sequence[Logged], forms: Mapping[str, FormVersion], moment: Moment
) -> Standing | None:
    """Return how a household stood at a moment by its ops; None when it was not registered then."""
    late = moment.known_until
    settled = [(each.op, each.day) for each in ops if each.op.stage is not None and each.day is not None]
    early = [(op, day) for op, day in settled if op.stage is not None and op.stage <= moment.as_of]
    try:
        standing = replay(stages_of(early), forms, engine, moment.day)
    except NotRegisteredError:
        standing = None
    if late is None:
        return standing
    told = [
        op for op, _ in settled if op.stage and moment.as_of < op.stage <= late and op.said_on <= moment.day
    ]
    if not told:
        return standing
    day = max(moment.day, standing.past.as_of) if standing is not None else moment.day
    earlier = [op for op, _ in early] if standing is not None else []
    try:
        return absorb(
            standing.past if standing else None, earlier, Stage(late, day, tuple(told)), forms, engine
        )
    except NotRegisteredError:
        return None


def _counted(rows: Sequence[OpRow], moment: Moment) -> list[Arrival]:
    """Return the arrivals among ops that count as of a moment."""
    until = moment.known_until
    return [
        Arrival(row.kind, row.said_on, (day_of(row.received_at) - row.said_on).days)
        for row in rows
        if row.stage <= moment.as_of
        or (until is not None and row.stage <= until and row.said_on <= moment.day)
    ]
