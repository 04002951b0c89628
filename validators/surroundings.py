"""What a household's site is to it, and which sites are large (规模较大: 四(一), 四(二), 五(三), 八(一)). Pure.

The notice never says from how many persons a site is large (reading 12): one definition serves every clause. A rule
sees one ledger entry; what a household's site tells of it comes by the nightly look, as a flag in the household's log
(ADR 24).
"""

from datetime import date

from ledger.model import Flag, Household, Site
from validators.rule import Case
from validators.stated import number, stated

LARGE = ("site.large_persons", "industry.large_sites")
"""Parameters that a rule declares when it asks for `is_large` or `at_large_site`."""
SIZE, ACCESS = "site-size", "site-access"
"""Checks of the nightly look: the site is large by its persons; it takes longer than the host community needs."""
REACHED = {
    "clinic": ("clinic", "health_station", "hospital"),
    "primary": ("primary",),
    "kindergarten": ("kindergarten",),
}
"""What households are asked the way to (`access.<name>`) → the kinds of facility that will do."""

_ISSUED = date(2019, 12, 24)  # what was told before the notice is judged by what was in force on its day


def is_large(site: Site, case: Case, on: date = _ISSUED) -> bool | None:
    """Tell whether a site is large: the banner lists it, or it has the persons; None while nobody counted them.

    Args:
        site: the site.
        case: the case judged.
        on: the day of the statement that is judged: the list and the number in force on it count.
    """
    if site.name in _listed(case, site.region, on):
        return True
    counted = stated(site, "population", case)
    return None if counted is None else number(counted) >= _least(case, site.region, on)


def at_large_site(household: Household, case: Case, on: date = _ISSUED) -> bool:
    """Tell whether a household's site is large, as of a site; while nobody counted its persons it is none."""
    if household.text("site") in _listed(case, household.region, on):
        return True
    flag = _flag(household, SIZE)
    persons = None if flag is None else flag.values.get("population")
    return isinstance(persons, int) and persons >= _least(case, household.region, on)


def host_minutes(household: Household) -> Flag | None:
    """Return what the host community needs to what it takes this household longer to reach; None if nothing does."""
    return _flag(household, ACCESS)


def _flag(household: Household, check: str) -> Flag | None:
    return next((flag for flag in household.flags if flag.check == check), None)


def _listed(case: Case, region: str, on: date) -> tuple[str, ...]:
    listed: tuple[str, ...] = case.parameters.at(
        "industry.large_sites", on=max(on, _ISSUED), region=region
    ).value
    return listed


def _least(case: Case, region: str, on: date) -> float:
    least: float = case.parameters.at("site.large_persons", on=max(on, _ISSUED), region=region).value
    return least
