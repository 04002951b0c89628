"""Who may do what: one table, action → roles. A role not in the row may not.

Roles say what kind of thing a user may do; the region of the user says to which households. Both are asked always.
"""

from collections.abc import Collection, Mapping

from core.principal import Role

_EVERYONE = frozenset(Role)
_OFFICE = frozenset({Role.ADMINISTRATOR, Role.COORDINATOR})
_FIELD_LEAD = _OFFICE | {Role.SUPERVISOR}
_READERS = _EVERYONE - {Role.ENUMERATOR}

ACTIONS: Mapping[str, frozenset[Role]] = {
    "session:read": _EVERYONE,
    "session:end": _EVERYONE,
    "tokens:read": _EVERYONE,
    "tokens:revoke": _EVERYONE,
    "keys:write": _EVERYONE - {Role.ENUMERATOR},
    "password:change": _EVERYONE,
    "second-factor:write": _OFFICE,
    "policy:read": _EVERYONE,
    "routing:write": _OFFICE,
    "forms:read": _EVERYONE,
    "forms:publish": _OFFICE,
    "users:read": _FIELD_LEAD,
    "users:write": _OFFICE,
    "users:tokens": _OFFICE,
    "devices:read": _FIELD_LEAD,
    "devices:enrol": _FIELD_LEAD,
    "devices:write": _OFFICE,
    "devices:rotate": _EVERYONE,
    "households:read": _READERS,
    "households:register": _OFFICE,
    "households:correct": _FIELD_LEAD,
    "households:unmask": _FIELD_LEAD | {Role.OFFICER},
    "interviews:read": _READERS,
    "interviews:return": _FIELD_LEAD,
    "interviews:unmask": _FIELD_LEAD,
    "findings:read": _READERS,
    "findings:reply": _FIELD_LEAD | {Role.OFFICER},
    "cases:read": _READERS,
    "cases:write": _FIELD_LEAD | {Role.OFFICER},
    "notifications:read": _EVERYONE,
    "webhooks:read": frozenset({Role.ADMINISTRATOR}),
    "webhooks:write": frozenset({Role.ADMINISTRATOR}),
    "worklists:read": _EVERYONE - {Role.OFFICER},
    "worklists:write": _FIELD_LEAD,
    "rounds:write": _OFFICE,
    "sync:exchange": _EVERYONE - {Role.VIEWER},
    "ops:read": _EVERYONE,
    "blobs:send": _EVERYONE - {Role.VIEWER},
    "blobs:read": _EVERYONE,
    "blobs:original": frozenset({Role.ADMINISTRATOR}),
    "reports:read": _READERS,
    "reports:freeze": _OFFICE,
    "reports:sign": _FIELD_LEAD,
    "reports:send": _OFFICE,
    "exports:make": _OFFICE | {Role.OFFICER, Role.SUPERVISOR},
    "audit:read": frozenset({Role.ADMINISTRATOR}),
}

DEVICE_ACTIONS = frozenset(
    {
        "session:read",
        "policy:read",
        "forms:read",
        "devices:rotate",
        "sync:exchange",
        "ops:read",
        "blobs:send",
        "blobs:read",
    }
)
"""What a device's token may do, whoever its user is: a phone is lost more often than a password."""

RETIRED_ACTIONS = frozenset({"sync:exchange", "blobs:send"})
"""What a retired device may still do: hand in what it holds, before it is wiped."""

KEY_ACTIONS = frozenset(ACTIONS) - {
    "session:end", "tokens:read", "tokens:revoke", "keys:write", "password:change", "second-factor:write",
    "users:write", "users:tokens", "devices:enrol", "devices:rotate", "sync:exchange", "blobs:send", "blobs:original",
    "webhooks:write",
}  # fmt: skip
"""What an API key may be given: nothing that makes or ends other ways in."""

FIRST_ACTIONS = frozenset({"session:read", "session:end", "password:change"})
"""What a session may do whose password was made by somebody else and is not changed yet."""

GRANTS: Mapping[Role, frozenset[Role]] = {
    Role.ADMINISTRATOR: _EVERYONE,
    Role.COORDINATOR: frozenset({Role.SUPERVISOR, Role.ENUMERATOR, Role.OFFICER, Role.VIEWER}),
}
"""Which roles a role may give to others, and whose accounts it may change."""


def allows(role: Role, action: str, *, device: bool = False, key: Collection[str] | None = None) -> bool:
    """Tell whether a role may do an action.

    Args:
        role: the caller's role.
        action: a name of `ACTIONS`.
        device: the caller showed a device's token.
        key: the actions of the API key that the caller showed.

    Raises:
        KeyError: there is no such action; a route that names it is wrong.
    """
    if (device and action not in DEVICE_ACTIONS) or (
        key is not None and action not in KEY_ACTIONS.intersection(key)
    ):
        return False
    return role in ACTIONS[action]


def may_grant(role: Role, other: Role) -> bool:
    """Tell whether `role` may give the role `other`, or change the account of one who has it."""
    return other in GRANTS.get(role, frozenset())
