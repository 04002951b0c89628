"""What the office may say of an entry: rows of the register, and paths of corrections."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.ids import entry_kind
from core.problems import Unprocessable
from forms.facts import Row
from ledger.dictionary import dictionary
from ledger.model import Folded, Household, Person
from ledger.records import only_id

_MESSAGE = "[], [person, id], [record, kind, id] or [person, id, record, kind, id], of what is in this entry"


def read_row(document: Mapping[str, Any]) -> Row:
    """Return a row of the register.

    Raises:
        Unprocessable: it, or a row inside, is none.
    """
    try:
        return Row.from_json(document)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unprocessable(errors=[{"at": "/row", "message": "a row of entity, key, facts, rows"}]) from None


def must_lead_somewhere(entry: Folded, changes: Sequence[Mapping[str, Any]]) -> None:
    """Check that the path of each change names something of the entry.

    Of a kind of record of which there is one, it may be the first that is said of it.

    Raises:
        Unprocessable: a path leads nowhere.
    """
    for index, change in enumerate(changes):
        if not _leads(entry, change["path"]):
            raise Unprocessable(errors=[{"at": f"/changes/{index}/path", "message": _MESSAGE}])


def _leads(entry: Folded, path: Sequence[str]) -> bool:
    match path:
        case []:
            return True
        case ["person", person, *rest] if isinstance(entry, Household):
            member = entry.person(person)
            return member is not None and (not rest or _is_record(member, rest))
        case _:
            return _is_record(entry, path)


def _is_record(owner: Folded | Person, path: Sequence[str]) -> bool:
    match path:
        case ["record", kind, key]:
            level = "person" if isinstance(owner, Person) else entry_kind(owner.id).value
            alone = dictionary().owner(f"record:{kind}") == level and only_id(level, owner.id, kind) == key
            return alone or any(record.id == key for record in owner.records(kind))
    return False
