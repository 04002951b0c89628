"""A request about the target for each operation of the OpenAPI document: what the walk of all permissions sends.

Each operation has at least one sample in `SAMPLES`: a request about the target, which lies in a sumu of the first
banner. A sample says what it names, so that the walk knows what a caller should be told:

- `thing`: it names something of the target's region; outside it is as if it were not there (404).
- `region`: it names the target's region; outside that is refused (403).
- `list`: it lists; outside nothing of the target's is in it.
- `row`: a row of it names the target's region; outside that is a fault of the row (422).
- `own`: it is about the caller alone.
- `shared`: it is about what all share: forms, policy.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
from PIL import Image

from access import Act, Holdings, SecondFactor
from access.policy import ACTIONS
from access.tokens import token_id
from core.ids import uuid7
from core.principal import Role
from reports.desk import Reports
from reports.freezing import Wanted
from sync.notify import outbox
from sync.notify.outbox import News
from sync.notify.webhooks import WebhookPlan, Webhooks
from sync.worklists import Plans
from tests.api.builders import op, roster_row
from tests.api.test_forms import DRAFT
from tests.api.walk import HOOK, PASSWORD, Person, Request, Sample, Target, World
from tests.unit.sync.photographs import jpeg
from validators.cases import cases_of


def _get(names: str, path: str, **more: Any) -> Sample:
    """Return a sample of a read; `{thing}` in the path is taken from the target."""
    return Sample(names, lambda _w, t, p: Request(path.format(t=t, me=p.user.id)), **more)


def _send(names: str, path: str, body: Any = None, *, tag: str | None = None, **more: Any) -> Sample:
    """Return a sample of a write; `body` is a value, or makes one from world, target and caller."""

    def request(world: World, target: Target, person: Person) -> Request:
        made = body(world, target, person) if callable(body) else body
        return Request(path.format(t=target, me=person.user.id), made, getattr(target, tag) if tag else None)

    return Sample(names, request, **more)


def _household(world: World, target: Target, _person: Person) -> Any:
    row = roster_row(name="新户主", resident_id="150625197001011230")
    return {"registry_no": f"NEW-{next(world._number)}", "region": target.region, "row": row}


def _site(world: World, target: Target, _person: Person) -> Any:
    row = {"entity": "site", "facts": {"name": "新安置点"}, "rows": []}
    return {"id": f"site:new-{next(world._number)}", "region": target.region, "row": row}


def _user(world: World, target: Target, _person: Person) -> Any:
    login = f"new{next(world._number)}"
    return {
        "login": login,
        "name": "新来的人员",
        "role": "enumerator",
        "region": target.region,
        "password": PASSWORD,
    }


def _form(world: World, _target: Target, _person: Person) -> Any:
    number = str(next(world._number))
    about = {**DRAFT["x-form"], "version": number}
    return {**DRAFT, "$id": f"https://ruhu.example/forms/short/{number}", "x-form": about}


def _worklist(_world: World, target: Target, _person: Person) -> Any:
    plan = {"title": "新名单", "round": target.round, "region": target.region, "forms": ["short"]}
    return plan | {"assignees": [target.user]}


def _assigned(world: World, target: Target, _person: Person) -> Any:
    if target is not world.target and target is not world.nowhere:
        Plans(world.services, world.act).unassign(target.worklist, [target.household])
    return {"households": [target.household]}


def _push(world: World, target: Target, person: Person) -> Any:
    visit = op(
        next(world._number), "visit", {"household": target.household, "round": None, "outcome": "nobody_home"}
    )
    return {"v": 1, "install": person.install, "app": "1", "cursor": None, "ops": [visit]}


def _key(world: World, _target: Target, _person: Person) -> Any:
    ends = world.clock.now() + timedelta(days=30)
    return {"name": "钥匙", "actions": ["policy:read"], "expires_at": ends.isoformat()}


def _own_key(world: World, _target: Target, person: Person) -> Request:
    holdings = Holdings(world.store, Act(person.user.principal, world.clock.now()), person.user.id, "")
    _, held = holdings.make_key("钥匙", ["policy:read"], world.clock.now() + timedelta(days=1))
    return Request(f"/keys/{held.id}")


def _own_session(world: World, _target: Target, person: Person) -> Request:
    world.sign_in(person.user)
    held = Holdings(world.store, world.act, person.user.id, "").list("session")
    shown = person.session

    return Request(f"/sessions/{next(each.id for each in held if each.id != token_id(shown))}")


def _sign_out(world: World, _target: Target, person: Person) -> Request:
    return Request("/sessions/current", token=world.sign_in(person.user))


def _own_password(world: World, _target: Target, person: Person) -> Request:
    world.store["users"].update_one({"_id": person.user.id}, {"$set": {"password": world.hash}})
    token = world.sign_in(person.user)
    person.session = token
    return Request(
        "/sessions/current/password", {"present": PASSWORD, "password": "nine odd lamps 7"}, token=token
    )


def _restored(
    make: Callable[["World", Target, Person], Request],
) -> Callable[["World", Target, Person], Request]:
    """Give the caller the known password and no second factor first."""

    def request(world: World, target: Target, person: Person) -> Request:
        update = {"$set": {"password": world.hash}, "$unset": {"second_factor": ""}}
        world.store["users"].update_one({"_id": person.user.id}, update)
        return make(world, target, person)

    return request


def _confirm(world: World, _target: Target, person: Person) -> Request:

    act = Act(person.user.principal, world.clock.now())
    secret = SecondFactor(world.store, act).offer().secret
    return Request("/second-factor", {"code": pyotp.TOTP(secret).at(world.clock.now())})


def _import(world: World, target: Target, _person: Person) -> Request:
    table = f"login,name,role,region\nrow{next(world._number)},导入人员,enumerator,{target.region}\n"
    return Request("/users/import?write=true", data=table.encode(), headers={"Content-Type": "text/csv"})


def _photo(world: World, _target: Target, _person: Person) -> Request:
    return world.upload(
        jpeg(Image.new("RGB", (8, 8), (next(world._number) % 256, 0, next(world._number) % 256)))
    )


def _signed(world: World, target: Target, _person: Person) -> Request:
    world.store["reports"].update_one({"_id": target.report}, {"$set": {"state": "signed"}})
    return Request(f"/reports/{target.report}/send")


def _read_news(world: World, target: Target, person: Person) -> Request:
    """Address a piece of news to the caller, to be marked as read."""
    found = world.services.findings.of_households([target.household])[target.household].values()
    case = cases_of(found, world.services.engine.policy)
    item = outbox.Item(
        News.COMMENTED, replace(case[target.case], region=person.user.region), [f"u/{person.user.id}"]
    )
    outbox.write(world.store, [item], world.clock.now(), None)
    return Request(
        "/notifications/read", {"up_to": world.store["notifications"].find_one({"to": item.to[0]})["_id"]}
    )


def _routing(world: World, target: Target, _person: Person) -> Request:
    found = world.store["routing"].find_one({"_id": target.region}) or {"version": 0}
    return Request(f"/routing/{target.region}", {"routes": []}, f'"{found["version"]}"')


def _webhook(rest: str) -> Callable[[World, Target, Person], Request]:
    """Make a webhook of the target's region for each call, for it may be deleted by it."""

    def request(world: World, target: Target, _person: Person) -> Request:
        if target is world.nowhere:
            return Request(f"/webhooks/{uuid7()}{rest}")
        world.store["webhooks"].delete_many({})
        wanted = WebhookPlan(HOOK, (), None, target.region)
        made, _ = Webhooks(world.services, world.act).create(wanted)
        return Request(f"/webhooks/{made.id}{rest}")

    return request


def _order(world: World, target: Target, _person: Person) -> Request:
    """Look at an order of a report of the target's region."""
    if target is world.nowhere:
        return Request(f"/reports/orders/{uuid7()}")
    made = Reports(world.services, world.act).order(Wanted("2020-05", target.region))
    return Request(f"/reports/orders/{made.id}")


READERS = ACTIONS["households:read"]
_NO_OFFICER = frozenset(Role) - {Role.OFFICER}  # no unit has a finding about the site
_TAG = '"1"'

SAMPLES: dict[tuple[str, str], list[Sample]] = {
    ("GET", "/sessions"): [_get("list", "/sessions")],
    ("DELETE", "/sessions"): [_send("own", "/sessions")],
    ("DELETE", "/sessions/<token>"): [
        Sample("own", _own_session),
        _get("thing", "/sessions/{t.token}", nobody=True),
    ],
    ("GET", "/sessions/current"): [_get("own", "/sessions/current")],
    ("DELETE", "/sessions/current"): [Sample("own", _sign_out)],
    ("PUT", "/sessions/current/password"): [Sample("own", _restored(_own_password))],
    ("GET", "/keys"): [_get("list", "/keys")],
    ("POST", "/keys"): [_send("own", "/keys", _key)],
    ("DELETE", "/keys/<key>"): [Sample("own", _own_key), _get("thing", "/keys/{t.token}", nobody=True)],
    ("POST", "/second-factor"): [Sample("own", _restored(lambda _w, _t, _p: Request("/second-factor")))],
    ("PUT", "/second-factor"): [Sample("own", _restored(_confirm))],
    ("POST", "/second-factor/off"): [
        Sample("own", _restored(lambda _w, _t, _p: Request("/second-factor/off", {"password": PASSWORD})))
    ],
    ("GET", "/users"): [_get("list", "/users?limit=200"), _get("list", "/users?limit=1")],
    ("POST", "/users"): [_send("region", "/users", _user)],
    ("POST", "/users/import"): [Sample("row", _import)],
    ("GET", "/users/<user_id>"): [_get("thing", "/users/{t.user}")],
    ("PATCH", "/users/<user_id>"): [
        Sample("thing", lambda _w, t, _p: Request(f"/users/{t.user}", {"name": "改名"}, _TAG), fresh=True)
    ],
    ("POST", "/users/<user_id>/reset"): [_send("thing", "/users/{t.user}/reset", fresh=True)],
    ("DELETE", "/users/<user_id>/second-factor"): [
        _send("thing", "/users/{t.user}/second-factor", fresh=True)
    ],
    ("GET", "/users/<user_id>/sessions"): [_get("thing", "/users/{t.user}/sessions")],
    ("DELETE", "/users/<user_id>/sessions"): [_send("thing", "/users/{t.user}/sessions", fresh=True)],
    ("DELETE", "/users/<user_id>/sessions/<token>"): [
        _send("thing", "/users/{t.user}/sessions/{t.token}", fresh=True)
    ],
    ("POST", "/devices/codes"): [_send("thing", "/devices/codes", lambda _w, t, _p: {"user": t.user})],
    ("GET", "/devices"): [_get("list", "/devices?limit=200"), _get("list", "/devices?limit=1")],
    ("GET", "/devices/<device_id>"): [_get("thing", "/devices/{t.device}")],
    ("PATCH", "/devices/<device_id>"): [
        Sample(
            "thing", lambda _w, t, _p: Request(f"/devices/{t.device}", {"state": "retired"}, _TAG), fresh=True
        )
    ],
    ("POST", "/devices/rotate"): [_send("own", "/devices/rotate", device=True)],
    ("GET", "/forms"): [_get("shared", "/forms")],
    ("GET", "/forms/<form_id>/versions"): [_get("shared", "/forms/short/versions")],
    ("GET", "/forms/versions/<sha256>"): [
        Sample("shared", lambda w, _t, _p: Request(f"/forms/versions/{w.form}"))
    ],
    ("GET", "/forms/versions/<sha256>/changes-since/<earlier>"): [
        Sample("shared", lambda w, _t, _p: Request(f"/forms/versions/{w.form}/changes-since/{w.form}"))
    ],
    ("POST", "/forms"): [_send("shared", "/forms", _form)],
    ("POST", "/forms/check"): [_send("shared", "/forms/check", _form)],
    ("GET", "/households"): [
        _get("list", "/households"),
        _get("list", "/households?limit=1"),
        _get("region", "/households?region={t.region}"),
    ],
    ("POST", "/households"): [_send("region", "/households", _household)],
    ("GET", "/households/<household>"): [_get("thing", "/households/{t.household}")],
    ("POST", "/households/<household>/corrections"): [
        _send(
            "thing",
            "/households/{t.household}/corrections",
            {
                "changes": [{"path": [], "fact": "move_in", "base": None, "value": "2017-02-01"}],
                "reason": "门牌",
            },
            tag="household_tag",
        )
    ],
    ("POST", "/households/<household>/unmask"): [
        _send(
            "thing",
            "/households/{t.household}/unmask",
            {"fields": ["/facts/move_in"], "reason": "核对资料"},
        )
    ],
    ("POST", "/households/search"): [
        _send("list", "/households/search", {"resident_id": "15062519800302123X"})
    ],
    ("GET", "/sites"): [
        _get("list", "/sites"),
        _get("list", "/sites?kind=site&limit=1"),
        _get("region", "/sites?region={t.region}"),
    ],
    ("POST", "/sites"): [_send("region", "/sites", _site)],
    ("GET", "/sites/<site>"): [_get("thing", "/sites/{t.site}", readers=_NO_OFFICER)],
    ("POST", "/sites/<site>/corrections"): [
        _send(
            "thing",
            "/sites/{t.site}/corrections",
            {"changes": [{"path": [], "fact": "population", "base": None, "value": 300}], "reason": "核对"},
            tag="site_tag",
        )
    ],
    ("POST", "/interviews/<op_id>/unmask"): [
        _send("thing", "/interviews/{t.op}/unmask", {"fields": ["/site"], "reason": "核对资料"})
    ],
    ("GET", "/interviews"): [
        _get("thing", "/interviews?household={t.household}"),
        _get("thing", "/interviews?user={t.user}"),
    ],
    ("GET", "/interviews/<op_id>"): [_get("thing", "/interviews/{t.op}")],
    ("POST", "/interviews/<op_id>/return"): [
        _send("thing", "/interviews/{t.op}/return", {"reason": "再问一次"})
    ],
    ("GET", "/findings"): [
        _get("list", "/findings"),
        _get("list", "/findings?limit=1"),
        _get("region", "/findings?region={t.region}"),
    ],
    ("GET", "/findings/<finding_id>"): [_get("thing", "/findings/{t.finding}")],
    ("POST", "/findings/<finding_id>/replies"): [
        _send(
            "thing", "/findings/{t.finding}/replies", {"action": "comment", "note": "看过"}, tag="finding_tag"
        )
    ],
    ("GET", "/cases"): [
        _get("list", "/cases"),
        _get("list", "/cases?limit=1"),
        _get("region", "/cases?region={t.region}"),
        Sample(
            "list", lambda _w, _t, p: Request(f"/cases?role=cooperating&unit={p.user.unit or 'education'}")
        ),
    ],
    ("GET", "/cases/summary"): [
        _get("list", "/cases/summary"),
        _get("region", "/cases/summary?region={t.region}"),
    ],
    ("GET", "/cases/<case>"): [_get("thing", "/cases/{t.case}")],
    ("GET", "/cases/<case>/owners"): [_get("thing", "/cases/{t.case}/owners")],
    ("POST", "/cases/<case>/assign"): [_send("thing", "/cases/{t.case}/assign", {"owner": None})],
    ("POST", "/cases/<case>/actions"): [_send("thing", "/cases/{t.case}/actions", {"action": "act"})],
    ("POST", "/cases/<case>/comments"): [_send("thing", "/cases/{t.case}/comments", {"text": "看过"})],
    ("POST", "/cases/bulk"): [
        _send("list", "/cases/bulk", lambda _w, t, _p: {"action": "assign", "cases": [t.case]})
    ],
    ("GET", "/notifications"): [
        _get("list", "/notifications?limit=200"),
        _get("list", "/notifications?limit=1"),
    ],
    ("POST", "/notifications/read"): [Sample("own", _read_news)],
    ("GET", "/webhooks"): [_get("list", "/webhooks?limit=200"), _get("list", "/webhooks?limit=1")],
    ("POST", "/webhooks"): [
        _send("region", "/webhooks", lambda _w, t, _p: {"url": HOOK, "region": t.region})
    ],
    ("GET", "/webhooks/<webhook>"): [Sample("thing", _webhook(""))],
    ("DELETE", "/webhooks/<webhook>"): [Sample("thing", _webhook(""))],
    ("GET", "/webhooks/<webhook>/deliveries"): [Sample("thing", _webhook("/deliveries"))],
    ("POST", "/webhooks/<webhook>/redrive"): [Sample("thing", _webhook("/redrive"))],
    ("GET", "/rounds"): [_get("list", "/rounds?limit=200"), _get("list", "/rounds?limit=1")],
    ("POST", "/rounds"): [
        _send("region", "/rounds", lambda _w, t, _p: {"title": "十月", "region": t.region})
    ],
    ("GET", "/rounds/<round_id>"): [_get("thing", "/rounds/{t.round}")],
    ("POST", "/rounds/<round_id>/close"): [_send("thing", "/rounds/{t.round}/close", fresh=True)],
    ("POST", "/rounds/<round_id>/back-check"): [
        _send("thing", "/rounds/{t.round}/back-check", {"assignees": ["nobody"]}, fresh=True)
    ],
    ("POST", "/rounds/<round_id>/reopen"): [_send("thing", "/rounds/{t.round}/reopen", fresh=True)],
    ("GET", "/worklists"): [_get("list", "/worklists?limit=200"), _get("list", "/worklists?limit=1")],
    ("POST", "/worklists"): [_send("region", "/worklists", _worklist)],
    ("GET", "/worklists/<worklist>"): [_get("thing", "/worklists/{t.worklist}")],
    ("PATCH", "/worklists/<worklist>"): [
        _send("thing", "/worklists/{t.worklist}", {"title": "改"}, tag="worklist_tag", fresh=True)
    ],
    ("GET", "/worklists/<worklist>/households"): [_get("thing", "/worklists/{t.worklist}/households")],
    ("POST", "/worklists/<worklist>/households"): [
        _send("thing", "/worklists/{t.worklist}/households", _assigned, fresh=True)
    ],
    ("DELETE", "/worklists/<worklist>/households/<household>"): [
        _send("thing", "/worklists/{t.worklist}/households/{t.household}", fresh=True)
    ],
    ("POST", "/worklists/<worklist>/close"): [_send("thing", "/worklists/{t.worklist}/close", fresh=True)],
    ("GET", "/policy/clauses"): [_get("shared", "/policy/clauses")],
    ("GET", "/policy/units"): [_get("shared", "/policy/units")],
    ("GET", "/policy/parameters"): [_get("shared", "/policy/parameters")],
    ("GET", "/policy/rules"): [_get("shared", "/policy/rules")],
    ("GET", "/policy/messages"): [_get("shared", "/policy/messages")],
    ("GET", "/routing"): [_get("shared", "/routing")],
    ("GET", "/routing/<region>"): [_get("shared", "/routing/{t.region}")],
    ("PUT", "/routing/<region>"): [Sample("region", _routing)],
    ("POST", "/sync"): [_send("list", "/sync", _push, device=True)],
    ("GET", "/scopes/<scope>/snapshot"): [
        _get("own", "/scopes/u-{me}/snapshot", device=True),
        _get("thing", "/scopes/{t.worklist}/snapshot", device=True, nobody=True),
        _get("thing", "/scopes/u-{t.user}/snapshot", device=True, nobody=True),
    ],
    ("GET", "/ops/<op_id>"): [_get("thing", "/ops/{t.op}", readers=READERS)],
    ("HEAD", "/blobs/<name>"): [_get("shared", "/blobs/sha-256:{t.photo}", device=True)],
    ("PATCH", "/blobs/<name>"): [Sample("own", _photo, device=True)],
    ("GET", "/blobs/<name>"): [
        _get("thing", "/blobs/sha-256:{t.photo}", readers=READERS),
        _get("thing", "/blobs/sha-256:{t.photo}?variant=original", readers=READERS, also="blobs:original"),
        _get("thing", "/blobs/sha-256:{t.photo}", device=True, nobody=True),
    ],
    ("GET", "/reports"): [
        _get("list", "/reports?limit=200"),
        _get("list", "/reports?limit=1"),
        _get("region", "/reports?region={t.region}"),
    ],
    ("POST", "/reports"): [
        _send("region", "/reports", lambda _w, t, _p: {"month": "2020-06", "region": t.region})
    ],
    ("GET", "/reports/orders"): [
        _get("list", "/reports/orders?limit=200"),
        _get("list", "/reports/orders?limit=1"),
    ],
    ("GET", "/reports/orders/<order_id>"): [Sample("thing", _order)],
    ("GET", "/reports/<report_id>"): [
        _get("thing", "/reports/{t.report}"),
        _get("thing", "/reports/{t.report}?format=xlsx"),
    ],
    ("POST", "/reports/<report_id>/sign"): [_send("thing", "/reports/{t.report}/sign", fresh=True)],
    ("POST", "/reports/<report_id>/send"): [Sample("thing", _signed, fresh=True)],
    ("GET", "/reports/<report_id>/cells/<indicator>/<part>"): [
        _get("thing", "/reports/{t.report}/cells/1/households"),
        _get("thing", "/reports/{t.report}/cells/12/covered?role=denominator&limit=1"),
    ],
    ("GET", "/reports/<report_id>/restatement"): [_get("thing", "/reports/{t.report}/restatement")],
    ("GET", "/audit"): [
        _get("list", "/audit?limit=200"),
        _get("list", "/audit?limit=1"),
        _get("list", "/audit?target=user/{t.user}"),
        _get("list", "/audit?user={t.user}"),
    ],
}
