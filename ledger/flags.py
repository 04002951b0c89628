"""Flags: what checks of the data measured about an interview, as the log has it. Pure."""

from collections.abc import Mapping, Sequence

from forms.op import Op
from ledger.model import Flag, Value


def flags_of(ops: Sequence[Op]) -> tuple[Flag, ...]:
    """Return the flags that stand, sorted: of each check and subject the latest, unless it was withdrawn.

    Args:
        ops: the flag ops of an entry, in the order of the log.
    """
    standing: dict[tuple[str, str], Flag] = {}
    for op in ops:
        body = op.body
        name = str(body.get("check")), str(body.get("subject"))
        if body.get("withdrawn") is True:
            standing.pop(name, None)
        else:
            standing[name] = Flag(
                *name, str(body.get("op") or ""), _values(body.get("values")), op.id, op.said_on
            )
    return tuple(standing[name] for name in sorted(standing))


def _values(stated: object) -> dict[str, Value]:
    """Return what was measured: plain values only."""
    if not isinstance(stated, Mapping):
        return {}
    return {
        str(name): value
        for name, value in sorted(stated.items())
        if isinstance(value, (str, int, float, bool))
    }
