"""Devices: enrolled by a one-time code, listed, retired, marked as stolen, given new tokens."""

from dataclasses import replace
from datetime import datetime

from access import audit, tokens
from access.accounts import Accounts
from access.attempts import Attempts
from access.model import Act, Caller, Device, DeviceState, Origin, User, UserState
from access.repository import change, put_device
from core.ids import uuid7
from core.problems import BadEnrolmentCode, Conflict, NotAllowed, NotFound
from store import Session, Store
from store.paging import Place, page, within


class Devices:
    """The devices as one user sees and changes them.

    Args:
        store: the database.
        act: who is asking, and when; `Act(SYSTEM, now)` is the operator.
    """

    def __init__(self, store: Store, act: Act) -> None:
        self._store = store
        self._act = act

    def make_code(self, user_id: str) -> tuple[str, datetime]:
        """Return a one-time enrolment code for a user's device, and when it ends (10 minutes).

        Raises:
            NotFound: there is no such active user in the caller's region.
        """
        user = Accounts(self._store, self._act).get(user_id)
        if user.state is not UserState.ACTIVE:
            raise NotFound
        code, expires_at = tokens.new_code(), self._act.at + tokens.CODE_LIFE
        entry = {"_id": tokens.code_id(code), "kind": "enrolment", "user": user.id, "expires_at": expires_at}

        def work(session: Session) -> None:
            self._store["tokens"].insert_one(dict(entry), session=session)
            target = f"user/{user.id}"
            audit.record(self._store, self._act, "devices:enrol", target, user.region, session=session)

        self._store.transaction(work)
        return code, expires_at

    def get(self, device_id: str) -> Device:
        """Return a device of the caller's region.

        Raises:
            NotFound: there is none, or it lies outside the region.
        """
        found = self._store["devices"].find_one({"_id": device_id, "region": within(self._act.by.region)})
        if found is None:
            raise NotFound
        return Device.from_document(found)

    def list(self, *, limit: int, place: Place | None = None) -> tuple[list[Device], Place | None]:
        """Return a page of the devices of the caller's region, and the place of the next page."""
        query = {"region": within(self._act.by.region)}
        keys = ("region", "_id")
        found, following = page(self._store, "devices", query, keys=keys, place=place, limit=limit)
        return [Device.from_document(document) for document in found], following

    def set_state(self, device_id: str, state: DeviceState, *, version: int) -> Device:
        """Retire a device, or mark it stolen. Its token stays known, so that it is told why it is refused.

        Raises:
            NotFound: there is none in the caller's region.
            PreconditionFailed: `version` is not the present one.
        """
        self.get(device_id)

        def work(session: Session) -> Device:
            values = {"state": state.value}
            device = Device.from_document(
                change(self._store, "devices", (device_id, version), values, session)
            )
            _record(self._store, self._act, "devices:write", device, session)
            return device

        return self._store.transaction(work)


def enrol(  # noqa: PLR0913 - what was typed, by which app, when, from where
    store: Store,
    code: str,
    install: str,
    now: datetime,
    *,
    app: str | None = None,
    origin: Origin | None = None,
) -> tuple[str, Device]:
    """Trade a one-time code for a device token (400 days).

    The same install of the same user keeps its device, with a new token in place of the old ones.

    Raises:
        BadEnrolmentCode: the code is wrong, used or expired, or its user is disabled.
        Conflict: the install belongs to another user or was stolen; the code can still be used.
        TooManyAttempts: after wrong codes the next attempt must wait.
    """
    token, address = tokens.new_token(), origin.address if origin else None
    attempts = Attempts(store, now, address)
    attempts.begin_code()

    def work(session: Session) -> Device:
        query = {"_id": tokens.code_id(code), "kind": "enrolment", "expires_at": {"$gt": now}}
        used = store["tokens"].find_one_and_delete(query, session=session)
        query = {"_id": used["user"], "state": UserState.ACTIVE.value} if used else {}
        found = store["users"].find_one(query, session=session) if used else None
        if found is None:
            raise BadEnrolmentCode
        user = User.from_document(found)
        act = Act(replace(user.principal, address=address), now)
        device = _place(store, act, install, app, session)
        act = Act(replace(act.by, device=device.id), now)
        store["tokens"].delete_many({"device": device.id}, session=session)
        entry = tokens.entry(
            token, "device", user.id, now + tokens.DEVICE_LIFE, device=device.id, created_at=now
        )
        store["tokens"].insert_one(entry, session=session)
        _record(store, act, "devices:enrol", device, session)
        return device

    device = store.transaction(work)
    attempts.code_was_good()
    return token, device


def _place(store: Store, act: Act, install: str, app: str | None, session: Session) -> Device:
    """Return the device of an install, made if it is new."""
    user = act.by.user
    known = store["devices"].find_one({"install": install}, session=session)
    if known and (known["user"] != user or known["state"] == DeviceState.STOLEN):
        raise Conflict("This install id belongs to another device; the app must take a new one.")
    key = known["_id"] if known else uuid7()
    values = {"user": user, "region": act.by.region, "state": DeviceState.ACTIVE.value, "app": app}
    fresh = {"install": install, "enrolled_at": act.at, "have": [], "clocks": []}
    return Device.from_document(put_device(store, key, values, fresh, session))


def rotate(store: Store, caller: Caller, now: datetime) -> str:
    """Return a new token for the caller's device; the old one works for another 7 days.

    Raises:
        NotAllowed: the caller shows no device's token.
    """
    device, token = caller.device, tokens.new_token()
    if device is None:
        raise NotAllowed("Only a device's token can be rotated.")

    def work(session: Session) -> None:
        ending = {"$min": {"expires_at": now + tokens.ROTATION_GRACE}}
        store["tokens"].update_many({"device": device.id}, ending, session=session)
        entry = tokens.entry(
            token, "device", device.user, now + tokens.DEVICE_LIFE, device=device.id, created_at=now
        )
        store["tokens"].insert_one(entry, session=session)
        _record(store, Act(caller.principal, now), "devices:rotate", device, session)

    store.transaction(work)
    return token


def _record(store: Store, act: Act, action: str, device: Device, session: Session) -> None:
    detail = {"state": device.state.value}
    audit.record(store, act, action, f"device/{device.id}", device.region, detail, session=session)
