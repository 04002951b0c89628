"""What the rules on infrastructure share: since when an item is as it is, and how states compare."""

from collections.abc import Mapping
from datetime import date

from ledger.model import Fact, Record

RANK: Mapping[object, int] = {"1": 0, "2": 1, "3": 1, "4": 2}
"""States from good to bad: there and working, broken or being built, missing. Not applicable has none."""


def failing_since(item: Record, status: Fact) -> date:
    """Return since when an item has the status that holds: the day stated, else when it was first seen so.

    A day stated before the status last changed tells of the one before it, and is not read.
    """
    first = next((fact for fact in reversed(item.history("status")) if fact.value == status.value), status)
    since = item.facts.get("since")
    if since is not None and isinstance(since.value, date) and since.said.on >= first.said.on:
        return since.value
    return first.said.on
