"""Who may do what: users, roles, region scope, devices, tokens, audit trail."""

from access.accounts import Accounts, find_user
from access.devices import Devices, enrol, rotate
from access.model import SYSTEM, Act, Caller, Device, DeviceState, User, UserState
from access.policy import ACTIONS, allows, may_grant
from access.sessions import authenticate, sign_in, sign_out

__all__ = [
    "ACTIONS",
    "SYSTEM",
    "Accounts",
    "Act",
    "Caller",
    "Device",
    "DeviceState",
    "Devices",
    "User",
    "UserState",
    "allows",
    "authenticate",
    "enrol",
    "find_user",
    "may_grant",
    "rotate",
    "sign_in",
    "sign_out",
]
