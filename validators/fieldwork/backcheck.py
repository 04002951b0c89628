"""Back-checks: a second, short interview by another team, compared question by question with the first (Q19)."""

from collections.abc import Iterator
from hashlib import sha256

from validators.fieldwork.limits import Limits
from validators.fieldwork.model import Measured, Paradata, Values


def compare(first: Paradata, again: Paradata, limits: Limits) -> Iterator[Measured]:
    """Yield when too many answers differ between an interview and its back-check.

    Args:
        first: the interview.
        again: the back-check, by somebody else.
        limits: the parameters in force.
    """
    both = first.items.keys() & again.items.keys()
    if not both or first.user == again.user:
        return
    differ = sum(first.items[path] != again.items[path] for path in both)
    percent = differ * 100 / len(both)
    if percent > limits.backcheck_percent:
        values: Values = {"percent": round(percent, 1), "items": len(both), "by": again.interview}
        yield Measured("Q19", first.household, first.interview, first.op, values)


def drawn(mark: str, percent: float) -> bool:
    """Tell whether an interview is drawn for a back-check: always the same for one mark.

    Args:
        mark: made of the interview's id with a key that the server keeps. Phones choose ids, so an id alone would let
            whoever makes interviews up choose one that is not drawn.
        percent: how many of a hundred are drawn.
    """
    number = int.from_bytes(sha256(mark.encode()).digest()[:8])
    return number < percent / 100 * 2**64
