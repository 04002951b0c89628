"""What the rules on medical facilities share (三(二)): which kinds there are, and what is known of each at a site."""

from ledger.model import Fact, Record, Site
from validators.rule import Case
from validators.stated import answered

MEDICAL = ("hospital", "health_station", "clinic")
"""Kinds of facility that treat patients."""


def medical(site: Site) -> tuple[Record, ...]:
    """Return the medical facilities that somebody spoke of."""
    return tuple(each for each in site.records("facility") if each.text("kind") in MEDICAL)


def at_seat(site: Site, case: Case, answer: str) -> Fact | None:
    """Return the statement that the site lies (or not) where a township hospital or community health centre is."""
    return answered(site, "health_seat", (answer,), case)
