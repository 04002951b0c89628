"""Accounts: made, read and changed by those who may, within their region."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
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

TEMPORARY_LIFE = timedelta(days=7)
"""How long a one-time password works."""

_SECRETS = ("password", "second_factor.secret", "second_factor.recovery")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_REGION = re.compile(r"[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}")


def find_user(store: Store, login: str) -> User | None:
    """Return a user by login, whoever asks, or None."""
    found = store["users"].find_one({"login": login.lower()}, dict.fromkeys(_SECRETS, 0))
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
        temporary: bool = False,
    ) -> User:
        """Make an account; with `temporary`, its password must be changed at the first sign-in, within a week.

        Raises:
            NotAllowed: the caller may not give the role, or the region lies outside the caller's.
            Unprocessable: a value has a wrong form; an officer has no unit.
            Conflict: the login is taken.
        """
        login = login.lower()
        values = {"login": login, "name": name, "region": region, "role": role, "unit": unit}
        errors = faults_of(values | {"password": password})
        if errors:
            raise Unprocessable(errors=errors)
        self.may_grant(role, region)
        document = self._document(values, password, temporary=temporary)

        def work(session: Session) -> User:
            return self._insert(document, session)

        return self._store.transaction(work)

    def create_many(self, accounts: Sequence[tuple[Document, str]]) -> list[User]:
        """Make accounts with one-time passwords, all or none.

        Args:
            accounts: values (login, name, role, region, unit) that are free of faults, and the password of each.

        Raises:
            NotAllowed: the caller may not make one of them.
            Conflict: a login is taken; nothing was made.
        """
        for values, _ in accounts:
            self.may_grant(values["role"], values["region"])
        documents = [self._document(values, password, temporary=True) for values, password in accounts]

        def work(session: Session) -> list[User]:
            return [self._insert(document, session) for document in documents]

        return self._store.transaction(work)

    def _document(self, values: Document, password: str, *, temporary: bool) -> Document:
        document: Document = {
            "_id": uuid7(),
            **values,
            "role": values["role"].value,
            "state": UserState.ACTIVE.value,
            "version": 1,
            "created_at": self._act.at,
            "password": passwords.hash_password(password),
            "failures": 0,
        }
        return document | ({"temporary_until": self._act.at + TEMPORARY_LIFE} if temporary else {})

    def _insert(self, document: Document, session: Session) -> User:
        insert_account(self._store, dict(document), session)
        user = User.from_document(document)
        created = {"login": user.login, "role": user.role.value, "unit": user.unit}
        self._record(user, {"created": created}, session)
        return user

    def get(self, user_id: str) -> User:
        """Return a user of the caller's region.

        Raises:
            NotFound: there is none, or it lies outside the region.
        """
        scope = within(self._act.by.region)
        found = self._store["users"].find_one({"_id": user_id, "region": scope}, dict.fromkeys(_SECRETS, 0))
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
            self._store, "users", query, keys=keys, place=place, limit=limit, without=_SECRETS
        )
        return [User.from_document(document) for document in found], following

    def change(self, user_id: str, changes: Mapping[str, str | None], *, version: int) -> User:
        """Change name, role, region, unit or state of an account; disabling it revokes its tokens.

        Raises:
            NotFound, NotAllowed, Unprocessable: as in `create`.
            PreconditionFailed: `version` is not the present one.
        """
        user = self.governed(user_id)
        wanted: Document = {"role": user.role, "region": user.region, "unit": user.unit, **changes}
        errors = faults_of(wanted)
        if errors:
            raise Unprocessable(errors=errors)
        self.may_grant(Role(wanted["role"]), wanted["region"])

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

    def set_password(self, user_id: str, password: str, *, temporary: bool = False) -> None:
        """Give an account a new password and end its sessions and keys; devices stay enrolled.

        With `temporary`, it must be changed at the first sign-in, within a week.

        Raises:
            NotFound, NotAllowed, Unprocessable: as in `create`.
        """
        user = self.governed(user_id)
        errors = faults_of({"login": user.login, "name": user.name, "password": password})
        if errors:
            raise Unprocessable(errors=errors)
        until = self._act.at + TEMPORARY_LIFE if temporary else None
        values = {"password": passwords.hash_password(password), "failures": 0, "temporary_until": until}

        def work(session: Session) -> None:
            self._store["users"].update_one({"_id": user_id}, {"$set": values}, session=session)
            held = {"user": user_id, "kind": {"$in": ["session", "key"]}}
            self._store["tokens"].delete_many(held, session=session)
            self._record(user, {"password": "reset"}, session)

        self._store.transaction(work)

    def reset_password(self, user_id: str) -> str:
        """Give an account a one-time password, as `set_password`; return it, shown once."""
        password = passwords.new_password()
        self.set_password(user_id, password, temporary=True)
        return password

    def take_off_second_factor(self, user_id: str) -> None:
        """Take the second factor off an account whose owner lost it.

        Raises:
            NotFound, NotAllowed: as in `create`.
        """
        user = self.governed(user_id)

        def work(session: Session) -> None:
            gone = {"$unset": {"second_factor": ""}}
            self._store["users"].update_one({"_id": user_id}, gone, session=session)
            self._record(user, {"second_factor": "taken off"}, session)

        self._store.transaction(work)

    def governed(self, user_id: str) -> User:
        """Return a user whose account the caller may change.

        Raises:
            NotFound: there is none in the caller's region.
            NotAllowed: the caller may not change an account of this role.
        """
        user = self.get(user_id)
        self.may_grant(user.role, user.region)
        return user

    def may_grant(self, role: Role, region: str) -> None:
        """Check that the caller may give a role in a region.

        Raises:
            NotAllowed: not so.
        """
        by = self._act.by
        if not may_grant(by.role, role):
            raise NotAllowed(f"A {by.role} may not give the role {role}, nor change an account that has it.")
        if not by.covers(region):
            raise NotAllowed(f"Region {region} lies outside yours ({by.region}).")

    def _record(self, user: User, detail: Document, session: Session) -> None:
        target = f"user/{user.id}"
        audit.record(self._store, self._act, "users:write", target, user.region, detail, session=session)


def faults_of(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what is wrong with an account's values, each with its place."""
    errors = []
    if "login" in values and not _LOGIN.fullmatch(values["login"]):
        errors.append({"at": "/login", "message": "2 to 64 of a-z, 0-9, dot, hyphen, underscore"})
    if "region" in values and not _REGION.fullmatch(values["region"]):
        errors.append({"at": "/region", "message": "a region code of 4, 6, 9 or 12 digits"})
    if values.get("role") == Role.OFFICER and not values.get("unit"):
        errors.append({"at": "/unit", "message": "an officer belongs to a responsible unit"})
    if "password" in values:
        fault = passwords.fault_of(values["password"], (values.get("login", ""), values.get("name", "")))
        errors += [{"at": "/password", "message": fault}] if fault else []
    return errors
