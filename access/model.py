"""Users, devices, and the caller of a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.principal import Principal, Role


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, and when."""

    by: Principal
    at: datetime


class UserState(StrEnum):
    """Whether a user may sign in."""

    ACTIVE = "active"
    DISABLED = "disabled"


class DeviceState(StrEnum):
    """Whether a device may talk: retired may push, into quarantine; stolen may do nothing."""

    ACTIVE = "active"
    RETIRED = "retired"
    STOLEN = "stolen"


@dataclass(frozen=True, slots=True)
class User:
    """A user, without the password.

    Attributes:
        id: user id.
        login: lower-case name to sign in with.
        name: the person's name.
        role, region, unit: see `Principal`.
        state: see `UserState`.
        version: counts the changes.
        created_at: when the account was made.
        failures: failed sign-ins since the last good one.
        temporary_until: the password was made by somebody else: it opens nothing but its own change, until then.
        second_factor: a second factor is asked for.
    """

    id: str
    login: str
    name: str
    role: Role
    region: str
    unit: str | None
    state: UserState
    version: int
    created_at: datetime
    failures: int = 0
    temporary_until: datetime | None = None
    second_factor: bool = False

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "User":
        """Read a document of `users`."""
        return cls(
            document["_id"],
            document["login"],
            document["name"],
            Role(document["role"]),
            document["region"],
            document.get("unit"),
            UserState(document["state"]),
            document["version"],
            document["created_at"],
            document.get("failures", 0),
            document.get("temporary_until"),
            bool((document.get("second_factor") or {}).get("confirmed_at")),
        )

    @property
    def temporary(self) -> bool:
        """Whether the password was made by somebody else and must be changed first."""
        return self.temporary_until is not None

    @property
    def principal(self) -> Principal:
        """The user as a caller without a device."""
        return Principal(self.id, self.role, self.region, self.unit)


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled device and what it last said.

    Attributes:
        id: device id.
        install: id the app made when it was installed.
        user, region: whose it is, and where.
        state: see `DeviceState`.
        version: counts the changes of state.
        enrolled_at: when.
        app: version of the app.
        last_seen: the last exchange.
        outbox: what it said is still unsent: `max_n`, `pending`, `blobs`.
        last_cursor: the cursor of the last exchange.
        have: ranges of op numbers that the log holds.
        clocks: the last clock samples, at most 8, oldest first.
        forked_at: when an op came under a number that another op has: the phone was cloned.
        clones: other installs that showed this device's token, at most 8: `install`, `seen_at`, `outbox`.
    """

    id: str
    install: str
    user: str
    region: str
    state: DeviceState
    version: int
    enrolled_at: datetime
    app: str | None = None
    last_seen: datetime | None = None
    outbox: Mapping[str, Any] = field(default_factory=dict)
    last_cursor: str | None = None
    have: tuple[tuple[int, int], ...] = ()
    clocks: tuple[Mapping[str, Any], ...] = ()
    forked_at: datetime | None = None
    clones: tuple[Mapping[str, Any], ...] = ()

    @property
    def missing(self) -> tuple[tuple[int, int], ...]:
        """Ranges of op numbers that the device has given and the log does not hold."""
        gaps, following = [], 1
        for first, last in self.have:
            if following < first:
                gaps.append((following, first - 1))
            following = last + 1
        newest = self.outbox.get("max_n", 0)
        return (*gaps, *(((following, newest),) if following <= newest else ()))

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Device":
        """Read a document of `devices`."""
        return cls(
            document["_id"],
            document["install"],
            document["user"],
            document["region"],
            DeviceState(document["state"]),
            document["version"],
            document["enrolled_at"],
            document.get("app"),
            document.get("last_seen"),
            document.get("outbox") or {},
            document.get("last_cursor"),
            tuple((first, last) for first, last in document.get("have", ())),
            tuple(document.get("clocks", ())),
            document.get("forked_at"),
            tuple(document.get("clones", ())),
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: network address, and what the browser calls itself."""

    address: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who shows a valid token.

    Attributes:
        principal: the user with role and scope; `worklists` holds the open work lists.
        token: stored name of the token, to revoke or rotate it.
        user: the account.
        device: the device, if the token is a device's.
        kind: what the token is: `session`, `device` or `key`.
        actions: what an API key is restricted to; None: not restricted.
    """

    principal: Principal
    token: str
    user: User
    device: Device | None = None
    kind: str = "session"
    actions: frozenset[str] | None = None


SYSTEM = Principal("system", Role.ADMINISTRATOR, "")
"""The operator at the command line."""
