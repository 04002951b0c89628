"""Point facts: what holds of all that was stated about one subject, and what it was before. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from ledger.model import Contradiction, Fact, Grade, Said, Value
from ledger.values import constants, histories


@dataclass(slots=True)
class Claims:
    """What was stated about one subject's point facts, gathered weakest first.

    Attributes:
        level: of the dictionary, such as `household` or `record:dwelling`.
        held: the strongest so far, by name.
        rivals: of facts that never change: what was stated before and differs, weakest first.
        told: of facts with a history: all that was stated.
    """

    level: str
    held: dict[str, tuple[Value, Said]] = field(default_factory=dict)
    rivals: dict[str, list[Fact]] = field(default_factory=dict)
    told: dict[str, list[tuple[Value, Said]]] = field(default_factory=dict)

    def state(self, said: Said, values: Mapping[str, Value]) -> None:
        """Take in what a statement at least as strong as all before it says.

        Of a fact that never changes the strongest statement holds; of one that changes with time, the latest. A day
        that lay ahead when it was stated was a plan: it yields to whoever told of the day when it had come.
        """
        fixed, held, day = constants(self.level), self.held, recency(said)
        kept = histories(self.level)
        for name, value in values.items():
            if name in kept:
                if name in self.told:
                    self.told[name].append((value, said))
                else:
                    self.told[name] = [(value, said)]
            before = held.get(name)
            if before is not None:
                if name not in fixed:
                    if recency(before[1]) > day:
                        continue
                elif before[0] != value:
                    if _planned(value, said) and not _planned(*before):
                        continue
                    if not _planned(*before):
                        self.rivals.setdefault(name, []).append(Fact(*before))
            held[name] = (value, said)

    def facts(self) -> dict[str, Fact]:
        """Return what prevails, by name."""
        return {name: Fact(value, said) for name, (value, said) in self.held.items()}

    def changes(self) -> dict[str, tuple[Fact, ...]]:
        """Return the changes of facts with a history, oldest first; of a fact that was stated once there are none."""
        found = {}
        for name, told in self.told.items():
            if len(told) > 1:
                # Of one grade, those gathered weakest first are in the order in which they were said.
                alike = all(said.grade is told[0][1].grade for _, said in told)
                ordered = told if alike else sorted(told, key=lambda each: recency(each[1]))
                facts = [Fact(*ordered[0])]
                facts += [Fact(*now) for was, now in pairwise(ordered) if was[0] != now[0]]
                found[name] = tuple(facts)
        return found

    def contradictions(self, subject: str, prefix: str = "") -> Iterator[Contradiction]:
        """Yield the different values of facts that never change, each once.

        A correction by the office settles what was said up to its day.

        Args:
            subject: whose facts they are.
            prefix: put before the facts' names.
        """
        for name, rivals in self.rivals.items():
            held = Fact(*self.held[name])
            settled = held.said.on if held.said.grade is Grade.OFFICE else date.min
            told = {held.value}
            for rival in reversed(rivals):
                if rival.value not in told and rival.said.on > settled:
                    told.add(rival.value)
                    yield differs(subject, prefix + name, held, rival)


def _planned(value: Value, said: Said) -> bool:
    """Tell whether a value is a day that lay ahead when it was stated."""
    return isinstance(value, date) and value > said.on


def recency(said: Said) -> tuple[date, Grade, str]:
    """Return what statements about a changing fact are ordered by, oldest first: day, grade, op."""
    return (said.on, said.grade, said.op)


def differs(subject: str, name: str, held: Fact, other: Fact) -> Contradiction:
    """Return the contradiction of two facts of one name."""
    return Contradiction(subject, name, str(held.value), str(other.value), held.said, other.said)
