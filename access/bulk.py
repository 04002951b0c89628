"""Accounts from a table: looked over as a whole, then made, all or none.

One row with a fault, and nothing is written: who imports two hundred people wants one list that is right, not a
guess which of them are in. A row whose account is there already, and says the same, is left alone; so a table may be
imported again after it was corrected or interrupted.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from access.accounts import Accounts, faults_of, find_user
from access.model import Act, User
from access.passwords import new_password
from core.principal import Role
from core.problems import NotAllowed
from store import Store

PART = 500
"""Accounts of one transaction."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "login": ("login", "登录名", "账号", "用户名"),
    "name": ("name", "姓名"),
    "role": ("role", "角色"),
    "region": ("region", "区划", "区划代码", "行政区划代码"),
    "unit": ("unit", "责任单位", "单位"),
}
ROLES: Mapping[str, Role] = {role.value: role for role in Role} | {
    "管理员": Role.ADMINISTRATOR,
    "协调员": Role.COORDINATOR,
    "督导员": Role.SUPERVISOR,
    "调查员": Role.ENUMERATOR,
    "责任单位人员": Role.OFFICER,
    "查看者": Role.VIEWER,
}
_NAME_LENGTH = 100


class Outcome(StrEnum):
    """What is to become of a row."""

    NEW = "new"
    THERE = "there already"
    FAULTY = "faulty"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table, looked over.

    Attributes:
        row: its number, from 1, as a spreadsheet counts.
        values: login, name, role, region, unit.
        outcome: what is to become of it.
        faults: what is wrong, each with its column.
    """

    row: int
    values: Mapping[str, Any]
    outcome: Outcome
    faults: tuple[Mapping[str, str], ...] = field(default=())


class NotATable(ValueError):  # noqa: N818 - says what the file is
    """The columns that are needed are not there; the message says which."""


class UserImport:
    """Imports accounts as one user may make them.

    Args:
        store: the database.
        act: who imports, and when.
        units: codes of the responsible units that there are.
    """

    def __init__(self, store: Store, act: Act, units: Collection[str]) -> None:
        self._store = store
        self._accounts = Accounts(store, act)
        self._units = units

    def look(self, rows: Iterable[Sequence[str]]) -> list[Line]:
        """Look over the rows of a table, the headings first; nothing is written.

        Raises:
            NotATable: a column is missing.
        """
        numbered = enumerate(rows, start=1)
        columns = _columns(next(numbered, (1, ()))[1])
        seen: dict[str, int] = {}
        return [
            self._line(row, {name: _cell(cells, at) for name, at in columns.items()}, seen)
            for row, cells in numbered
            if any(cell.strip() for cell in cells)
        ]

    @staticmethod
    def passwords(lines: Sequence[Line]) -> list[tuple[Line, str]]:
        """Return a one-time password for each account that is new: keep them before the accounts are made."""
        return [(line, new_password()) for line in lines if line.outcome is Outcome.NEW]

    def write(self, given: Sequence[tuple[Line, str]]) -> Iterator[int]:
        """Make accounts with their one-time passwords, in parts of some hundreds; yield how many a part has.

        Raises:
            NotAllowed, Conflict: something changed since the rows were looked over; the parts before stay.
        """
        for start in range(0, len(given), PART):
            part = given[start : start + PART]
            yield len(self._accounts.create_many([(dict(line.values), password) for line, password in part]))

    def _line(self, row: int, cells: Mapping[str, str], seen: dict[str, int]) -> Line:
        login, role = cells["login"].lower(), ROLES.get(cells["role"])
        values = {
            "login": login,
            "name": cells["name"],
            "role": role,
            "region": cells["region"],
            "unit": cells.get("unit") or None,
        }
        faults = [{"at": fault["at"][1:], "message": fault["message"]} for fault in faults_of(values)]
        faults += self._more_faults(values, cells["role"])
        if login in seen:
            faults.append({"at": "login", "message": f"stands in row {seen[login]} already"})
        seen.setdefault(login, row)
        known = find_user(self._store, login) if not faults else None
        if known is not None and not _says_the_same(known, values):
            faults.append({"at": "login", "message": "the login is taken"})
        outcome = Outcome.FAULTY if faults else Outcome.THERE if known else Outcome.NEW
        return Line(row, values, outcome, tuple(faults))

    def _more_faults(self, values: Mapping[str, Any], role: str) -> Iterator[dict[str, str]]:
        if not 0 < len(values["name"]) <= _NAME_LENGTH:
            yield {"at": "name", "message": f"1 to {_NAME_LENGTH} characters"}
        if values["unit"] is not None and values["unit"] not in self._units:
            yield {"at": "unit", "message": "no such unit"}
        if values["role"] is None:
            yield {"at": "role", "message": f"{role or 'nothing'} is no role; one of {', '.join(ROLES)}"}
            return
        try:
            self._accounts.may_grant(values["role"], values["region"])
        except NotAllowed as problem:
            yield {"at": "role", "message": problem.detail}


def _columns(headings: Sequence[str]) -> dict[str, int]:
    known = {name: column for column, names in COLUMNS.items() for name in names}
    found = {known[plain]: at for at, each in enumerate(headings) if (plain := each.strip().lower()) in known}
    missing = [column for column in COLUMNS if column not in found and column != "unit"]
    if missing:
        wanted = "; ".join(f"{column} (one of {', '.join(COLUMNS[column])})" for column in missing)
        raise NotATable(f"The first row must name the columns. Not found: {wanted}.")
    return found


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at].strip() if at < len(cells) else ""


def _says_the_same(user: User, values: Mapping[str, Any]) -> bool:
    return all(getattr(user, name) == values[name] for name in ("name", "role", "region", "unit"))
