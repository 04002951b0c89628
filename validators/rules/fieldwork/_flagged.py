"""What the rules about flags share: which flags still speak of what counts, and the outcome of one."""

from collections.abc import Iterator, Mapping

from core.spans import Span
from ledger.model import Flag, Household, Site, Value
from validators.rule import Case, Outcome, Severity


def flags(entry: Household | Site, check: str) -> Iterator[Flag]:
    """Yield the flags of a check whose interview still counts as it was measured: a corrected one is measured anew."""
    if not entry.flags:
        return
    heads = {interview.op for interview in entry.interviews}
    for flag in entry.flags:
        if flag.check == check and (not flag.op or flag.op in heads):
            yield flag


def limit(case: Case, flag: Flag, name: str) -> float:
    """Return the parameter `fieldwork.<name>` that is in force on the day of a measurement."""
    value: float = case.parameters.at(f"fieldwork.{name}", on=flag.on, region=case.region).value
    return value


def number(flag: Flag, name: str) -> float | None:
    """Return a measured number, None when it was not measured."""
    value = flag.values.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def outcome(
    entry: Household | Site,
    flag: Flag,
    values: Mapping[str, Value],
    variant: tuple[str, ...] = (),
    severity: Severity | None = None,
) -> Outcome:
    """Return the outcome of a flag, about the ledger entry: an enumerator is named by the interview alone."""
    evidence = tuple(sorted({flag.by, *filter(None, (flag.op,))}))
    return Outcome(
        entry.id,
        f"{flag.check}:{flag.subject}",
        values,
        Span(flag.on, flag.on),
        variant,
        severity,
        evidence=evidence,
    )
