"""Callers: who shows a token, signing in and out."""

from datetime import datetime

from access import audit, passwords, tokens
from access.model import Act, Caller, Device, User, UserState
from core.principal import Principal
from core.problems import BadCredentials, NotAuthenticated
from store import Document, Session, Store


def authenticate(store: Store, token: str, now: datetime) -> Caller:
    """Return who shows a token, with device and open work lists: one read of the database.

    A revoked device is returned with its state; what it may still do is for the route to decide.

    Raises:
        NotAuthenticated: the token is unknown, expired or revoked, or its user is disabled.
    """
    name = tokens.token_id(token)
    found = next(iter(store["tokens"].aggregate(_pipeline(name, now))), None)
    if found is None or not found["users"]:
        raise NotAuthenticated
    user = User.from_document(found["users"][0])
    devices = found["devices"]
    if user.state is not UserState.ACTIVE or (found["kind"] == "device" and not devices):
        raise NotAuthenticated
    worklists = tuple(
        sorted(row["_id"] for row in found["worklists"] if user.principal.covers(row["region"]))
    )
    principal = Principal(user.id, user.role, user.region, user.unit, found.get("device"), worklists, name)
    return Caller(principal, name, user, Device.from_document(devices[0]) if devices else None)


def _pipeline(name: str, now: datetime) -> list[Document]:
    open_ids: list[Document] = [{"$match": {"state": "open"}}, {"$project": {"region": 1}}]
    no_password: list[Document] = [{"$project": {"password": 0}}]
    return [
        {"$match": {"_id": name, "kind": {"$in": ["session", "device"]}, "expires_at": {"$gt": now}}},
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


def sign_in(store: Store, login: str, password: str, now: datetime) -> tuple[str, User]:
    """Return a session token (12 h) and the user.

    Raises:
        BadCredentials: the login is unknown, the password is wrong, or the account is disabled; which, is not told.
    """
    found = store["users"].find_one({"login": login.lower()})
    fits = passwords.verify(found["password"] if found else None, password)
    if found is None:
        raise BadCredentials
    if not fits:
        failed = {"$inc": {"failures": 1}, "$set": {"failed_at": now}}
        store["users"].update_one({"_id": found["_id"]}, failed)
        raise BadCredentials
    user = User.from_document(found)
    if user.state is not UserState.ACTIVE:
        raise BadCredentials
    changes: Document = {"failures": 0}
    if passwords.is_outdated(found["password"]):
        changes["password"] = passwords.hash_password(password)
    token = tokens.new_token()
    entry = tokens.entry(token, "session", user.id, now + tokens.SESSION_LIFE)

    def work(session: Session) -> None:
        store["users"].update_one({"_id": user.id}, {"$set": changes}, session=session)
        store["tokens"].insert_one(dict(entry), session=session)
        act = Act(user.principal, now)
        audit.record(store, act, "session:start", f"user/{user.id}", user.region, session=session)

    store.transaction(work)
    return token, user


def sign_out(store: Store, caller: Caller, now: datetime) -> None:
    """Revoke the token that was shown."""

    def work(session: Session) -> None:
        store["tokens"].delete_one({"_id": caller.token}, session=session)
        act, user = Act(caller.principal, now), caller.user
        audit.record(store, act, "session:end", f"user/{user.id}", user.region, session=session)

    store.transaction(work)
