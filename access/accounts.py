"""Accounts: made, read and changed by those who may, within their region."""

import re
from collections.abc import Mapping
from typing import Any

from access import audit, passwords
from access.model import Act, User, UserState
from access.policy import may_grant
from access.repository import change, insert_account
from core.ids import uuid7
from core.principal import Role
from core.problems import NotAllowed, NotFound, Unprocessable
from store import Document, Session, Store
from store.paging import Place, page, within

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_REGION = re.compile(r"[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}")


def find_user(store: Store, login: str) -> User | None:
    """Return a user by login, whoever asks, or None."""
    found = store["users"].find_one({"login": login.lower()}, {"password": 0})
    return None if found is None else User.from_document(found)


class Accounts:
    """The accounts as one user sees and changes them.

    Args:
        store: the database.
        act: who is asking, and when; `Act(SYSTEM, now)` is the operator.
    """

    def __init__(self, store: Store, act: Act) -> None:
        self._store = store
        self._act = act

    def create(  # noqa: PLR0913 - an account, said by keyword
        self,
        *,
        login: str,
        name: str,
        role: Role,
        region: str,
        password: str,
        unit: str | None = None,
    ) -> User:
        """Make an account.

        Raises:
            NotAllowed: the caller may not give the role, or the region lies outside the caller's.
            Unprocessable: a value has a wrong form; an officer has no unit.
            Conflict: the login is taken.
        """
        login = login.lower()
        _check({"login": login, "region": region, "role": role, "unit": unit, "password": password})
        self._may_grant(role, region)
        document: Document = {
            "_id": uuid7(),
            "login": login,
            "name": name,
            "role": role.value,
            "region": region,
            "unit": unit,
            "state": UserState.ACTIVE.value,
            "version": 1,
            "created_at": self._act.at,
            "password": passwords.hash_password(password),
            "failures": 0,
        }
        user = User.from_document(document)

        def work(session: Session) -> User:
            insert_account(self._store, dict(document), session)
            self._record(user, {"created": {"login": login, "role": role.value, "unit": unit}}, session)
            return user

        return self._store.transaction(work)

    def get(self, user_id: str) -> User:
        """Return a user of the caller's region.

        Raises:
            NotFound: there is none, or it lies outside the region.
        """
        scope = within(self._act.by.region)
        found = self._store["users"].find_one({"_id": user_id, "region": scope}, {"password": 0})
        if found is None:
            raise NotFound
        return User.from_document(found)

    def list(
        self, *, limit: int, place: Place | None = None, role: Role | None = None
    ) -> tuple[list[User], Place | None]:
        """Return a page of the users of the caller's region, and the place of the next page."""
        query: Document = {"region": within(self._act.by.region)}
        if role is not None:
            query["role"] = role.value
        keys = ("region", "_id")
        found, following = page(
            self._store, "users", query, keys=keys, place=place, limit=limit, without=("password",)
        )
        return [User.from_document(document) for document in found], following

    def change(self, user_id: str, changes: Mapping[str, str | None], *, version: int) -> User:
        """Change name, role, region, unit or state of an account; disabling it revokes its tokens.

        Raises:
            NotFound, NotAllowed, Unprocessable: as in `create`.
            PreconditionFailed: `version` is not the present one.
        """
        user = self.get(user_id)
        wanted: Document = {"role": user.role, "region": user.region, "unit": user.unit, **changes}
        self._may_grant(user.role, user.region)
        _check(wanted)
        self._may_grant(Role(wanted["role"]), wanted["region"])

        def work(session: Session) -> User:
            after = User.from_document(change(self._store, "users", (user_id, version), changes, session))
            if after.state is not UserState.ACTIVE:
                self._store["tokens"].delete_many({"user": user_id}, session=session)
            if after.region != user.region:
                moved = {"$set": {"region": after.region}}
                self._store["devices"].update_many({"user": user_id}, moved, session=session)
            self._record(after, {"changed": dict(changes)}, session)
            return after

        return self._store.transaction(work)

    def set_password(self, user_id: str, password: str) -> None:
        """Give an account a new password and end its sessions; devices stay enrolled. All may change their own.

        Raises:
            NotFound, NotAllowed, Unprocessable: as in `create`.
        """
        user = self.get(user_id)
        if user.id != self._act.by.user:
            self._may_grant(user.role, user.region)
        _check({"password": password})
        values = {"password": passwords.hash_password(password), "failures": 0}

        def work(session: Session) -> None:
            self._store["users"].update_one({"_id": user_id}, {"$set": values}, session=session)
            self._store["tokens"].delete_many({"user": user_id, "kind": "session"}, session=session)
            self._record(user, {"password": "set"}, session)

        self._store.transaction(work)

    def _may_grant(self, role: Role, region: str) -> None:
        by = self._act.by
        if not may_grant(by.role, role):
            raise NotAllowed(f"A {by.role} may not give the role {role}, nor change an account that has it.")
        if not by.covers(region):
            raise NotAllowed(f"Region {region} lies outside yours ({by.region}).")

    def _record(self, user: User, detail: Document, session: Session) -> None:
        target = f"user/{user.id}"
        audit.record(self._store, self._act, "users:write", target, user.region, detail, session=session)


def _check(values: Mapping[str, Any]) -> None:
    """Check the form of an account's values, all at once."""
    errors = []
    if "login" in values and not _LOGIN.fullmatch(values["login"]):
        errors.append({"at": "/login", "message": "2 to 64 of a-z, 0-9, dot, hyphen, underscore"})
    if "region" in values and not _REGION.fullmatch(values["region"]):
        errors.append({"at": "/region", "message": "a region code of 4, 6, 9 or 12 digits"})
    if values.get("role") == Role.OFFICER and not values.get("unit"):
        errors.append({"at": "/unit", "message": "an officer belongs to a responsible unit"})
    if "password" in values and not passwords.SHORTEST <= len(values["password"]) <= passwords.LONGEST:
        bounds = f"{passwords.SHORTEST} to {passwords.LONGEST} characters"
        errors.append({"at": "/password", "message": bounds})
    if errors:
        raise Unprocessable(errors=errors)
