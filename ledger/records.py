"""Records: which rows speak of the same thing, and what it is, given all of them. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from forms.facts import RecordSpec, Row
from ledger.claims import Claims, recency
from ledger.dictionary import dictionary
from ledger.model import Contradiction, Grade, Record, Said, Statement, Value
from ledger.values import read

MISTAKEN = "mistaken"
"""A correction that states this of a record, true, takes the record out; false puts it back."""

_Name = tuple[object, ...]


class _Seen(NamedTuple):
    """One row about a record: its place in the log, who said so, its key, what it states, and `MISTAKEN` if told."""

    place: tuple[int, int]
    said: Said
    key: str | None
    values: Mapping[str, Value]
    mistaken: bool | None


def records_of(
    level: str, owner: str, rows: Sequence[tuple[Said, Row]], statements: Sequence[Statement]
) -> tuple[dict[str, tuple[Record, ...]], list[Contradiction]]:
    """Return the records of one owner by kind, and what was said of them twice and differently.

    Args:
        level: the owner's: `household`, `person`, `site` or `banner`. Rows of kinds of another level say nothing.
        owner: the owner's id.
        rows: all rows about its records, weakest statement first.
        statements: all statements about the entry, in the order of the log.
    """
    order: dict[Said, int] = {}
    for number, statement in enumerate(statements):
        order.setdefault(statement.said, number)
    by_kind: dict[str, list[_Seen]] = {}
    for number, (said, row) in enumerate(rows):
        spec = dictionary().records.get(row.entity.removeprefix("record:"))
        if spec is not None and spec.level == level:
            seen = _see(row, said, (order[said], number))
            if seen is not None:
                by_kind.setdefault(spec.kind, []).append(seen)
    records: dict[str, tuple[Record, ...]] = {}
    flaws: list[Contradiction] = []
    for kind in sorted(by_kind):
        spec = dictionary().records[kind]
        groups = sorted(_groups(spec, by_kind[kind]), key=lambda group: min(each.place for each in group))
        made = [record for group in groups for record in _record(spec, level, owner, group, flaws)]
        if made:
            records[kind] = tuple(made)
    return records, flaws


def only_id(level: str, owner: str, kind: str) -> str | None:
    """Return the id of a record of which its owner has but one; None for other kinds."""
    spec = dictionary().records.get(kind)
    if spec is None or spec.identity != ():
        return None
    return f"{owner}/{kind}" if level == "person" else kind


def _see(row: Row, said: Said, place: tuple[int, int]) -> _Seen | None:
    """Read a row; None if it says nothing that the dictionary knows."""
    values = read(row.entity, row.facts)
    told = row.facts.get(MISTAKEN)
    mistaken = told if isinstance(told, bool) and said.grade is Grade.OFFICE else None
    return _Seen(place, said, row.key, values, mistaken) if values or mistaken is not None else None


def _names(spec: RecordSpec, seen: _Seen) -> Iterator[_Name]:
    """Yield what a row is known by: its key, and the facts that identify the record if it states all of them."""
    if spec.identity is not None and all(name in seen.values for name in spec.identity):
        yield ("is", *(seen.values[name] for name in spec.identity))
    if seen.key is not None:
        yield ("key", seen.key)


class _Sets:
    """Disjoint sets of the numbers 0, 1, …: joining and finding cost next to nothing each (path halving, by size)."""

    def __init__(self) -> None:
        self._above: list[int] = []
        self._size: list[int] = []

    def add(self) -> int:
        """Return the next number, in a set of its own."""
        self._above.append(len(self._above))
        self._size.append(1)
        return self._above[-1]

    def find(self, number: int) -> int:
        """Return the number that stands for a number's set."""
        above = self._above
        while above[number] != number:
            above[number] = number = above[above[number]]
        return number

    def join(self, one: int, other: int) -> None:
        """Make the sets of two numbers one."""
        great, small = self.find(one), self.find(other)
        if great != small:
            if self._size[great] < self._size[small]:
                great, small = small, great
            self._above[small] = great
            self._size[great] += self._size[small]


def _groups(spec: RecordSpec, rows: Iterable[_Seen]) -> list[list[_Seen]]:
    """Return the rows of each record together: rows are of one record that share a name, directly or by others.

    A row that has no name is left out. The time grows with the rows, however they are joined.
    """
    if spec.identity == ():
        return [list(rows)]
    named: list[_Seen] = []
    first: dict[_Name, int] = {}
    sets = _Sets()
    for seen in rows:
        if names := tuple(_names(spec, seen)):
            number = sets.add()
            named.append(seen)
            for name in names:
                sets.join(first.setdefault(name, number), number)
    groups: dict[int, list[_Seen]] = {}
    for number, seen in enumerate(named):
        groups.setdefault(sets.find(number), []).append(seen)
    return list(groups.values())


def _record(
    spec: RecordSpec, level: str, owner: str, group: Sequence[_Seen], flaws: list[Contradiction]
) -> Iterator[Record]:
    """Yield the record that some rows speak of; nothing if the office says that it was a mistake."""
    verdicts = [each for each in group if each.mistaken is not None]
    if verdicts and max(verdicts, key=lambda each: recency(each.said)).mistaken:
        return
    claims = Claims(f"record:{spec.kind}")
    ranked = sorted(group, key=lambda each: each.place[1])
    for each in ranked:
        claims.state(each.said, each.values)
    record_id = only_id(level, owner, spec.kind) or _first_key(spec, owner, group)
    flaws.extend(claims.contradictions(record_id, f"{spec.kind}."))
    said = tuple(dict.fromkeys(each.said for each in ranked))
    yield Record(spec.kind, record_id, claims.facts(), claims.changes(), said)


def _first_key(spec: RecordSpec, owner: str, group: Sequence[_Seen]) -> str:
    """Return the key that the log first names; without any, a name made of what identifies the record."""
    keyed = [each for each in group if each.key is not None]
    if keyed:
        return min(keyed, key=lambda each: each.place).key or ""
    values = group[0].values
    return "/".join([owner, spec.kind, *(str(values[name]) for name in spec.identity or ())])
