"""What the walk of all permissions walks over: two banners with people and data, callers of every role."""

import base64
import gzip
import hashlib
import itertools
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from argon2 import PasswordHasher
from PIL import Image
from werkzeug.test import TestResponse

from access import SYSTEM, Accounts, Act, Devices, Holdings, User, enrol, passwords, sign_in
from api.app import create_app
from core.clock import FixedClock
from core.ids import household_id, uuid7
from core.principal import Role
from forms.facts import Row
from ledger.dictionary import dictionary
from reports.freezing import Wanted, make
from store import Store
from sync.registry import register
from sync.renditions import render_waiting
from sync.services import Services
from sync.settle import settle
from sync.worklists import Plans, WorkListPlan, announce_forms
from tests.api.builders import interview_body, op, roster_row
from tests.api.test_forms import DRAFT
from tests.unit.sync.photographs import content_digest, jpeg
from validators.cases import case_id

PASSWORD = "seven odd lamps 4"
SUMU, BESIDE, BANNER, NEIGHBOUR, CITY = "150625100", "150625101", "150625", "150626", "1506"
PLACES = {
    "own": SUMU,
    "own banner": BANNER,
    "parent": CITY,
    "neighbouring sumu": BESIDE,
    "neighbouring banner": NEIGHBOUR,
}
"""Where the callers are, as seen from the target."""
UNIT = "medical_insurance"
HOOK = "http://127.0.0.1:9/news"


@dataclass
class Person:
    """Someone with tokens: what is to be shown, and whose it is."""

    user: User
    session: str
    device: str
    install: str


@dataclass
class Target:
    """What a request names."""

    region: str
    household: str
    finding: str
    case: str
    op: str
    user: str
    device: str
    round: str
    worklist: str
    token: str
    photo: str = "0" * 64
    report: str = "r-nowhere"
    site: str = "site:nowhere"
    site_tag: str = '"1"'
    household_tag: str = '"1"'
    finding_tag: str = '"1"'
    worklist_tag: str = '"1"'


@dataclass(frozen=True)
class Request:
    """A request to be sent."""

    path: str
    body: Any = None
    tag: str | None = None
    token: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    data: bytes | None = None


@dataclass(frozen=True)
class Sample:
    """One way to call an operation.

    Attributes:
        names: what it names; see above.
        request: makes the request from world, target and caller.
        fresh: it changes the target, so each call that may succeed gets a new one.
        device: it is sent with a phone's token.
        readers: only these roles see the thing, beside the action's.
        also: an action that the role must have too, which is asked for when the thing was found.
        nobody: nobody may see the thing, as it is somebody else's own.
    """

    names: str
    request: Callable[["World", Target, Person], Request]
    fresh: bool = False
    device: bool = False
    readers: frozenset[Role] = frozenset(Role)
    also: str | None = None
    nobody: bool = False


class World:
    """Two banners, with a target in a sumu of the first, and callers of every role in every place."""

    def __init__(self, store: Store, clock: FixedClock) -> None:
        passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.store, self.clock = store, clock
        self.services = Services.build(store, clock, webhook_networks=(ip_network("127.0.0.0/8"),))
        self.app = create_app(self.services)
        self.client = self.app.test_client()
        self._number = itertools.count(1)
        self.hash = passwords.hash_password(PASSWORD)
        self.services.forms.publish(DRAFT, dictionary(), clock.now(), SYSTEM)
        announce_forms(self.services)
        (self.form,) = [each.sha256 for each in self.services.forms.latest()]
        self.raw = jpeg(Image.new("RGB", (64, 32), "red"))
        self.target = self._target(SUMU, "阿木尔", "150625198003021235")
        self.raw = jpeg(Image.new("RGB", (64, 32), "blue"))
        self.other = self._target(NEIGHBOUR, "别处人", "150626198003021230")
        self.callers = {
            (role, place): self.person(role, region) for role in Role for place, region in PLACES.items()
        }
        self.tagged(self.target)
        self.nowhere = Target(
            SUMU,
            uuid7(),
            "f-nowhere",
            "c-nowhere",
            uuid7(),
            uuid7(),
            uuid7(),
            uuid7(),
            "w-0123456789",
            "0" * 64,
        )

    @property
    def act(self) -> Act:
        """The operator, now."""
        return Act(SYSTEM, self.clock.now())

    def person(self, role: Role, region: str, unit: str = UNIT) -> Person:
        """Make a user with a session and a phone."""
        number = next(self._number)
        user = Accounts(self.store, self.act).create(
            login=f"u{number:04d}.{role.value[:6]}",
            name=f"人员{number:04d}号",
            role=role,
            region=region,
            password=PASSWORD,
            unit=unit if role is Role.OFFICER else None,
        )
        install = uuid7()
        code, _ = Devices(self.store, self.act).make_code(user.id)
        device, _ = enrol(self.store, code, install, self.clock.now())
        return Person(user, self.sign_in(user), device, install)

    def sign_in(self, user: User) -> str:
        """Return a new session's token."""
        return sign_in(self.store, user.login, PASSWORD, self.clock.now())[0]

    def _target(self, region: str, name: str, resident_id: str) -> Target:
        """Make a household with an interview and a finding, and people who work on it."""
        number = f"REG-{next(self._number):05d}"
        home = household_id(region[:6], number)
        row = roster_row(name=name, resident_id=resident_id)
        row["facts"]["registry_no"] = number
        register(self.services, SYSTEM, [(home, region, Row.from_json(row))])
        settle(self.services)
        person = self.person(Role.ENUMERATOR, region)
        photo = hashlib.sha256(self.raw).hexdigest()
        blob = {"question": "/site", "sha256": photo, "length": len(self.raw), "type": "image/jpeg"}
        told = op(1, "interview", interview_body(home, self.form, {"site": "锡尼镇"}, blobs=[blob]))
        sync = {"v": 1, "install": person.install, "app": "1", "cursor": None, "ops": [told]}
        answer = self.send(Request("/sync", sync, token=person.device), "POST", person)
        assert answer.get_json()["results"][0]["status"] == "stored", answer.get_data(as_text=True)
        sent = self.send(self.upload(self.raw), "PATCH", person, device=True)
        assert sent.status_code == 201, sent.get_data(as_text=True)
        render_waiting(self.services, 10)
        settle(self.services)
        found = self.services.findings.of_households([home])[home].values()
        (finding,) = [each.id for each in found if each.unit == UNIT]
        case = case_id(home, UNIT)
        site = f"site:{region}-{number}"
        about = Row("site", None, {"name": f"{name}的安置点"})
        register(self.services, SYSTEM, [(site, region, about)])
        settle(self.services)
        made = Target(region, home, finding, case, told["id"], "", "", "", "", "", photo, site=site)
        return self.fresh(made, person)

    def fresh(self, like: Target, person: Person | None = None) -> Target:
        """Return a target about the same household with a user, phone, session, round and work list of its own."""
        person = person or self.person(Role.ENUMERATOR, like.region)
        plans = Plans(self.services, self.act)
        round_id = plans.create_round(f"轮次{next(self._number)}", like.region)["_id"]
        plan = WorkListPlan("名单", round_id, ("short",), (person.user.id,), like.region)
        worklist = plans.create(plan)["_id"]
        plans.assign(worklist, [like.household])
        held = Holdings(self.store, self.act, person.user.id, like.region).list("session")
        (device,) = [each["_id"] for each in self.store["devices"].find({"user": person.user.id})]
        made = Target(
            like.region,
            like.household,
            like.finding,
            like.case,
            like.op,
            person.user.id,
            device,
            round_id,
            worklist,
            held[0].id,
            like.photo,
            self._frozen(like.region),
            like.site,
        )
        return self.tagged(made) if hasattr(self, "callers") else made

    def _frozen(self, region: str) -> str:
        by, at = self.act.by.user, self.act.at
        return make(self.services, Wanted("2020-07", region), by, at).head.id

    @staticmethod
    def upload(raw: bytes) -> Request:
        """Return the request that uploads a photo in one chunk."""
        headers = {
            "Content-Type": "application/partial-upload",
            "Content-Digest": content_digest(raw),
            "Upload-Offset": "0",
            "Upload-Length": str(len(raw)),
            "Upload-Complete": "?1",
        }
        return Request(f"/blobs/sha-256:{hashlib.sha256(raw).hexdigest()}", data=raw, headers=headers)

    def tagged(self, made: Target) -> Target:
        """Return the target with the tags of its present state."""
        operator = self.callers[Role.ADMINISTRATOR, "parent"]
        for name, path in (
            ("household_tag", f"/households/{made.household}"),
            ("site_tag", f"/sites/{made.site}"),
            ("finding_tag", f"/findings/{made.finding}?lang=en"),
            ("worklist_tag", f"/worklists/{made.worklist}"),
        ):
            answer = self.send(Request(path), "GET", operator)
            setattr(made, name, answer.headers["ETag"])
        return made

    def send(
        self, request: Request, method: str, person: Person | None, *, device: bool = False
    ) -> TestResponse:
        """Send a request as someone."""
        token = request.token or (None if person is None else person.device if device else person.session)
        headers = dict(request.headers)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if request.tag:
            headers["If-Match"] = request.tag
        content = {"json": request.body} if request.body is not None else {"data": request.data}
        return self.client.open(f"/api/v1{request.path}", method=method, headers=headers, **content)

    def marks(self) -> set[str]:
        """Return ids, names and numbers of the first banner's target: none may show outside."""
        target = self.target
        users = self.store["users"].find({"region": {"$regex": f"^{target.region}"}})
        household = self.store["households"].find_one({"_id": target.household})
        marks = {
            target.household,
            target.site,
            target.finding,
            target.case,
            target.op,
            target.device,
            target.round,
            target.worklist,
            target.token,
            target.report,
        }
        marks |= {value for user in users for value in (user["_id"], user["login"], user["name"])}
        marks |= {device["install"] for device in self.store["devices"].find({"region": target.region})}
        marks |= {household["registry_no"], "阿木尔", "150625198003021235", "150625********1235"}
        return marks


def text_of(response: TestResponse) -> str:
    """Return all that a response tells: headers, body, and the place in `next` as it is when it is read."""
    packed = response.headers.get("Content-Encoding") == "gzip" and response.data
    body = (gzip.decompress(response.data) if packed else response.data).decode(errors="replace")
    parts = [body, str(response.headers)]
    with suppress(ValueError, AttributeError, TypeError):
        following = json.loads(body).get("next")
        parts.append(base64.urlsafe_b64decode(following + "===").decode())
    return "\n".join(parts)
