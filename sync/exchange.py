"""One exchange with a phone: push, what the log has, pull (PROTOCOL §2)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from access.model import Device, DeviceState
from core.principal import Principal
from core.problems import DeviceRevoked
from forms.log import Landed, merge_ranges
from store import Document
from sync.cursor import decode, join
from sync.feed import FeedReader, FeedState
from sync.filing import Sender
from sync.protocol import SyncRequest
from sync.pull import grants, pull
from sync.push import push
from sync.services import Services

_SEEN_EVERY = timedelta(minutes=1)
_CLOCK_SAMPLES = 8
_CLONES = 8
_NEXT_S = 1800


class Exchange:
    """Runs exchanges.

    Args:
        services: the process's.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def run(
        self, principal: Principal, device: Device | None, request: SyncRequest, now: datetime
    ) -> dict[str, Any]:
        """Store what the phone sends and return what it lacks.

        Args:
            principal: the caller, with open work lists.
            device: the device whose token was shown, as it was read with the token.
            request: the parsed request.
            now: when the request came.

        Returns:
            The answer as JSON. A retired device's ops go into quarantine; it is granted nothing and told to wipe.

        Raises:
            DeviceRevoked: the device is marked as stolen.
            BadCursor: the cursor was not made here; nothing was stored.
            PyMongoError: the database could not answer; some ops may be stored, and sending all again is safe.
        """
        if device is not None and device.state is DeviceState.STOLEN:
            raise DeviceRevoked
        retired = device is not None and device.state is DeviceState.RETIRED
        key = self._services.cursor_key
        cursor = decode(request.cursor, key) if request.cursor else None
        cursor = join(cursor, [decode(text, key) for text in request.joined])
        sender = Sender(principal.user, now, request.install, device.id if device else None, retired)
        pushed = push(self._services, principal, request, sender)
        if pushed.households:
            self._services.wake(pushed.households)
        scopes = () if retired else grants(principal)
        with FeedReader(self._services.store) as reader:
            state = reader.state(scopes, device.id if device else None)
            have = self._have(device, request, state, pushed.numbers)
            pulled = pull(reader, state, request, cursor, key)
        if device is not None:
            told: Document = {"have": have, "have_epoch": state.epoch, "last_cursor": pulled.cursor}
            if any(result.get("code") == Landed.DEVICE_FORKED for result in pushed.results):
                told["forked_at"] = now
            self._note(device, request, state.device, told, now)
        answer: dict[str, Any] = {"v": 1, "t1": _millis(now), "t2": _millis(self._services.clock.now())}
        answer |= {"results": pushed.results, "have": have} | pulled.to_json()
        answer["next"] = {"after_s": 0 if pulled.more else _NEXT_S}
        return answer | ({"wipe": True} if retired else {})

    def _have(
        self, device: Device | None, request: SyncRequest, state: FeedState, numbers: Sequence[int]
    ) -> list[list[int]]:
        """Return the ranges of numbers that the log holds; from the log itself when the note cannot be trusted."""
        noted = state.device
        if device is None or device.install != request.install or noted.get("have_epoch") != state.epoch:
            return self._services.log.have(request.install)
        return merge_ranges(noted["have"], numbers)

    def _note(
        self, device: Device, request: SyncRequest, noted: Document, told: Document, now: datetime
    ) -> None:
        """Write what the device last said: only when something changed, or once a minute."""
        outbox = dict(request.outbox)
        told = told | {"outbox": outbox}
        if device.install != request.install:  # a phone that was cloned has taken a new install id
            told = {"clones": _with_clone(noted.get("clones", ()), request.install, outbox, now)}
        changes = {name: value for name, value in told.items() if noted.get(name) != value}
        if not changes and "last_seen" in noted and now - noted["last_seen"] < _SEEN_EVERY:
            return
        samples = [*noted.get("clocks", ()), _sample(request, now)][-_CLOCK_SAMPLES:]
        changes |= {"last_seen": now, "app": request.app, "clocks": samples}
        devices = self._services.store["devices"]
        same = {"have": noted.get("have")} if "have" in changes else {}
        if not devices.update_one({"_id": device.id, **same}, {"$set": changes}).matched_count:
            changes["have"] = self._services.log.have(request.install)  # another exchange was between
            devices.update_one({"_id": device.id}, {"$set": changes})


def _with_clone(clones: Sequence[Document], install: str, outbox: Document, now: datetime) -> list[Document]:
    """Return the other installs that showed a device's token, with what one says now; the latest ones are kept."""
    before = next((each for each in clones if each["install"] == install), None)
    if before is not None and before["outbox"] == outbox and now - before["seen_at"] < _SEEN_EVERY:
        return list(clones)
    others = [each for each in clones if each["install"] != install]
    return [*others, {"install": install, "seen_at": now, "outbox": outbox}][-_CLONES:]


def _sample(request: SyncRequest, now: datetime) -> Document:
    """Return what of the device's clock is worth keeping: numbers, and the boot's name cut short."""
    sample: Document = {"at": now}
    for name in ("wall", "mono", "rtt", "off"):
        value = request.clock.get(name)
        if isinstance(value, (int, float)) and abs(value) < 2**53:
            sample[name] = value
    if isinstance(request.clock.get("boot"), str):
        sample["boot"] = request.clock["boot"][:64]
    return sample


def _millis(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)
