"""Yes, no or unknown: what the ledger says to a question, and how answers combine."""

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What the ledger says to a question. Unknown is not no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        """Only a known yes counts as true, so `not verdict` is no denial: compare with NO for that."""
        return self is Verdict.YES


YES, NO, UNKNOWN = Verdict.YES, Verdict.NO, Verdict.UNKNOWN


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Return yes when one is yes, no when all are no."""
    found = set(verdicts)
    return YES if YES in found else UNKNOWN if UNKNOWN in found else NO


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Return no when one is no, yes when all are yes."""
    found = set(verdicts)
    return NO if NO in found else UNKNOWN if UNKNOWN in found else YES
