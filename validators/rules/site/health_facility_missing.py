"""合理配套建设安置点医疗机构: a site has none of the medical facilities that its kind is to have."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Fact, Site
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.site._health import at_seat, medical
from validators.stated import answered, number, ops, stated

_PERSONS, _METRES = "site.health.persons", "site.health.metres"
_TOWN, _VILLAGE = ("town", "park"), "central_village"
_OF_TOWN = ("hospital", "health_station")


@rule(
    "site/health-facility-missing",
    clause="三(二)",
    severity=Severity.MAJOR,
    subject="site",
    parameters=(_PERSONS, _METRES),
)
def health_facility_missing(site: Site, case: Case) -> Iterator[Outcome]:
    """A central village has no clinic, or a town site of some size no hospital or health station on it or near.

    None is needed where a township hospital or community health centre is; where that is not known, nothing is
    yielded. Villages other than central ones are not named by the notice.
    """
    seat, kind = at_seat(site, case, "no"), site.text("kind")
    if seat is None:
        return
    if kind == _VILLAGE:
        needed, missing = "clinic", _no_clinic(site, case)
    elif kind in _TOWN:
        needed, missing = "health_station", _no_station(site, case)
    else:
        return
    if missing:
        yield Outcome(
            subject=site.id,
            episode=f"missing:{needed}",
            values={"needed": needed, "kind": kind},
            span=Span(max(fact.said.on for fact in missing)),
            evidence=ops(seat, *missing),
        )


def _no_clinic(site: Site, case: Case) -> list[Fact]:
    """Return the statements that there is no clinic; none when there is a facility that does its work."""
    there = [answered(each, "exists", ("yes",), case) for each in medical(site)]
    clinics = [each for each in medical(site) if each.text("kind") == "clinic"]
    missing = [fact for each in clinics if (fact := answered(each, "exists", ("no",), case)) is not None]
    return [] if any(there) else missing


def _no_station(site: Site, case: Case) -> list[Fact]:
    """Return the statements that a town site of the size has neither hospital nor station on it or within reach.

    Both kinds must have been asked for, and the distance to each that is not there.
    """
    counted = stated(site, "population", case)
    if counted is None:
        return []
    least = case.parameters.at(_PERSONS, on=counted.said.on, region=site.region).value
    reach = case.parameters.at(_METRES, on=counted.said.on, region=site.region).value
    said = [counted]
    for kind in _OF_TOWN:
        one = next((each for each in medical(site) if each.text("kind") == kind), None)
        none = None if one is None else answered(one, "exists", ("no",), case)
        far = None if one is None else stated(one, "distance_m", case)
        if none is None or far is None or number(far) <= reach:
            return []
        said += [none, far]
    return said if number(counted) >= least else []
