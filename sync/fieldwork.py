"""Checks of the data over the interviews of the last weeks; what is notable becomes flags in the log.

Two passes, neither of which holds the log in memory: by household, for what is usual and what one interview alone
shows, and by enumerator, for pace and near-duplicates. A flag that stands already is not said again, and one that no
longer holds is withdrawn.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from access import SYSTEM
from core.clock import day_of
from forms.log import Logged
from forms.op import OpKind
from ledger.model import Household, InterviewState, Person, Value
from ledger.numbers import written
from sync.office import Submission, submit_many
from sync.paradata import Known, Told, read
from sync.services import Services
from sync.surroundings import Surroundings
from validators.fieldwork import (
    Earned,
    Group,
    Limits,
    Measured,
    Paradata,
    Position,
    Profile,
    Spread,
    compare,
    duplicates,
    earned,
    of_enumerators,
    of_interview,
    outlying,
    pace,
)
from validators.fieldwork.earnings import PAY
from validators.fieldwork.enumerators import Tally
from validators.surroundings import SIZE

WINDOW = timedelta(days=60)
_BATCH = 200
_OF_ALL = frozenset({"Q5", "Q16", "Q17", SIZE})  # checks that look at everything in each run
_COUNTS = frozenset({InterviewState.HEAD, InterviewState.FORKED, InterviewState.PARENTLESS})
Progress = Callable[[int, int], None]
Name = tuple[str, str, str]
"""Entry, check and subject: what a flag is named by."""


@dataclass(slots=True)
class FieldworkReport:
    """What a run found.

    Attributes:
        interviews: how many were looked at.
        flagged: flags that were said.
        withdrawn: flags that no longer hold.
        untold: what concerns a banner that is not registered.
        by_check: flags that stand now, by check.
    """

    interviews: int = 0
    flagged: int = 0
    withdrawn: int = 0
    untold: int = 0
    by_check: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Round:
    """What the first pass gathers of one round."""

    profile: Profile = field(default_factory=Profile)
    tallies: dict[str, Tally] = field(default_factory=dict)


def look_over(services: Services, progress: Progress | None = None) -> FieldworkReport:
    """Measure the interviews of the last weeks, and say in the log what is notable.

    Args:
        services: the process's.
        progress: told how many households were read so far, and of how many.
    """
    return _Run(services).run(progress or (lambda _done, _total: None))


class _Run:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._now = services.clock.now()
        self._since = self._now - WINDOW
        self._limits = Limits.of(services.engine.policy, day_of(self._now))
        self._published: dict[str, list[tuple[datetime, str]]] = {}
        self._checked = {
            document["_id"]: document["back_check_of"]
            for document in services.store["rounds"].find(
                {"back_check_of": {"$gt": ""}}, {"back_check_of": 1}
            )
        }
        self._rounds: dict[str, _Round] = defaultdict(_Round)
        self._pay: dict[Group, Spread] = defaultdict(Spread)
        self._surroundings = Surroundings(services.ledger, services.engine.policy, day_of(self._now))
        self._found: dict[Name, Measured] = {}
        self._seen: set[tuple[str, str]] = set()
        self.report = FieldworkReport()

    def run(self, progress: Progress) -> FieldworkReport:
        sent = self._services.log.interviewed_since(self._since)
        names = sorted(set().union(*sent.values()))
        for number, (home, interviews) in enumerate(self._homes(names), start=1):
            for told in self._earned(home):
                self._pay[told.group].add(told.amount)
            for each in interviews:
                self._take_in(each)
                self.report.interviews += 1
            progress(number, len(names))
        progress(len(names), len(names))  # sites are among the names, and not among the households
        for home, interviews in self._homes(names):
            self._measure(home, interviews)
        for user, households in sorted(sent.items()):
            self._follow(user, sorted(households))
        for gathered in self._rounds.values():
            self._note(of_enumerators(gathered.tallies, self._limits))
        self._note(self._shared_numbers())
        self._note(self._surroundings.sizes())
        self._say()
        return self.report

    # --- by household

    def _homes(self, names: Sequence[str]) -> Iterator[tuple[Household, list[Paradata]]]:
        """Yield households with their recent interviews that count; some hundred are in memory at a time."""
        for start in range(0, len(names), _BATCH):
            part = names[start : start + _BATCH]
            logs = self._services.log.of_households(part)
            for name, entry in sorted(self._services.ledger.many(part).items()):
                yield entry.household, list(self._read(entry.household, logs[name]))

    def _read(self, home: Household, logged: Sequence[Logged]) -> Iterator[Paradata]:
        """Yield the recent interviews of a household that count, in the order of the log."""
        heads = {each.op for each in home.interviews if each.state in _COUNTS}
        told = [each for each in logged if each.op.id in heads and each.op.form]
        forms = self._services.forms.many(each.op.form or "" for each in told)
        known: Known = {}
        for each in told:
            version = forms.get(each.op.form or "")
            if version is not None:
                newest = self._newest(version.form_id, version.sha256, each.op.received_at)
                place = Told(home.region, home.text("site") or "", newest)
                paradata = read(each, version, place, known)
                if each.op.received_at >= self._since:
                    yield paradata

    def _newest(self, form_id: str, sha256: str, at: datetime) -> bool:
        """Tell whether a version was the newest of its form a week before an instant: phones need time to pull."""
        if form_id not in self._published:
            self._published[form_id] = sorted(
                (each.published_at, each.sha256) for each in self._services.forms.history(form_id)
            )
        before = [sha for published, sha in self._published[form_id] if published <= at - timedelta(days=7)]
        return not before or sha256 == before[-1] or sha256 not in before

    def _take_in(self, paradata: Paradata) -> None:
        gathered = self._rounds[paradata.round]
        gathered.profile.add(paradata)
        gathered.tallies.setdefault(paradata.user, Tally(paradata.region[:6])).add(paradata)

    def _measure(self, home: Household, interviews: Sequence[Paradata]) -> None:
        place: Position | None = None
        self._seen.add((home.id, home.id))
        self._note(self._surroundings.access(home))
        for told in self._earned(home):
            self._note(outlying(home.id, told, self._pay[told.group], self._limits))
        for each in interviews:
            self._seen.add((home.id, each.interview))
            profile = self._rounds[each.round].profile
            self._note(of_interview(each, profile, self._limits, place))
            place = place or each.position
            base = self._checked.get(each.round)
            for first in interviews if base else ():
                if (first.round, first.form_id) == (base, each.form_id):
                    self._note(compare(first, each, self._limits))

    def _earned(self, home: Household) -> Iterator[Earned]:
        """Yield the recent pay of a household's members; whose pay is an old one keeps its flag."""
        old = set()
        for person in home.persons:
            pay = person.facts.get(PAY)
            if pay is None or pay.said.on >= day_of(self._since):
                self._seen.add((home.id, person.id))
            else:
                old.add(person.id)
        yield from (each for each in earned(home) if each.person not in old)

    # --- by enumerator

    def _follow(self, user: str, names: Sequence[str]) -> None:
        """Measure one enumerator's interviews in order."""
        by_round: dict[str, list[Paradata]] = defaultdict(list)
        for _, interviews in self._homes(names):
            for each in interviews:
                if each.user == user:
                    by_round[each.round].append(each)
        for name, interviews in by_round.items():
            profile = self._rounds[name].profile
            self._note(pace(interviews, profile, self._limits))
            self._note(duplicates(interviews, profile, self._limits))

    # --- one number in two households

    def _shared_numbers(self) -> Iterator[Measured]:
        for names in self._services.ledger.sharing("resident_id"):
            held: dict[str, list[tuple[str, Person]]] = defaultdict(list)
            for name, entry in sorted(self._services.ledger.many(names).items()):
                for person in entry.household.persons:
                    number = written("resident_id", person.text("resident_id"))
                    if number is not None and person.left is None:
                        held[number].append((name, person))
            for holders in held.values():
                if len({name for name, _ in holders}) > 1:
                    for name, person in holders:
                        other = next(each for each, _ in holders if each != name)
                        yield Measured("Q5", name, person.id, "", {"other": other})

    # --- saying it

    def _note(self, measured: Iterable[Measured]) -> None:
        for each in measured:
            self._found[each.entry, each.check, each.subject] = each

    def _say(self) -> None:
        """Say what is new or another, and withdraw what no longer holds."""
        ledger = self._services.ledger
        flagged = {name for name, _, _ in self._found} | set(ledger.flagged())
        registered: dict[str, str] = {}
        standing: dict[Name, Mapping[str, Value]] = {}
        names = iter(sorted(flagged))
        while batch := list(islice(names, _BATCH)):
            for name, entry in ledger.entries(batch).items():
                registered[name] = entry.household.region
                standing |= {(name, flag.check, flag.subject): flag.values for flag in entry.household.flags}
        said = [each for name, each in sorted(self._found.items()) if standing.get(name) != dict(each.values)]
        gone = [name for name in sorted(standing) if name not in self._found and self._looked_at(name)]
        bodies = [*map(_body, said), *(_withdrawn(*name) for name in gone)]
        told = [body for body in bodies if body["household"] in registered]
        for start in range(0, len(told), _BATCH):
            part = [Submission(OpKind.FLAG, body) for body in told[start : start + _BATCH]]
            submit_many(self._services, SYSTEM, part, self._now)
        self.report.untold = len(bodies) - len(told)
        self.report.withdrawn = len(gone)
        self.report.flagged = len(told) - len(gone)
        for _, check, _ in sorted(self._found):
            self.report.by_check[check] = self.report.by_check.get(check, 0) + 1

    def _looked_at(self, name: Name) -> bool:
        """Tell whether what a flag is about was measured in this run; older interviews keep their flags."""
        entry, check, subject = name
        return check in _OF_ALL or (entry, subject) in self._seen


def _body(measured: Measured) -> dict[str, Any]:
    return {
        "household": measured.entry,
        "check": measured.check,
        "subject": measured.subject,
        "op": measured.op,
        "values": dict(measured.values),
    }


def _withdrawn(entry: str, check: str, subject: str) -> dict[str, Any]:
    return {"household": entry, "check": check, "subject": subject, "values": {}, "withdrawn": True}
