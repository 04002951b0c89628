"""What one caller may see of households, of what was said about them, and of what was found.

The only way from a request to the ledger, the log and the findings: every method is bounded by the principal it was
made with, so there is no unbounded one to call by mistake (docs/adr/0013-sight.md).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice

from core.principal import Principal, Role
from core.problems import NotAllowed, NotFound
from forms.log import Logged
from forms.op import OpKind
from ledger.kept import Revisions
from ledger.model import Folded
from ledger.repository import AnyEntry, Entry, SiteEntry
from sync.services import Services
from validators.findings import Filters, Finding

_PART = 100

LogPlace = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Said:
    """A revision of an interview, with the household, site or banner it is about."""

    logged: Logged
    household: Folded


class Sight:
    """The households, sites, banners, interviews, findings and ops that one caller may see.

    All lie in the caller's region. An officer sees the findings of the own unit, and only households in which the unit
    has, or had, a finding. What lies outside is told as what does not exist.

    Args:
        services: the process's.
        principal: who asks.
    """

    def __init__(self, services: Services, principal: Principal) -> None:
        self._services = services
        self._by = principal

    # --- households

    def household(self, household: str) -> Entry:
        """Return a ledger entry.

        Raises:
            NotFound: there is none that the caller may see.
        """
        entry = self._services.ledger.get_within(self._by.region, household)
        if entry is None or not self._concerned([household]):
            raise NotFound
        return entry

    def households(
        self,
        region: str | None = None,
        *,
        after: str | None = None,
        limit: int = 50,
        site: str | None = None,
        registry_no: str | None = None,
    ) -> list[Entry]:
        """Return ledger entries in the order of their ids, after an id; see `LedgerRepository.page`.

        Raises:
            NotAllowed: the region that was asked for lies outside the caller's.
        """
        bound, ledger = self._narrowed(region), self._services.ledger
        if self._by.role is not Role.OFFICER:
            return ledger.page(bound, after=after, limit=limit, site=site, registry_no=registry_no)
        entries = self._of_unit(bound, after)
        fitting = (
            entry
            for entry in entries
            if site in {None, entry.household.text("site")}
            and registry_no in {None, entry.household.text("registry_no")}
        )
        return list(islice(fitting, limit))

    def stating(self, kind: str, number: str, *, limit: int) -> list[Entry]:
        """Return the ledger entries that state a number, whole and as `ledger.numbers` writes it."""
        found = self._services.ledger.page(self._by.region, number=(kind, number), limit=limit)
        concerned = self._concerned(entry.household.id for entry in found)
        return [entry for entry in found if entry.household.id in concerned]

    def _of_unit(self, region: str, after: str | None) -> Iterator[Entry]:
        """Yield the entries of a region in which the officer's unit has a finding, by id."""
        concerned = self._services.findings.households_of(self._unit, region, after=after)
        while part := list(islice(concerned, _PART)):
            entries = self._services.ledger.many(part)
            for household in part:
                entry = entries.get(household)
                if entry is not None and self._by.covers(entry.household.region):
                    yield entry

    # --- sites and banners

    def site(self, entry_id: str) -> SiteEntry:
        """Return the ledger entry of a site or banner.

        Raises:
            NotFound: there is none that the caller may see.
        """
        entry = self._services.ledger.site_within(self._by.region, entry_id)
        if entry is None or not self._concerned([entry_id]):
            raise NotFound
        return entry

    def sites(
        self,
        region: str | None = None,
        *,
        kind: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> list[SiteEntry]:
        """Return the ledger entries of sites and banners in the order of their ids, after an id.

        Raises:
            NotAllowed: the region that was asked for lies outside the caller's.
        """
        bound, found = self._narrowed(region), list[SiteEntry]()
        while len(found) < limit:
            part = self._services.ledger.sites(bound, kind=kind, after=after, limit=_PART)
            concerned = self._concerned(entry.household.id for entry in part)
            found += [entry for entry in part if entry.household.id in concerned]
            if len(part) < _PART:
                break
            after = part[-1].household.id
        return found[:limit]

    def entry(self, entry_id: str) -> AnyEntry:
        """Return the ledger entry of a household, site or banner.

        Raises:
            NotFound: there is none that the caller may see.
        """
        entry = self._services.ledger.any_within(self._by.region, entry_id)
        if entry is None or not self._concerned([entry_id]):
            raise NotFound
        return entry

    # --- interviews and ops

    def interview(self, op_id: str) -> Said:
        """Return a revision of an interview, with the answers that it left as its parent has them.

        Raises:
            NotFound: there is none that the caller may see.
        """
        logged = self._services.log.get(op_id)
        if logged is None or logged.op.kind is not OpKind.INTERVIEW:
            raise NotFound
        entry = self.entry(logged.op.household)
        return Said(self._whole(logged) if logged.op.body.get("kept") else logged, entry.household)

    def _whole(self, logged: Logged) -> Logged:
        op = logged.op
        ops = self._services.log.of_household(op.household)
        forms = self._services.forms.many(each.form for each in ops if each.form is not None)
        body = {**op.body, "answers": Revisions.of(ops, forms).answers_of(op)}
        return replace(logged, op=replace(op, body=body))

    def interviews_about(self, household: str) -> list[Said]:
        """Return the revisions of the interviews of a household, site or banner, newest first.

        Raises:
            NotFound: there is no such entry that the caller may see.
        """
        entry = self.entry(household)
        found = reversed(self._services.log.of_households([household])[household])
        return [Said(each, entry.household) for each in found if each.op.kind is OpKind.INTERVIEW]

    def interviews_by(self, user: str, *, before: LogPlace | None = None, limit: int = 50) -> list[Said]:
        """Return the revisions that a user sent about households the caller may see, newest first."""
        found: list[Said] = []
        while len(found) < limit:
            part = self._services.log.interviews_of_user(user, before=before, limit=_PART)
            known = self._seen(logged.op.household for logged in part)
            found += [
                Said(each, known[each.op.household].household) for each in part if each.op.household in known
            ]
            if len(part) < _PART:
                break
            before = part[-1].op.log_order
        return found[:limit]

    def op(self, op_id: str, *, reader: bool) -> Logged:
        """Return an op as it lies in the log: one's own, or of a household that the caller may see.

        Args:
            op_id: its id.
            reader: the caller may read households with the token that was shown.

        Raises:
            NotFound: there is none that the caller may see.
        """
        logged = self._services.log.get(op_id)
        if logged is None:
            raise NotFound
        if logged.op.user != self._by.user:
            if not reader:
                raise NotFound
            self.entry(logged.op.household)
        return logged

    def photo(self, sha256: str) -> str:
        """Return the region of a household that the caller may see and whose interview names a photo.

        Raises:
            NotFound: there is none.
        """
        naming = self._concerned(self._services.log.households_naming(sha256))
        region = self._services.ledger.region_within(self._by.region, sorted(naming))
        if region is None:
            raise NotFound
        return region

    # --- findings

    def finding(self, finding_id: str) -> tuple[Finding, AnyEntry]:
        """Return a finding and the entry it is of.

        Raises:
            NotFound: there is none that the caller may see.
        """
        unit = self._unit if self._by.role is Role.OFFICER else None
        finding = self._services.findings.get(finding_id, self._by.region, unit)
        if finding is None:
            raise NotFound
        return finding, self.entry(finding.household)

    def findings(
        self,
        region: str | None,
        filters: Filters,
        *,
        after: tuple[date, str] | None = None,
        limit: int = 50,
    ) -> list[tuple[Finding, AnyEntry]]:
        """Return findings with the entries they are of, soonest deadline first.

        Raises:
            NotAllowed: the region lies outside the caller's, or an officer asks for another unit's.
        """
        bound = self._narrowed(region)
        if self._by.role is Role.OFFICER:
            if filters.unit not in {None, self._unit}:
                raise NotAllowed("An officer sees the findings of the own unit.")
            filters = replace(filters, unit=self._unit)
        found = self._services.findings.page(bound, filters, after=after, limit=limit)
        entries = self._services.ledger.entries({finding.household for finding in found})
        return [(finding, entries[finding.household]) for finding in found]

    def findings_about(self, entry_id: str) -> list[Finding]:
        """Return the findings of an entry that the caller has come to see; an officer gets those of the own unit."""
        found = self._services.findings.of_households([entry_id]).get(entry_id, {}).values()
        officer = self._by.role is Role.OFFICER
        return [finding for finding in found if not officer or finding.unit == self._unit]

    # --- inside

    @property
    def _unit(self) -> str:
        """The officer's unit; an officer without one sees nothing."""
        return self._by.unit or ""

    def _narrowed(self, region: str | None) -> str:
        if region is None:
            return self._by.region
        if not self._by.covers(region):
            raise NotAllowed(f"Region {region} lies outside yours ({self._by.region}).")
        return region

    def _concerned(self, households: Iterable[str]) -> set[str]:
        """Return those of some households that the caller's role has to do with."""
        names = set(households)
        if self._by.role is not Role.OFFICER:
            return names
        return self._services.findings.concerned(self._unit, names)

    def _seen(self, households: Iterable[str]) -> dict[str, AnyEntry]:
        """Return those of some entries that the caller may see."""
        entries = self._services.ledger.entries(set(households))
        inside = {name for name, entry in entries.items() if self._by.covers(entry.household.region)}
        return {name: entries[name] for name in self._concerned(inside)}
