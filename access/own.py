"""What a user holds: sessions, phones' tokens and API keys; listed, revoked, made. And the user's own password."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access import audit, passwords, tokens
from access.attempts import Attempts
from access.model import Act, Caller
from access.policy import ACTIONS, KEY_ACTIONS
from core.problems import BadCredentials, NotFound, Unprocessable
from store import Document, Session, Store

MOST = 200
"""Tokens of one user that are listed; no more keys than this are made."""
_KINDS = ("session", "device", "key")


@dataclass(frozen=True, slots=True)
class Held:
    """A token that a user holds, without the token.

    Attributes:
        id: stored name of the token.
        kind: `session`, `device` or `key`.
        name: of a key.
        actions: what a key is restricted to.
        created_at, seen_at, expires_at: when it was made, last used, and ends.
        address, agent: where a session was begun.
        device: id of the phone.
    """

    id: str
    kind: str
    name: str | None
    actions: tuple[str, ...]
    created_at: datetime | None
    seen_at: datetime | None
    expires_at: datetime
    address: str | None
    agent: str | None
    device: str | None

    @classmethod
    def from_document(cls, document: Document) -> "Held":
        """Read a document of `tokens`."""
        return cls(
            document["_id"],
            document["kind"],
            document.get("name"),
            tuple(document.get("actions", ())),
            document.get("created_at"),
            document.get("seen_at"),
            document["expires_at"],
            document.get("address"),
            document.get("agent"),
            document.get("device"),
        )


class Holdings:
    """The tokens of one user, as the user or an administrator sees them.

    Args:
        store: the database.
        act: who asks.
        user: id of whose tokens they are. That `act.by` may see them is for the caller to know.
        region: the user's.
    """

    def __init__(self, store: Store, act: Act, user: str, region: str) -> None:
        self._store = store
        self._act = act
        self._user = user
        self._region = region

    def list(self, *kinds: str) -> list[Held]:
        """Return the tokens that work, newest end first."""
        query = self._query({"kind": {"$in": list(kinds or _KINDS)}})
        found = self._store["tokens"].find(query).sort([("expires_at", -1), ("_id", 1)]).limit(MOST)
        return [Held.from_document(document) for document in found]

    def revoke(self, token: str, *kinds: str) -> None:
        """End one token.

        Raises:
            NotFound: the user has no such token.
        """
        if not self._end(
            self._query({"_id": token, "kind": {"$in": list(kinds or _KINDS)}}), {"token": token}
        ):
            raise NotFound

    def revoke_sessions(self, *, keep: str | None = None) -> int:
        """End all sessions but the one to keep; return how many."""
        return self._end(self._query({"kind": "session", "_id": {"$ne": keep}}), {"sessions": "all others"})

    def revoke_all(self) -> int:
        """End all sessions and keys; phones have their own state. Return how many."""
        return self._end(
            self._query({"kind": {"$in": ["session", "key"]}}), {"sessions": "all", "keys": "all"}
        )

    def make_key(self, name: str, actions: Collection[str], expires_at: datetime) -> tuple[str, Held]:
        """Make an API key of the asking user; return it, shown once.

        Raises:
            Unprocessable: an action is not one of the role's that a key may have, or the end is not within a year.
        """
        by, now = self._act.by, self._act.at
        errors = [
            {"at": f"/actions/{index}", "message": f"not an action that a key of a {by.role} may have"}
            for index, action in enumerate(actions)
            if action not in KEY_ACTIONS or by.role not in ACTIONS[action]
        ]
        if not now < expires_at <= now + tokens.KEY_LIFE:
            errors.append({"at": "/expires_at", "message": "within a year from now"})
        if len(self.list("key")) >= MOST:
            errors.append({"at": "/", "message": f"you have {MOST} keys; revoke those that nobody uses"})
        if errors:
            raise Unprocessable(errors=errors)
        token, listed = tokens.new_token(), sorted(set(actions))
        more: dict[str, Any] = {"name": name, "actions": listed, "created_at": now, "seen_at": now}
        document = tokens.entry(token, "key", self._user, expires_at, **more)

        def work(session: Session) -> None:
            self._store["tokens"].insert_one(dict(document), session=session)
            self._record("keys:write", {"made": name, "actions": listed, "token": document["_id"]}, session)

        self._store.transaction(work)
        return token, Held.from_document(document)

    def _query(self, more: Document) -> Document:
        return {"user": self._user, "expires_at": {"$gt": self._act.at}} | more

    def _end(self, query: Document, detail: Document) -> int:
        def work(session: Session) -> int:
            ended = self._store["tokens"].delete_many(query, session=session).deleted_count
            if ended or "token" not in detail:
                self._record("tokens:revoke", detail | {"ended": ended}, session)
            return ended

        return self._store.transaction(work)

    def _record(self, action: str, detail: Document, session: Session) -> None:
        target = f"user/{self._user}"
        audit.record(self._store, self._act, action, target, self._region, detail, session=session)


def change_password(store: Store, caller: Caller, present: str, wanted: str, now: datetime) -> None:
    """Change one's own password; all other sessions end.

    Raises:
        BadCredentials: the present password is wrong.
        TooManyAttempts: it was wrong too often of late.
        Unprocessable: the new one is too short, common, or the present one.
    """
    user = caller.user
    attempts = Attempts(store, now, caller.principal.address)
    attempts.begin_sign_in(user.login)
    found = store["users"].find_one({"_id": user.id}) or {}
    if not passwords.verify(found.get("password"), present):
        raise BadCredentials
    attempts.unfinished(user.login)
    fault = (
        "the present password" if wanted == present else passwords.fault_of(wanted, (user.login, user.name))
    )
    if fault:
        raise Unprocessable(errors=[{"at": "/password", "message": fault}])
    update = {"$set": {"password": passwords.hash_password(wanted)}, "$unset": {"temporary_until": ""}}

    def work(session: Session) -> None:
        store["users"].update_one({"_id": user.id}, update, session=session)
        others = {"user": user.id, "kind": "session", "_id": {"$ne": caller.token}}
        store["tokens"].delete_many(others, session=session)
        act = Act(caller.principal, now)
        audit.record(store, act, "password:change", f"user/{user.id}", user.region, session=session)

    store.transaction(work)
