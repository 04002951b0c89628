"""What the nightly look tells households of their sites: that theirs is large, and what the host community needs.

A rule sees one ledger entry. What stands in the site's is put beside the household's here, and said in the household's
log where it is notable (ADR 24).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from ledger.model import Household, Site
from ledger.repository import LedgerRepository
from validators.fieldwork import Measured
from validators.policy import Policy
from validators.surroundings import ACCESS, REACHED, SIZE

_PAGE = 200


@dataclass(frozen=True, slots=True)
class Surrounding:
    """What households are told of a site.

    Attributes:
        names: what households call it: its name, its code.
        region: of the site.
        persons: how many live there; None while nobody counted them.
        host: minutes that the host community needs, by kind of facility.
    """

    names: tuple[str, ...]
    region: str
    persons: int | None
    host: dict[str, float] = field(default_factory=dict)

    def minutes(self, name: str) -> float | None:
        """Return what the host community needs to the nearest that will do for what a household is asked about."""
        return min((self.host[kind] for kind in REACHED[name] if kind in self.host), default=None)


class Surroundings:
    """Every site, by banner and by what households call it; some numbers each are in memory.

    Two sites of one name in a banner tell nothing: nobody knows which is meant.

    Args:
        ledger: where the entries are.
        policy: the parameters.
        on: the day of the look.
    """

    def __init__(self, ledger: LedgerRepository, policy: Policy, on: date) -> None:
        self._ledger, self._parameters, self._on = ledger, policy.parameters, on
        self._by_name: dict[tuple[str, str], Surrounding | None] = {}
        for each in _sites(ledger):
            for name in each.names:
                place = each.region[:6], name
                self._by_name[place] = None if place in self._by_name else each

    def sizes(self) -> Iterator[Measured]:
        """Yield for each household of a site that is large by its persons how many there are."""
        large = {
            id(each): each for each in self._by_name.values() if each is not None and self._is_large(each)
        }
        for each in large.values():
            names = [name for name in each.names if self._by_name[each.region[:6], name] is each]
            for household in self._ledger.at_site(each.region[:6], names):
                yield Measured(SIZE, household, household, "", {"population": each.persons or 0})

    def access(self, home: Household) -> Iterator[Measured]:
        """Yield what the host community needs to what it takes the household much longer to reach."""
        site = self._by_name.get((home.region[:6], home.text("site") or ""))
        if site is None:
            return
        allowed = self._parameters["site.access_minutes"].at(self._on, home.region).value
        worse = {}
        for name in REACHED:
            told, host = home.number(f"access.{name}"), site.minutes(name)
            if told is not None and host is not None and told - host > allowed:
                worse[name] = host
        if worse:
            yield Measured(ACCESS, home.id, home.id, "", dict(worse))

    def _is_large(self, site: Surrounding) -> bool:
        least = self._parameters["site.large_persons"].at(self._on, site.region).value
        return site.persons is not None and site.persons >= least


def _sites(ledger: LedgerRepository) -> Iterator[Surrounding]:
    after = None
    while page := ledger.sites("", kind="site", after=after, limit=_PAGE):
        yield from (_surrounding(entry.household) for entry in page)
        after = page[-1].household.id


def _surrounding(site: Site) -> Surrounding:
    persons = site.number("population")
    host = {
        kind: minutes
        for each in site.records("facility")
        if (kind := each.text("kind")) is not None and (minutes := each.number("host_minutes")) is not None
    }
    return Surrounding(_names(site), site.region, None if persons is None else int(persons), host)


def _names(site: Site) -> tuple[str, ...]:
    called: Iterable[str | None] = (site.name, site.id.removeprefix("site:"))
    return tuple(dict.fromkeys(name for name in called if name))
