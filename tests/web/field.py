"""A real web process behind a line that breaks, fifty households and their people, for the phone app in a browser."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from access import SYSTEM, Accounts, Act, Devices, DeviceState, User
from core.clock import SystemClock, day_of
from core.ids import uuid7
from core.principal import Role
from forms.op import OpKind
from ledger.dictionary import dictionary
from store import Store, migrate
from sync.office import Submission, submit_many
from sync.services import Services
from sync.settle import settle
from sync.worklists import Plans, WorkListPlan, announce_forms
from tests.faults.proxy import Cut, Proxy
from tests.keys import MASTER_KEY
from tests.served import served
from tests.unit.sync.world import COORDINATOR

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
REGION = "150625101201"
SERVING = """
from api.serving import *
bind = "127.0.0.1:{port}"
workers, threads = 1, 8
"""
_NEVER = 10**9


def titled(zh: str, en: str, **more: Any) -> dict[str, Any]:
    """Return the words of a form, page or question, with more keywords."""
    return {"title": zh, "x-i18n-title": {"zh-Hans": zh, "en": en}, **more}


def form(version: str = "1") -> dict[str, Any]:
    """Return the draft of a short visit: the household's members, its rooms, a photo, a word more."""
    choice = titled(
        "参保是自己选的吗？",
        "Was the insurance your own choice?",
        type="string",
        enum=["1", "2", "3"],
        **{
            "x-choices": [
                {"const": "1", "x-i18n-title": {"zh-Hans": "自己选的", "en": "Own choice"}},
                {"const": "2", "x-i18n-title": {"zh-Hans": "要求的", "en": "Was told to"}},
                {"const": "3", "x-i18n-title": {"zh-Hans": "不知道能选", "en": "Did not know"}},
            ],
            "x-widget": "radio",
            "x-fact": "person.insurance.enrol_choice",
        },
    )
    name = titled("姓名", "Name", type="string", minLength=1)
    name |= {
        "x-widget": "text",
        "x-fact": "person.name",
        "x-prefill": {"fact": "person.name"},
        "x-required": True,
    }
    key = titled("标识", "Key", type="string", pattern="^[0-9a-f-]{36}$", **{"x-required": True})
    members = titled("家里的人", "Members", type="array", maxItems=20)
    members |= {
        "x-entity": "person",
        "x-widget": "repeat",
        "x-repeat": {"x-key": "person_id", "summary": ["name", "choice"]},
        "items": {
            "type": "object",
            "properties": {"person_id": key, "name": name, "choice": choice},
            "additionalProperties": False,
        },
    }
    photo = titled("房门照片", "Photo of the door", type="object", required=["file", "sha256"])
    photo |= {
        "properties": {
            "file": {"type": "string", "pattern": r"^[0-9a-f-]{36}\.(jpg|png|webp)$"},
            "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "bytes": {"type": "integer", "minimum": 1, "maximum": 8000000},
        },
        "additionalProperties": False,
        "x-widget": "camera",
    }
    consent = titled("愿意受访吗？", "Do you agree?", type="boolean", enum=[True, False])
    consent |= {
        "x-choices": [
            {"const": True, "x-i18n-title": {"zh-Hans": "愿意", "en": "Yes"}},
            {"const": False, "x-i18n-title": {"zh-Hans": "不愿意", "en": "No"}},
        ],
        "x-widget": "radio",
        "x-required": True,
    }
    rooms = titled("住几间房？", "How many rooms?", type="integer", minimum=1, maximum=20)
    rooms |= {"x-widget": "number", "x-required": True}
    remarks = titled("还有什么要记的？", "Anything else?", type="string", minLength=1, maxLength=500)
    remarks |= {"x-widget": "textarea"}
    pages = [
        ("start", "开始", "Start", ["consent", "rooms", "remarks"]),
        ("people", "家里", "Home", ["members", "photo"]),
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://ruhu.example/forms/day/{version}",
        **titled("短访", "Short visit", type="object"),
        "x-form": {
            "form_id": "day", "version": version, "subject": "household",
            "languages": ["zh-Hans", "en"], "default_language": "zh-Hans",
        },
        "x-pages": [
            {"page": page, **titled(zh, en), "items": items} for page, zh, en, items in pages
        ],
        "properties": {
            "consent": consent, "rooms": rooms, "remarks": remarks, "members": members, "photo": photo,
        },
    }  # fmt: skip


@dataclass
class Field:
    """The server's side of the day: services on the same database, who is who, and the line to the phone."""

    services: Services
    proxy: Proxy
    enumerator: User
    supervisor: User
    round: str = ""
    worklist: str = ""
    homes: list[str] = field(default_factory=list)

    def code(self, user: str | None = None) -> str:
        """Make an enrolment code for the enumerator, or another user."""
        act = Act(self.supervisor.principal, self.services.clock.now())
        return Devices(self.services.store, act).make_code(user or self.enumerator.id)[0]

    def colleague(self) -> str:
        """Make another enumerator who holds the work list too; return the user's id."""
        act = Act(SYSTEM, self.services.clock.now())
        made = Accounts(self.services.store, act).create(
            login="colleague", name="其其格", role=Role.ENUMERATOR, region="150625", unit=None,
            password=f"long enough {uuid7()}",
        )  # fmt: skip
        assignees = [self.enumerator.id, made.id]
        Plans(self.services, act).change(self.worklist, {"assignees": assignees})
        return made.id

    def put_away(self, state: DeviceState = DeviceState.RETIRED) -> None:
        """Retire the phones that are in use, or mark them as stolen."""
        devices = Devices(self.services.store, Act(self.supervisor.principal, self.services.clock.now()))
        for device in devices.list(limit=100)[0]:
            if device.state is DeviceState.ACTIVE:
                devices.set_state(device.id, state, version=device.version)

    def give_back(self, op: str, reason: str) -> None:
        """Return an interview for correction, as the supervisor."""
        found = self.services.log.get(op)
        assert found is not None
        body = {
            "household": found.op.household, "interview": found.op.interview,
            "revision": found.op.revision, "reason": reason,
        }  # fmt: skip
        submit_many(
            self.services,
            self.supervisor.principal,
            [Submission(OpKind.RETURN, body)],
            self.services.clock.now(),
        )

    def publish(self, version: str) -> str:
        """Publish a version of the form, and tell phones."""
        draft, now = form(version), self.services.clock.now()
        published = self.services.forms.publish(draft, dictionary(), now, SYSTEM)
        announce_forms(self.services)
        return published.sha256

    def no_line(self) -> None:
        """Take the line away."""
        self.proxy.cut = Cut(up=0, again=_NEVER)
        self.proxy.hang_up()

    def line(self, every: int | None = None) -> None:
        """Give the line back; with `every`, it breaks after so many bytes, eight times."""
        self.proxy.cut = Cut(up=every, again=8) if every else Cut()


def _registered(services: Services, count: int) -> list[str]:
    homes = [f"0190b000-0000-7000-8000-{number:012x}" for number in range(1, count + 1)]
    submissions = []
    for number, home in enumerate(homes, 1):
        facts = {
            "name": f"巴图{number}", "sex": "1", "birth_date": "1980-03-02", "relation": "02",
            "insurance.enrol_choice": "2" if number == 1 else "1",
        }  # fmt: skip
        person = {"entity": "person", "key": f"0190b000-0000-7000-9000-{number:012x}", "facts": facts}
        stated = {
            "registry_no": f"HJ-{number:04}", "move_in": "2019-10-12", "relocation_kind": "registered_poor",
            "address": f"锡尼镇{number}号楼", "phone": f"1380000{number:04}",
        }  # fmt: skip
        row = {"entity": "household", "key": None, "facts": stated, "rows": [person]}
        submissions.append(Submission(OpKind.REGISTRY, {"household": home, "region": REGION, "row": row}))
    submit_many(services, COORDINATOR, submissions, services.clock.now())
    return homes


def _people(store: Store, act: Act) -> tuple[User, User]:
    accounts = Accounts(store, act)
    made = [
        accounts.create(
            login=login, name=name, role=role, region="150625", unit=None, password=f"long enough {uuid7()}"
        )
        for login, name, role in (
            ("lead", "组长", Role.SUPERVISOR),
            ("wulan", "乌兰", Role.ENUMERATOR),
        )
    ]
    return made[0], made[1]


@contextmanager
def at_work(mongodb_uri: str, folder: Path, households: int = 50, serving: str = SERVING) -> Iterator[Field]:
    """Serve a district of one work list, settle what comes, and put a line between it and the phone."""
    name = f"web_{uuid7()[-12:]}"
    store = Store(mongodb_uri, name, MASTER_KEY)
    migrate(store)
    services = Services.build(store, SystemClock())
    act = Act(SYSTEM, services.clock.now())
    supervisor, enumerator = _people(store, act)
    stop = threading.Event()
    worker = threading.Thread(target=_settle, args=(services, stop), daemon=True)
    try:
        with served(mongodb_uri, name, folder, serving) as port, Proxy(port) as proxy:
            made = Field(services, proxy, enumerator, supervisor)
            made.publish("1")
            made.homes = _registered(services, households)
            settle(services)
            plans = Plans(services, act)
            made.round = plans.create_round("十一月", REGION)["_id"]
            due = day_of(services.clock.now()) + timedelta(days=5)
            plan = WorkListPlan("锡尼镇一组", made.round, ("day",), (enumerator.id,), REGION[:6], due)
            made.worklist = plans.create(plan)["_id"]
            plans.assign(made.worklist, made.homes)
            worker.start()
            yield made
    finally:
        stop.set()
        if worker.is_alive():
            worker.join(timeout=30)
        store.client.drop_database(name)
        store.close()


def _settle(services: Services, stop: threading.Event) -> None:
    while not stop.wait(0.2):
        settle(services)
