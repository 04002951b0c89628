"""Callers: who shows a token, signing in and out."""

from datetime import datetime
from typing import Any

from access import audit, passwords, second_factor, tokens
from access.attempts import Attempts
from access.model import Act, Caller, Device, Origin, User, UserState
from core.principal import Principal
from core.problems import BadCredentials, NotAuthenticated, SecondFactorRequired
from store import Document, Session, Store

_AGENT_KEPT = 200


def authenticate(store: Store, token: str, now: datetime) -> Caller:
    """Return who shows a token, with device and open work lists: one read of the database.

    A revoked device is returned with its state; what it may still do is for the route to decide. That a session or a
    key was used is noted once a minute.

    Raises:
        NotAuthenticated: the token is unknown, expired, idle for too long or revoked, or its user is disabled.
    """
    name = tokens.token_id(token)
    found = next(iter(store["tokens"].aggregate(_pipeline(name, now))), None)
    if found is None or not found["users"] or _is_idle(found, now):
        raise NotAuthenticated
    user = User.from_document(found["users"][0])
    devices, kind = found["devices"], found["kind"]
    if user.state is not UserState.ACTIVE or (kind == "device" and not devices):
        raise NotAuthenticated
    if kind != "device":
        _touch(store, found, now)
    worklists = tuple(
        sorted(row["_id"] for row in found["worklists"] if user.principal.covers(row["region"]))
    )
    principal = Principal(user.id, user.role, user.region, user.unit, found.get("device"), worklists, name)
    device = Device.from_document(devices[0]) if devices else None
    actions = frozenset(found["actions"]) if kind == "key" else None
    return Caller(principal, name, user, device, kind, actions)


def _is_idle(token: Document, now: datetime) -> bool:
    seen: datetime = token.get("seen_at", now)
    return token["kind"] == "session" and now - seen >= tokens.SESSION_IDLE


def _touch(store: Store, token: Document, now: datetime) -> None:
    if "seen_at" not in token or now - token["seen_at"] >= tokens.TOUCH_EVERY:
        store["tokens"].update_one({"_id": token["_id"]}, {"$max": {"seen_at": now}})


def _pipeline(name: str, now: datetime) -> list[Document]:
    open_ids: list[Document] = [{"$match": {"state": "open"}}, {"$project": {"region": 1}}]
    no_password: list[Document] = [
        {"$project": {"password": 0, "second_factor.secret": 0, "second_factor.recovery": 0}}
    ]
    kinds = ["session", "device", "key"]
    return [
        {"$match": {"_id": name, "kind": {"$in": kinds}, "expires_at": {"$gt": now}}},
        {"$lookup": _join("users", "user", "_id", no_password)},
        {"$lookup": _join("devices", "device", "_id", [])},
        {"$lookup": _join("worklists", "user", "assignees", open_ids)},
    ]


def _join(collection: str, ours: str, theirs: str, pipeline: list[Document]) -> Document:
    return {
        "from": collection,
        "localField": ours,
        "foreignField": theirs,
        "pipeline": pipeline,
        "as": collection,
    }


def sign_in(  # noqa: PLR0913 - what was typed, when, from where
    store: Store,
    login: str,
    password: str,
    now: datetime,
    *,
    code: str | None = None,
    origin: Origin | None = None,
) -> tuple[str, User]:
    """Return a session token (12 h, or 1 h without use) and the user.

    Args:
        store: the database.
        login: as typed.
        password: as typed.
        now: when.
        code: of the second factor, or a recovery code, if the user has one.
        origin: where the request comes from.

    Raises:
        TooManyAttempts: after failed attempts the next one must wait.
        BadCredentials: the login is unknown, the password or the code is wrong, the account is disabled, or its
            one-time password is too old; which, is not told.
        SecondFactorRequired: all is right, and a code is asked for.
    """
    origin = origin or Origin()
    attempts = Attempts(store, now, origin.address)
    attempts.begin_sign_in(login)
    found = store["users"].find_one({"login": login.lower()})
    fits = passwords.verify(found["password"] if found else None, password)
    if found is None:
        raise BadCredentials
    user = User.from_document(found)
    if not fits or not _may_sign_in(user, now):
        _refuse(store, user, origin, now)
    if user.second_factor and code is None:
        attempts.unfinished(login)
        raise SecondFactorRequired
    if user.second_factor and not second_factor.use(store, found, code or "", now):
        _refuse(store, user, origin, now)
    attempts.signed_in(login)
    return _start(store, user, _refreshed(found, password), origin, now), user


def _may_sign_in(user: User, now: datetime) -> bool:
    too_old = user.temporary_until is not None and user.temporary_until <= now
    return user.state is UserState.ACTIVE and not too_old


def _refuse(store: Store, user: User, origin: Origin, now: datetime) -> None:
    """Count and tell the trail of a failed sign-in.

    Raises:
        BadCredentials: always.
    """
    act = Act(_of(user, None, origin), now)

    def work(session: Session) -> None:
        failed = {"$inc": {"failures": 1}, "$set": {"failed_at": now}}
        store["users"].update_one({"_id": user.id}, failed, session=session)
        refused: dict[str, Any] = {"refused": True}
        audit.record(store, act, "session:start", f"user/{user.id}", user.region, refused, session=session)

    store.transaction(work)
    raise BadCredentials


def _refreshed(user: Document, password: str) -> Document:
    """Return what a good sign-in changes of an account."""
    changes: Document = {"failures": 0}
    if passwords.is_outdated(user["password"]):
        changes["password"] = passwords.hash_password(password)
    return changes


def _start(store: Store, user: User, changes: Document, origin: Origin, now: datetime) -> str:
    """Make a session and return its token."""
    token = tokens.new_token()
    ends = now + tokens.SESSION_LIFE
    if user.temporary_until is not None:
        ends = min(ends, user.temporary_until)
    agent = (origin.agent or "")[:_AGENT_KEPT]
    entry = tokens.entry(
        token, "session", user.id, ends, created_at=now, seen_at=now, address=origin.address, agent=agent
    )

    def work(session: Session) -> None:
        store["users"].update_one({"_id": user.id}, {"$set": changes}, session=session)
        store["tokens"].insert_one(dict(entry), session=session)
        act = Act(_of(user, tokens.token_id(token), origin), now)
        audit.record(store, act, "session:start", f"user/{user.id}", user.region, session=session)

    store.transaction(work)
    return token


def _of(user: User, session: str | None, origin: Origin) -> Principal:
    return Principal(user.id, user.role, user.region, user.unit, session=session, address=origin.address)


def sign_out(store: Store, caller: Caller, now: datetime) -> None:
    """Revoke the token that was shown."""

    def work(session: Session) -> None:
        store["tokens"].delete_one({"_id": caller.token}, session=session)
        act, user = Act(caller.principal, now), caller.user
        audit.record(store, act, "session:end", f"user/{user.id}", user.region, session=session)

    store.transaction(work)
