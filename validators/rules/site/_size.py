"""规模较大 (四(一), 五(三), 八(一)): the notice never says from how many persons a site is large (reading 12)."""

from datetime import date

from ledger.model import Fact, Site
from validators.rule import Case
from validators.stated import number, stated

LARGE = ("site.large_persons", "industry.large_sites")
"""Parameters that a rule declares when it asks for `is_large`."""

_ISSUED = date(2019, 12, 24)  # the notice's own day: what is in force on it is read


def is_large(site: Site, case: Case) -> bool | None:
    """Tell whether a site is large: the banner lists it, or it has the persons; None while nobody counted them."""
    if site.name in case.parameters.at("industry.large_sites", on=_ISSUED, region=site.region).value:
        return True
    counted = population(site, case)
    if counted is None:
        return None
    least = case.parameters.at("site.large_persons", on=_ISSUED, region=site.region).value
    return bool(number(counted) >= least)


def population(site: Site, case: Case) -> Fact | None:
    """Return the statement of how many persons live there, or None."""
    return stated(site, "population", case)
