"""A small registered district, its work lists, and phones that visit it; every phone notes what the server said."""

import hashlib
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from access.accounts import Accounts
from access.devices import Devices, enrol
from access.model import Act
from api.cli.demo import names
from api.cli.demo.answers import fill, told
from api.cli.demo.command import FORMS, _failed_visit, _moment, _roster_row
from api.cli.demo.population import District as Lives
from api.cli.demo.population import Home
from api.cli.people import OPERATOR, new_password
from api.cli.setup import publish_catalogue
from core.clock import SystemClock, day_of
from core.ids import uuid7
from core.principal import Role
from forms.definition import FormVersion
from ruhu_phone import Answer, Http, NoAnswerError, Outcome, Phone, State
from ruhu_phone.answers import Exchanged
from store import Store, migrate
from sync.registry import register
from sync.services import Services
from sync.settle import settle
from sync.worklists import Plans, WorkListPlan

_PART = 500


class WatchedHttp(Http):
    """HTTP that counts answers by status, and remembers the slowest."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.statuses: Counter[str] = Counter()
        self.slowest = 0.0

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        began = time.monotonic()
        try:
            answer = super().send(method, path, headers, body)
        except NoAnswerError:
            self.statuses["none"] += 1
            raise
        finally:
            self.slowest = max(self.slowest, time.monotonic() - began)
        self.statuses["cut" if answer.cut else str(answer.status)] += 1
        return answer


@dataclass
class WatchedPhone(Phone):
    """A phone of which one can ask what it was told and what it holds."""

    user: str = ""
    pulled: int = 0

    def _take(self, answer: Exchanged, *rest: Any) -> Outcome:
        self.pulled += len(answer.rows)
        return super()._take(answer, *rest)

    @property
    def wire(self) -> WatchedHttp:
        assert isinstance(self.transport, WatchedHttp)
        return self.transport

    def acknowledged(self) -> dict[str, str]:
        """Return the digests of the ops that the server says it keeps."""
        query = "SELECT id, sha256 FROM ops WHERE state = ?"
        return dict(self.store.all(query, State.ACKNOWLEDGED))

    def held(self) -> dict[str, dict[str, str]]:
        """Return the versions of the rows it holds, by scope and key, made anew from their content."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for scope, key, content in self.store.all("SELECT scope, key, content FROM rows"):
            found[scope][key] = hashlib.sha256(content.encode()).hexdigest()[:16]
        return found


@dataclass
class District:
    """Households that are registered and settled, work lists of one round, and the phones of their enumerators."""

    services: Services
    round_id: str
    homes: list[Home]
    worklists: list[str]
    phones: list[WatchedPhone]
    assigned: dict[str, list[Home]]
    forms: dict[str, FormVersion]

    def visit(self, home: Home) -> dict[str, Any]:
        """Return the body of a visit at which nobody was home."""
        return _failed_visit(home, self.round_id, self._today - timedelta(days=1))

    def interview(
        self, home: Home, form_id: str, *, earlier: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the body of an interview, or of the next revision of an earlier one."""
        version, on = self.forms[form_id], self._today - timedelta(days=1)
        wall = _moment(on, 10)
        return {
            "interview": earlier["interview"] if earlier else uuid7(), "revision": uuid7(),
            "parent": earlier["revision"] if earlier else None, "household": home.id, "round": self.round_id,
            "form": version.sha256,
            "started": {"wall": wall - 1_200_000, "mono": 0, "boot": "then"},
            "finished": {"wall": wall, "mono": 1_200_000, "boot": "then"},
            "answers": fill(version, told(home, on, date(home.move_in.year - 1, 1, 1)), on), "blobs": [],
        }  # fmt: skip

    @property
    def _today(self) -> date:
        return day_of(self.services.clock.now())


def prepare(store: Store, url: str, *, households: int, phones: int, sharing: int = 1) -> District:
    """Make a district.

    Args:
        store: an empty database.
        url: address of the web process that the phones talk to.
        households: how many.
        phones: how many enumerators, with a phone each.
        sharing: how many of them share one work list.
    """
    migrate(store)
    services = Services.build(store, SystemClock())
    list(publish_catalogue(services))
    homes = registered(services, households)
    plans = Plans(services, Act(OPERATOR, services.clock.now()))
    round_id = plans.create_round("faults", names.BANNER)["_id"]
    made = [enrolled(services, url) for _ in range(phones)]
    crews = [made[start : start + sharing] for start in range(0, phones, sharing)]
    worklists, assigned = [], {}
    for number, crew in enumerate(crews):
        users = tuple(phone.user for phone in crew)
        plan = WorkListPlan(f"list {number}", round_id, FORMS, users, names.BANNER)
        worklist = str(plans.create(plan)["_id"])
        assigned[worklist] = homes[number :: len(crews)]
        plans.assign(worklist, [home.id for home in assigned[worklist]])
        worklists.append(worklist)
    forms = {
        record.form_id: version
        for record in services.forms.latest()
        if (version := services.forms.get(record.sha256)) is not None
    }
    return District(services, round_id, homes, worklists, made, assigned, forms)


def registered(services: Services, count: int) -> list[Home]:
    """Register and settle households."""
    homes = list(Lives(1, day_of(services.clock.now())).homes(count))
    for start in range(0, count, _PART):
        part = homes[start : start + _PART]
        register(services, OPERATOR, [(home.id, home.region, _roster_row(home)) for home in part])
        settle(services, [home.id for home in part])
    return homes


def enrolled(services: Services, url: str) -> WatchedPhone:
    """Return a phone of a new enumerator."""
    now, login = services.clock.now(), f"enum-{uuid.uuid4().hex[:8]}"
    accounts = Accounts(services.store, Act(OPERATOR, now))
    user = accounts.create(
        login=login, name=login, role=Role.ENUMERATOR, region=names.BANNER, password=new_password()
    )
    code, _ = Devices(services.store, Act(OPERATOR, now)).make_code(user.id)
    phone = WatchedPhone(WatchedHttp(url), user=user.id)
    token, _ = enrol(services.store, code, phone.install, now)
    phone.store.put("token", token)
    return phone


def homes_of(district: District, phone: WatchedPhone) -> Sequence[Home]:
    """Return the households of the work lists that a phone's enumerator holds."""
    held = district.services.store["worklists"].find({"assignees": phone.user}, {"_id": 1})
    return [home for worklist in held for home in district.assigned[worklist["_id"]]]
