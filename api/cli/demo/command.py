"""`ruhu demo`: a district of households, visited in two rounds by phones that use the public API."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

import click
from rich.progress import Progress, TaskID

from access.accounts import Accounts, find_user
from access.model import Act
from access.passwords import new_password
from api.cli import console
from api.cli.connect import database, settings
from api.cli.demo import names
from api.cli.demo.answers import fill, told
from api.cli.demo.office import Office
from api.cli.demo.population import District, Home
from api.cli.demo.sites import places
from api.cli.importing import progress
from api.cli.people import OPERATOR
from api.cli.processes import Stack, served_url
from api.cli.setup import first_administrator, publish_catalogue
from api.cli.tables import show
from core.clock import SHANGHAI, day_of
from core.ids import uuid7
from core.principal import Role
from forms.definition import FormVersion
from forms.facts import Row
from ruhu_phone import Http, Phone, State
from sync.registry import register
from sync.services import Services

DEMO_HOUSEHOLDS = 60
FORMS = ("household", "insurance", "labour", "schooling", "rights", "old_house")
ROUND_DAYS = (150, 12)
"""How many days before today each round is held; a round lasts ten days."""
_OFFICES = (
    ("coordinator", "旗易地扶贫搬迁办", Role.COORDINATOR, None),
    ("supervisor", "调查督导", Role.SUPERVISOR, None),
    ("education", "旗教育体育局", Role.OFFICER, "education"),
    ("medical", "旗医疗保障局", Role.OFFICER, "medical_insurance"),
    ("hrss", "旗人力资源和社会保障局", Role.OFFICER, "hrss"),
)
_BATCH = 200
_HOUSEHOLDS_A_SYNC = 3
_PAGE_BYTES = 262_144
_PATIENCE_S = 60.0


@dataclass
class Enumerator:
    """One enumerator of the demo: account, phone, households."""

    user: str
    login: str
    phone: Phone
    homes: list[Home] = field(default_factory=list)


@dataclass
class Demo:
    """A demo in the making.

    Args:
        services: the database, for accounts and the roster; everything after goes through `url`.
        url: address of the web process.
        seed: the same seed makes the same district.
        stopped: tells whether to give up.
    """

    services: Services
    url: str
    seed: int
    stopped: Callable[[], bool]
    enumerators: list[Enumerator] = field(default_factory=list)
    passwords: dict[str, str] = field(default_factory=dict)
    forms: dict[str, FormVersion] = field(default_factory=dict)
    homes: list[Home] = field(default_factory=list)
    open_round: str | None = None

    @property
    def today(self) -> date:
        """The day of the demo."""
        return day_of(self.services.clock.now())

    def prepare(self, count: int, bar: Progress) -> None:
        """Make accounts, publish the forms and register the households."""
        list(publish_catalogue(self.services))
        self.forms = {
            record.form_id: version
            for record in self.services.forms.latest()
            if (version := self.services.forms.get(record.sha256)) is not None
        }
        self.homes = list(District(self.seed, self.today).homes(count))
        for login, name, role, unit in _OFFICES:
            self._account(login, name, role, unit)
        for index in range(min(len(names.ENUMERATORS), max(1, count // 15))):
            login = f"enum{index + 1}"
            user = self._account(login, names.ENUMERATORS[index], Role.ENUMERATOR, None)
            self.enumerators.append(
                Enumerator(user, login, Phone(Http(self.url), app="demo", max_bytes=_PAGE_BYTES))
            )
        for index, home in enumerate(self.homes):
            self.enumerators[index % len(self.enumerators)].homes.append(home)
        task = bar.add_task("registering households", total=count)
        for start in range(0, count, _BATCH):
            batch = self.homes[start : start + _BATCH]
            register(self.services, OPERATOR, [(home.id, home.region, _roster_row(home)) for home in batch])
            bar.advance(task, len(batch))
        register(self.services, OPERATOR, [(p.id, p.region, p.registered(self.today)) for p in places()])
        task = bar.add_task("settling", total=1)
        while self.services.log.pending(limit=1) and not self.stopped():
            time.sleep(0.2)
        bar.advance(task)

    def _account(self, login: str, name: str, role: Role, unit: str | None) -> str:
        held = find_user(self.services.store, login)
        accounts = Accounts(self.services.store, Act(OPERATOR, self.services.clock.now()))
        password = self.passwords[login] = new_password()
        if held is not None:
            accounts.set_password(held.id, password)
            return held.id
        made = accounts.create(
            login=login, name=name, role=role, region=names.BANNER, unit=unit, password=password
        )
        return made.id

    def visit(self, number: int, bar: Progress) -> None:
        """Hold one round: work lists, phones, interviews, until everything is settled."""
        first = self.today - timedelta(days=ROUND_DAYS[number])
        round_id = self._open(number, first, timedelta(days=10))
        task = bar.add_task(f"round {number + 1}: interviews", total=len(self.homes) * len(FORMS))
        with ThreadPoolExecutor(len(self.enumerators)) as pool:
            walks = [
                pool.submit(self._walk, each, number, round_id, first, bar, task) for each in self.enumerators
            ]
            for walk in walks:
                walk.result()
        self._told_of_places(round_id, first)
        self._settled(bar, number)

    def plan(self) -> None:
        """Open the round in which nobody has gone yet: what whoever enrols a phone finds on it."""
        self._open(len(ROUND_DAYS), self.today, timedelta(days=20))

    def _open(self, number: int, first: date, lasting: timedelta) -> str:
        """Close the round before, open one, give each enumerator households and, once, a phone; return its id."""
        office = Office(self.url, "coordinator", self.passwords["coordinator"])
        if self.open_round is not None:
            office.post(f"/rounds/{self.open_round}/close", {})
        title, due = f"第{number + 1}轮入户调查 {first:%Y-%m}", (first + lasting).isoformat()
        round_id = str(office.post("/rounds", {"title": title, "region": names.BANNER, "due": due})["id"])
        for each in self.enumerators:
            body = {
                "round": round_id, "title": f"{title} {each.login}", "forms": list(FORMS),
                "assignees": [each.user], "region": names.BANNER, "due": due,
            }  # fmt: skip
            worklist = str(office.post("/worklists", body)["id"])
            for start in range(0, len(each.homes), _BATCH):
                ids = [home.id for home in each.homes[start : start + _BATCH]]
                office.post(f"/worklists/{worklist}/households", {"households": ids})
            if not each.phone.token:
                each.phone.enrol(str(office.post("/devices/codes", {"user": each.user})["code"]))
        self._assign_places(office, round_id, title)
        self.open_round = round_id
        return round_id

    def _walk(
        self, each: Enumerator, number: int, round_id: str, first: date, bar: Progress, task: TaskID
    ) -> None:
        each.phone.sync(_PATIENCE_S)
        for index, home in enumerate(each.homes):
            if self.stopped():
                return
            on = first + timedelta(days=index * 10 // max(1, len(each.homes)))
            if _absent(home, number):
                each.phone.record("visit", _failed_visit(home, round_id, on))
            else:
                for form_id in FORMS:
                    each.phone.record("interview", self._interview(home, form_id, round_id, on))
            bar.advance(task, len(FORMS))
            if index % _HOUSEHOLDS_A_SYNC == _HOUSEHOLDS_A_SYNC - 1:
                each.phone.sync(_PATIENCE_S)
        each.phone.sync(_PATIENCE_S)

    def _interview(self, home: Home, form_id: str, round_id: str, on: date) -> dict[str, Any]:
        told_row = told(home, on, date(home.move_in.year - 1, 1, 1))
        return self._told(home.id, form_id, round_id, on, told_row)

    def _told(self, entry: str, form_id: str, round_id: str, on: date, told_row: Row) -> dict[str, Any]:
        version = self.forms[form_id]
        wall = _moment(on, 9 + crc32(entry.encode()) % 8)
        return {
            "interview": uuid7(), "revision": uuid7(), "parent": None, "household": entry, "round": round_id,
            "form": version.sha256,
            "started": {"wall": wall - 1_200_000, "mono": 0, "boot": "then"},
            "finished": {"wall": wall, "mono": 1_200_000, "boot": "then"},
            "answers": fill(version, told_row, on), "blobs": [],
        }  # fmt: skip

    def _assign_places(self, office: Office, round_id: str, title: str) -> None:
        """Give the sites and the banner to the first enumerator."""
        user, forms = self.enumerators[0].user, sorted({place.form for place in places()})
        worklist = office.work_list(round_id, f"{title} 安置点", names.BANNER, user, forms)
        office.post(f"/worklists/{worklist}/households", {"households": [place.id for place in places()]})

    def _told_of_places(self, round_id: str, on: date) -> None:
        """Have the sites seen, and the banner's month told."""
        phone = self.enumerators[0].phone
        for place in places():
            if not self.stopped():
                answered = self._told(place.id, place.form, round_id, on, place.told(on))
                phone.record("interview", answered)
        phone.sync(_PATIENCE_S)

    def _settled(self, bar: Progress, number: int) -> None:
        """Wait until the server has taken every op into account."""
        task = bar.add_task(f"round {number + 1}: settling", total=len(self.enumerators))
        for each in self.enumerators:
            last = next(reversed(each.phone.ops.told(State.ACKNOWLEDGED)), None)
            while last is not None and not self.stopped():
                if each.phone.read(f"/api/v1/ops/{last}", _PATIENCE_S).get("settled"):
                    break
                time.sleep(0.2)
            each.phone.sync(_PATIENCE_S)
            each.phone.transport.close()
            bar.advance(task)

    def findings(self) -> Counter[tuple[str, str]]:
        """Count the findings by (rule, state), asked of the API as the coordinator."""
        office = Office(self.url, "coordinator", self.passwords["coordinator"])
        return Counter((item["rule"], item["state"]) for item in office.pages("/findings"))


def _roster_row(home: Home) -> Row:
    persons = [
        Row(
            "person",
            member.id,
            {name: member.facts[name] for name in ("name", "resident_id", "relation", "nation")},
        )
        for member in home.members
    ]
    wanted = (
        "registry_no",
        "region",
        "site",
        "origin",
        "relocation_kind",
        "resettlement",
        "move_in",
        "address",
        "phone",
        "cause",
    )
    return Row("household", None, {name: home.facts[name] for name in wanted}, tuple(persons))


def _absent(home: Home, number: int) -> bool:
    """Tell whether nobody is at home: one household in twelve, another one each round."""
    return crc32(home.id.encode()) % 12 == number


def _failed_visit(home: Home, round_id: str, on: date) -> dict[str, Any]:
    return {
        "household": home.id, "round": round_id, "outcome": "nobody_home", "note": "家中无人",
        "finished": {"wall": _moment(on, 10), "mono": 0, "boot": "then"},
    }  # fmt: skip


def _moment(on: date, hour: int) -> int:
    return int(datetime(on.year, on.month, on.day, hour, tzinfo=SHANGHAI).timestamp() * 1000)


def make_demo(
    services: Services, url: str, count: int, *, seed: int, stopped: Callable[[], bool]
) -> str | None:
    """Make a demo district through the API at `url`, print its findings; return an enumerator's login."""
    demo = Demo(services, url, seed, stopped)
    with progress() as bar:
        demo.prepare(count, bar)
        for number in range(len(ROUND_DAYS)):
            if not stopped():
                demo.visit(number, bar)
    if stopped():
        return None
    demo.plan()
    _tell(demo)
    return demo.enumerators[0].login


def _tell(demo: Demo) -> None:
    counted = demo.findings()
    states = sorted({state for _, state in counted}, key=_order)
    rows = [
        (rule, *(str(counted[rule, state] or "") for state in states))
        for rule in sorted({rule for rule, _ in counted})
    ]
    title = f"{len(demo.homes)} households, {sum(counted.values())} findings by rule"
    show(("finding", *states), rows, title=title)
    phones = [each.phone for each in demo.enumerators]
    console.print(
        f"{len(phones)} phones: {sum(p.ops.count(State.ACKNOWLEDGED) for p in phones)} ops acknowledged, "
        f"{sum(p.ops.count(State.REJECTED) for p in phones)} rejected, {sum(map(_issues, phones))} issues, "
        f"{sum(p.rows.count() for p in phones)} rows held, "
        f"{sum(p.counters.mismatches for p in phones)} checks failed"
    )
    show(("account", "password"), demo.passwords.items(), title="accounts (shown once)")


def _issues(phone: Phone) -> int:
    return sum(len(told.get("issues", ())) for told in phone.ops.told(State.ACKNOWLEDGED).values())


def _order(state: str) -> int:
    known: Sequence[str] = ("open", "acknowledged", "acted", "verified", "dismissed", "cleared")
    return known.index(state) if state in known else len(known)


@click.command()
@click.option("--households", default=DEMO_HOUSEHOLDS, show_default=True, help="How many.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same district.")
def demo(households: int, seed: int) -> None:
    """Make a demo district and push it through the public API as phones would, in two rounds; a third is open."""
    known = settings()
    url = served_url(known)
    stopped = threading.Event().is_set
    if url:
        with database(known) as (_, store):
            make_demo(Services.open(store, known), url, households, seed=seed, stopped=stopped)
        return
    stack = Stack(known, lambda text: console.print(f"[dim]{text}[/dim]"))
    watching = threading.Event()
    try:
        services = Services.open(stack.start_database(), known)
        list(publish_catalogue(services))
        password = first_administrator(services)
        stack.start_processes()
        threading.Thread(target=_watch, args=(stack, watching), daemon=True).start()
        make_demo(services, stack.url, households, seed=seed, stopped=stopped)
        if password:
            console.print(f"admin password: [bold]{password}[/bold]  (shown once)")
    finally:
        watching.set()
        stack.stop()


def _watch(stack: Stack, watching: threading.Event) -> None:
    while not watching.wait(0.5):
        stack.watch()
