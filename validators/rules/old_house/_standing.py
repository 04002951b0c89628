"""What the rules on old houses share: whether a house stands, and whether it may."""

from ledger.model import Fact, Record
from validators.rule import Case
from validators.stated import answered

_STANDING = ("1", "2")
_COUNTY = "county"


def standing(house: Record, case: Case) -> Fact | None:
    """Return the statement that a house which ought to go stands, wholly or in part."""
    return answered(house, "state", _STANDING, case)


def is_protected(house: Record) -> bool:
    """Tell whether the banner government recognised a ground for keeping it, by a numbered document."""
    return house.text("protection_body") == _COUNTY and bool(house.text("protection_no"))
