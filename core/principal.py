"""Who is asking, and with which scope."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a user may do; `access.policy` holds the table of actions."""

    ADMINISTRATOR = "administrator"
    COORDINATOR = "coordinator"
    SUPERVISOR = "supervisor"
    ENUMERATOR = "enumerator"
    OFFICER = "officer"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller.

    Attributes:
        user: user id.
        role: one of `Role`.
        region: region-code prefix that bounds every query (city 4, banner 6, sumu 9, gacha 12 digits).
        unit: responsible unit of an officer, a code of `validators/policy/units.yaml`.
        device: the device whose token was shown, if it was a device's.
        worklists: ids of the work lists assigned to the user, when the token was read for sync.
        session: stored name of the token that was shown; None at the command line.
        address: network address that the request came from.
    """

    user: str
    role: Role
    region: str
    unit: str | None = None
    device: str | None = None
    worklists: tuple[str, ...] = ()
    session: str | None = None
    address: str | None = None

    def covers(self, region: str) -> bool:
        """Tell whether a region code lies within this caller's scope."""
        return region.startswith(self.region)
