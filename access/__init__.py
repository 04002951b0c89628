"""Who may do what: users, roles, region scope, devices, tokens, audit trail."""

from access.accounts import Accounts, find_user
from access.devices import Devices, enrol, rotate
from access.model import SYSTEM, Act, Caller, Device, DeviceState, Origin, User, UserState
from access.own import Held, Holdings, change_password
from access.policy import ACTIONS, allows, may_grant
from access.second_factor import Offer, SecondFactor
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
    "Held",
    "Holdings",
    "Offer",
    "Origin",
    "SecondFactor",
    "User",
    "UserState",
    "allows",
    "authenticate",
    "change_password",
    "enrol",
    "find_user",
    "may_grant",
    "rotate",
    "sign_in",
    "sign_out",
]
