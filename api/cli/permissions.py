"""`docs/permissions.md`: who may do what and where, from the table of actions and the routes themselves."""

from collections.abc import Iterator
from typing import Any

from flask import Flask

from access.policy import ACTIONS, DEVICE_ACTIONS, FIRST_ACTIONS, GRANTS, KEY_ACTIONS
from api.app import create_app
from api.base import PREFIX
from core.clock import SystemClock
from core.principal import Role
from store import Store
from sync.services import Services

PLACES = ("own", "own banner", "parent", "neighbouring sumu", "neighbouring banner")
"""Where a caller is, as seen from what the request is about."""

_WHERE = """
## Where

A user has a role and a region: city (4 digits), banner (6), sumu or street (9), gacha or community (12). The
role says what, the region to which households, people, phones, rounds and work lists: those whose region code
begins with the user's. Both are asked always.

- **What lies outside is told as what does not exist**: the same 404, the same words. Who names a region outside
  is told 403.
- **An officer** sees, within the region, the findings of the own unit, and the households (with their
  interviews, photos and ops) in which the unit has or had a finding: who acted on a case must be able to read
  it after it is closed. From a phone an officer replies to the unit's findings, reports visits and interviews
  of such households, and voids nothing.
- **Where a unit only cooperates** (配合单位), its officers read the case, of its findings those whose clause names the
  unit so, and comment. They decide nothing (403), and see no household, interview, photo or number by it.
- **A work list** is the narrowest grant, and is for phones: whoever it is assigned to gets its households, as
  long as its region lies in the user's own. A list holds only households of its region and people whose region
  holds the list's.
- **A site** is no level of its own: it is not in the region codes, may lie in several gachas, and is told by a
  household's answers. Who works on one site has the gacha, or a work list of the site's households.
- **Forms and policy** are the same for all.

Two answers tell of more than one's own region, and why: a login is taken (logins are unique everywhere), told
to those who make accounts; and a phone's op about a household of another region is `rejected`, one about an
unknown household `quarantined`, so that nobody's interview is lost while the roster is on its way. Neither
tells anything of the account or household but that its login, or its number in that banner's register, exists.

## With which token

| token | does |
|---|---|
| a session's (bearer, or a browser's cookie) | what the role may |
| a session's with a one-time password | only: {first} |
| a phone's | of what the role may, only: {device} |
| an API key | the actions it was made for, of what the role may now; never: {never} |
| the command line | everything: it acts as `operator`, who is bound by no region, and needs the database itself |
"""


def text() -> str:
    """Return the page."""
    return "".join(_parts())


def _parts() -> Iterator[str]:
    yield "# Permissions\n\nWho may do what is said in one table, `access/policy.py`; every route names its action. "
    yield "`tests/api/test_permissions.py` walks all of this with people and data of two banners.\n"
    operations = list(_operations())
    callers = len(Role) * len(PLACES)
    yield f"\n{len(operations)} operations × {len(Role)} roles × {len(PLACES)} places ({', '.join(PLACES)}) = "
    yield f"**{len(operations) * callers} combinations**.\n"
    never = sorted(ACTIONS.keys() - KEY_ACTIONS)
    yield _WHERE.format(first=_names(FIRST_ACTIONS), device=_names(DEVICE_ACTIONS), never=_names(never))
    yield "\n## Roles\n\n| role | gives these roles to others, and changes their accounts |\n|---|---|\n"
    for role in Role:
        given = [other.value for other in Role if other in GRANTS.get(role, ())]
        yield f"| {role.value} | {', '.join(given) or '–'} |\n"
    yield f"\n## Actions\n\n| action | {' | '.join(Role)} |\n|---|{':-:|' * len(Role)}\n"
    for action, roles in ACTIONS.items():
        yield f"| `{action}` | {_ticks(roles)} |\n"
    yield f"\n## Operations\n\nUnder `{PREFIX}`. A tick: allowed to this role, within its region.\n\n"
    yield f"| operation | does | action | {' | '.join(Role)} |\n|---|---|---|{':-:|' * len(Role)}\n"
    for operation, summary, action in operations:
        yield f"| `{operation}` | {summary} | `{action}` | {_ticks(ACTIONS[action])} |\n"


def _names(actions: Any) -> str:
    return ", ".join(f"`{action}`" for action in sorted(actions))


def _ticks(roles: frozenset[Role]) -> str:
    return " | ".join("✓" if role in roles else "" for role in Role)


def _operations() -> Iterator[tuple[str, str, str]]:
    """Yield every operation that asks for a token: method and path, what it does, its action."""
    app = _app()
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        view = app.view_functions[rule.endpoint]
        action, methods = getattr(view, "action", None), rule.methods or set()
        if action is not None:
            path = rule.rule.removeprefix(PREFIX).replace("<", "{").replace(">", "}")
            summary = (view.__doc__ or "").partition("\n")[0]
            for method in sorted(methods - ({"OPTIONS", "HEAD"} if "GET" in methods else {"OPTIONS"})):
                yield f"{method} {path}", summary, action


def _app() -> Flask:
    """Return the application over a database that is never asked."""
    nowhere = Store("mongodb://127.0.0.1:1/?replicaSet=none", "none")
    return create_app(Services.build(nowhere, SystemClock()))
