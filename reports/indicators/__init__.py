"""The 38 indicators of the monthly report (DOMAIN §6): one function a figure, over one ledger entry."""

import importlib
import pkgutil
from functools import cache

from reports.indicators.model import (
    FRESH_DAYS,
    REGISTRY,
    Arrival,
    Home,
    Indicator,
    Kind,
    Line,
    Part,
    Spot,
    is_fresh,
)

__all__ = [
    "FRESH_DAYS",
    "Arrival",
    "Home",
    "Indicator",
    "Kind",
    "Line",
    "Part",
    "Spot",
    "all_indicators",
    "is_fresh",
    "part_name",
]


@cache
def all_indicators() -> tuple[Indicator, ...]:
    """Return every indicator by number; one that looks at two levels stands there once for each."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return tuple(each for _, same in sorted(REGISTRY.items()) for each in same)


def part_name(indicator: Indicator, part: Part | str) -> str:
    """Return the name of a part in a report: number and id, such as `12.covered`."""
    return f"{indicator.number}.{part if isinstance(part, str) else part.id}"
