"""A demo district: what each household said, when, and when it was received. Always the same, and plain data.

Each household has a habit (an index into short lists), so what it says is known without any rule of the ledger. Three
months, one visit each at most; some interviews arrive after the month's report was frozen.
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zlib import crc32

from core.ids import uuid7
from forms.canonical import canonical
from forms.definition import FormVersion
from forms.op import OpKind
from sync.clocks import Quality, Timing
from sync.digests import sha256_hex
from sync.filing import Sender, look_up, to_document
from sync.office import Submission, submit_many
from sync.protocol import PushedOp
from sync.services import Services
from tests.unit.sync.world import COORDINATOR

MONTHS = ("2023-03", "2023-04", "2023-05")
PLACES = (
    ("150625100201", "锡尼镇安置点"),
    ("150625100202", "锡尼镇安置点"),
    ("150625101201", "巴拉贡安置点"),
    ("150625102201", "独贵塔拉安置点"),
)
MOVES = ("2018-03-01", "2020-08-10", "2022-04-10", "2022-06-20")
Answers = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What a household said on a day, and when that was received; without answers: nobody was at home."""

    household: str
    said_on: date
    received: datetime
    answers: Answers | None


@dataclass(frozen=True)
class Home:
    """A household: its habit decides what it says each month."""

    id: str
    number: int
    region: str
    site: str
    kind: str
    move_in: str

    def pick(self, what: str, *values: Any) -> Any:
        """Return one of some values, always the same for this household and matter."""
        return values[crc32(f"{self.number}/{what}".encode()) % len(values)]

    def person(self, who: str) -> str:
        """Return the id of a member."""
        return f"{self.id[:-4]}{['head', 'spou', 'chil', 'elde'].index(who[:4]):04x}"


def homes(count: int) -> list[Home]:
    """Return the households of the district."""
    made = []
    for number in range(count):
        region, site = PLACES[number % len(PLACES)]
        kind = "accompanying" if number % 5 == 0 else "registered_poor"
        move = MOVES[(number // 4) % len(MOVES)]
        made.append(Home(f"0190a000-{number:04x}-7000-8000-00000000ffff", number, region, site, kind, move))
    return made


# --- what is said


def _job(home: Home, who: str) -> Answers:
    habit = home.pick(f"job/{who}", "stable", "stable", "casual", "none", "none", "untold")
    kept = {"p": home.pick(f"willing/{who}", "1", "1", "1", "2", "9", None)}
    told: Answers = {"work_willing": kept["p"]}
    if habit == "untold":
        return told
    at_work = habit in {"stable", "casual"}
    seeks = "yes" if home.pick(f"seeks/{who}", True, False) and not at_work else "no"
    told |= {
        "admin_status": {"stable": "1", "casual": "2", "none": "7"}[habit],
        "work_months12": {"stable": 10, "casual": 2, "none": 0}[habit],
        "icls_worked": "yes" if at_work else "no", "icls_absent": "no",
        "icls_sought": seeks, "icls_available": seeks,
        "job_now": "yes" if at_work else "no",
    }  # fmt: skip
    if at_work:
        stable = habit == "stable"
        told["jobs"] = [
            {
                "key": f"job-{who}", "start": "2022-05-01" if stable else "2023-02-10", "hours_week": 40,
                "contract": "written" if stable else "oral", "kind": "unit" if stable else "flexible",
                "where": home.pick(f"where/{who}", "county", "city", None),
                "channel": home.pick(f"channel/{who}", "local", "away", None),
            }
        ]  # fmt: skip
    return told


def _medical(home: Home, who: str) -> Answers:
    habit = home.pick(f"medical/{who}", *["covered"] * 5, "twice", "lapsed", "never", "untold", "unknown")
    if habit == "untold":
        return {}
    if habit == "unknown":
        return {"medical_now": "unknown"}
    if habit == "never":
        return {"medical_now": "no", "medical_from": "2014-01-01"}
    payer = home.pick(f"payer/{who}", "gov_full", "gov_part", "self", None)
    if habit == "lapsed":
        spell = {"key": f"m-{who}", "scheme": "emp", "start": "2021-01-01", "end": "2022-09-30"}
        return {"medical_now": "no", "medical_from": "2021-01-01", "medical": [spell]}
    paid: Answers = {
        "key": f"m-{who}", "scheme": "res", "start": "2023-01-01", "end": "2023-12-31", "paid_on": "2022-10-10",
        "payer": payer,
    }  # fmt: skip
    spells = [paid]
    if habit == "twice":
        spells.append({"key": f"e-{who}", "scheme": "emp", "start": "2022-05-01"})
    return {"medical_now": "yes", "medical": spells}


def _pension(home: Home, who: str) -> Answers:
    habit = home.pick(f"pension/{who}", "covered", "covered", "lapsed", "never", "untold")
    spell: Answers = {"key": f"p-{who}", "scheme": "emp", "start": "2020-01-01"}
    transfer = home.pick(f"transfer/{who}", None, "done", "applied")
    moved = {
        "transfer_state": transfer,
        "transfer_applied_on": "2023-01-05" if transfer == "applied" else None,
    }
    told: dict[str, Answers] = {
        "untold": {},
        "covered": {"pension_now": "yes", "pension": [spell | moved]},
        "lapsed": {
            "pension_now": "no",
            "pension_from": "2020-01-01",
            "pension": [spell | {"end": "2022-06-30"}],
        },
        "never": {"pension_now": "no", "pension_from": "2014-01-01"},
    }
    return told[habit]


def _adult(home: Home, who: str, month: int) -> Answers:
    told: Answers = {
        "id": home.person(who), "name": who, "birth_date": BIRTHS[who],
        "skill_class": home.pick(f"skill/{who}", "ordinary", "skilled", "ordinary", "weak", None),
        "education": home.pick(f"education/{who}", "71", "81", None),
        "health": ["healthy"],
        "train_willing": home.pick(f"train/{who}", "1", "1", "2", None),
        "doctor_now": home.pick(f"doctor/{who}", "yes", "no", "unknown", None),
        "wants_move": home.pick(f"wants/{who}", "yes", "no"),
    }  # fmt: skip
    told |= _job(home, who) | _medical(home, who) | _pension(home, who)
    if home.kind == "registered_poor":
        told["categories"] = [{"key": f"c-{who}", "category": "registered_poor", "start": "2018-01-01"}]
    if home.pick(f"hukou/{who}", True, False):
        moved = {"key": f"h-{who}", "place": "150625", "start": home.move_in}
        told |= {"hukou": [moved], "own_will": home.pick(f"will/{who}", "yes", "no", None)}
    trained = home.pick(f"trained/{who}", None, "yes", None)
    if trained:
        told["trainings"] = [
            {"key": f"t-{who}", "skills": "yes", "completed": "yes", "hours": 40, "end": "2022-10-01"}
        ]
    if home.pick(f"stay/{who}", *[False] * 5, True):
        asked = home.pick(f"deposit/{who}", "yes", "no", None)
        told["stays"] = [{"key": f"i-{who}", "on": "2022-11-11", "designated": "yes", "deposit_asked": asked}]
    if home.pick(f"loss/{who}", *[False] * 6, True) and told.get("job_now") == "no":
        lost = f"2023-{3 + home.number % 3:02}-02"
        loss = {"key": f"l-{who}", "lost_on": lost}
        if home.number % 2:
            loss |= {"registered_on": lost, "helped_on": lost}
        if f"{MONTHS[month]}-31" >= lost:
            told["losses"] = [loss]
    return told


def _child(home: Home) -> Answers:
    habit = home.pick("school", "in", "in", "moved", "left", "untold")
    told: Answers = {"id": home.person("child"), "name": "child", "birth_date": BIRTHS["child"]}
    told |= _medical(home, "child")
    school = {"key": "s", "school_name": "一小", "stage": "primary", "start": "2018-09-01"}
    if habit == "untold":
        return told
    if habit == "left":
        spell = school | {"end": "2022-11-15", "leave_reason": "dropped"}
        return told | {"school_now": "no", "school_from": "2018-09-01", "schools": [spell]}
    if habit == "moved":
        school |= {"transfer_state": "done", "registry_state": home.pick("registry", "moved", "moving", None)}
    kept = home.pick("aid", True, False)
    aid: Answers = {"key": "a", "aid": "two_free", "start": "2018-09-01"}
    told |= {"aid_now": "yes" if kept else "no", "aid_from": "2018-09-01"}
    return told | {
        "school_now": "yes", "schools": [school], "aids": [aid if kept else aid | {"end": "2022-03-10"}]
    }  # fmt: skip


def _elder(home: Home, month: int) -> Answers:
    benefit = home.pick("benefit", "yes", "no", None, "later")
    told = {"id": home.person("elder"), "name": "elder", "birth_date": BIRTHS["elder"]}
    said = ("no" if month == 0 else "yes") if benefit == "later" else benefit
    return told | _medical(home, "elder") | {"benefit": said}


POSTS = ("cleaning", "greening", "security", "forest", "other")
BIRTHS = {"head": "1980-05-05", "spouse": "1984-06-06", "child": "2011-03-03", "elder": "1950-01-01"}


def answers(home: Home, month: int) -> Answers:
    """Return what a household says in a month (0 to 2)."""
    occupied = home.pick("occupied", "always", "partly", "empty", None, "later")
    trained = home.pick("adaptation", "yes", "no", None, "later")
    told: Answers = {
        "occupied": ("empty" if month == 0 else "always") if occupied == "later" else occupied,
        "adaptation": ("no" if month == 0 else "yes") if trained == "later" else trained,
        "cause": home.pick("cause", "illness", "labour"),
        "dibao_now": home.pick("dibao", "yes", "no", None),
        "dibao_applied": home.pick("applied", "yes", "no"),
        "dibao_result": home.pick("result", "granted", "refused", None),
        "measure_now": home.pick("measure", "yes", "no", None),
        "persons": [_adult(home, "head", month), _adult(home, "spouse", month), _child(home), _elder(home, month)],
    }  # fmt: skip
    told |= _things(home, month)
    return _said(told)


def _things(home: Home, month: int) -> Answers:
    pick = home.pick
    told: Answers = {}
    if pick("shock", *[False] * 4, True):
        told["shocks"] = [
            {"key": "k", "on": "2022-12-01", "applied": "yes", "aid_on": pick("aided", "2023-01-02", None)}
        ]
    state = pick("old", "1", "3", "later", None, "4")
    house = {
        "key": "o", "state": ("1" if month == 0 else "3") if state == "later" else state,
        "transition": pick("transition", "yes", "no", None), "plot_mu": pick("mu", 1.25, 0.4, None),
    }  # fmt: skip
    if house["state"] == "3":
        house |= {"demolished_on": "2023-02-02", "restored_on": pick("restored", "2023-02-20", None)}
        house |= {
            "accepted_on": pick("accepted", "2023-02-21", None),
            "title_on": pick("title", "2023-02-22", None),
        }
    if state == "4":
        house |= {"protection_body": "county", "protection_no": "杭政字1号"}
    told["houses"] = [house]
    told["dwelling"] = [
        {
            "key": "d", "cert": pick("cert", "yes", "no", None), "special_mode": pick("special", "no", "no", "yes"),
            "transfer_kind": pick("sold", "none", "none", "1", None), "leased": pick("leased", "no", "no", "yes", None),
        }
    ]  # fmt: skip
    if pick("land", True, False):
        told["plots"] = [
            {
                "key": "p", "kind": "arable", "area_mu": 12.5, "state": pick("plot", "own", "transferred"),
                "rent_due": 1000, "rent_due_on": "2023-02-01", "rent_paid": pick("rent", 1000, 400, None),
            }
        ]  # fmt: skip
        year = int(home.move_in[:4])
        later = pick("subsidy", 600, 100, None)
        told["subsidies"] = [{"key": "b", "programme": "grassland", "year": year - 1, "amount": 600}]
        if later is not None and year < 2022:
            told["subsidies"].append(
                {"key": "c", "programme": "grassland", "year": year + 1, "amount": later}
            )
    if pick("link", True, False):
        told["links"] = [
            {
                "key": "n", "contract": pick("contract", "yes", "no"), "promised": 500, "due_on": "2023-01-31",
                "received": pick("received", 500, 200, None),
            }
        ]  # fmt: skip
    return told


def _said(node: Any) -> Any:
    """Return answers without what was not said."""
    if isinstance(node, dict):
        return {name: _said(value) for name, value in node.items() if value is not None}
    return [_said(each) for each in node] if isinstance(node, list) else node


def told_in(home: Home, month: int) -> Told | None:
    """Return what comes of the visit of a month: an interview, in time or late; nobody at home; no visit at all."""
    habit = home.pick(f"visit/{month}", *["interview"] * 6, "late", "slow", "nobody", "none")
    said = date.fromisoformat(f"{MONTHS[month]}-{5 + home.number % 20:02}")
    at = datetime(said.year, said.month, said.day, 9, tzinfo=UTC)
    if habit == "none":
        return None
    if habit == "nobody":
        return Told(home.id, said, at, None)
    if habit == "late":  # received after the report of the month was frozen
        return Told(
            home.id, said, datetime(said.year, said.month + 1, 8, 9, tzinfo=UTC), answers(home, month)
        )
    late = timedelta(days=8 if habit == "slow" and said.day < 20 else 0)
    return Told(home.id, said, at + late, answers(home, month))


# --- how it comes into the log


def _plain(*names: str, **facts: str) -> Answers:
    return {name: {"x-fact": name} for name in names} | {
        name: {"x-fact": fact} for name, fact in facts.items()
    }


def _many(entity: str, **properties: Any) -> Answers:
    item = {"type": "object", "properties": {"key": {"type": "string"}, **properties}}
    return {"type": "array", "x-entity": entity, "x-repeat": {"x-key": "key"}, "items": item}


def form() -> FormVersion:
    """Return a form that states all that the district says."""
    spell = _plain("scheme", "start", "end", "paid_on", "payer", transfer_state="transfer.state")
    spell |= _plain(transfer_applied_on="transfer.applied_on")
    point = (
        "name",
        "birth_date",
        "skill_class",
        "education",
        "health",
        "work_willing",
        "train_willing",
        "admin_status",
    )
    person = {name: {"x-fact": f"person.{name}"} for name in point} | _plain(
        work_months12="person.work.months12", icls_worked="person.icls.worked", icls_absent="person.icls.absent",
        icls_sought="person.icls.sought", icls_available="person.icls.available", job_now="person.job.now",
        medical_now="person.insurance.medical.now", medical_from="person.insurance.medical.history_from",
        pension_now="person.insurance.pension.now", pension_from="person.insurance.pension.history_from",
        benefit="person.pension.benefit", doctor_now="person.family_doctor.now", own_will="person.hukou.own_will",
        wants_move="person.hukou.wants_move", school_now="person.schooling.now",
        school_from="person.schooling.history_from", aid_now="person.school.aid.now",
        aid_from="person.school.aid.history_from",
    )  # fmt: skip
    person |= {
        "id": {"type": "string"},
        "jobs": _many("spell:job", **_plain("start", "hours_week", "contract", "kind", "where", "channel")),
        "medical": _many("spell:insurance.medical", **spell),
        "pension": _many("spell:insurance.pension", **spell),
        "categories": _many("spell:category", **_plain("category", "start")),
        "hukou": _many("spell:hukou", **_plain("place", "start")),
        "schools": _many(
            "spell:schooling",
            **_plain("school_name", "stage", "start", "end", "leave_reason", transfer_state="transfer.state"),
            **_plain(registry_state="registry.state"),
        ),
        "aids": _many("spell:school.aid", **_plain("aid", "start", "end")),
        "trainings": _many("record:training", **_plain("skills", "completed", "hours", "end")),
        "stays": _many("record:inpatient", **_plain("on", "designated", "deposit_asked")),
        "losses": _many("record:job_loss", **_plain("lost_on", "registered_on", "helped_on")),
    }
    members = {"type": "array", "x-entity": "person", "x-repeat": {"x-key": "id"}}
    members["items"] = {"type": "object", "properties": person}
    house = ("state", "transition", "plot_mu", "demolished_on", "restored_on", "accepted_on", "title_on")
    properties = _plain(
        occupied="household.occupied", adaptation="household.adaptation.received", cause="household.cause",
        dibao_now="household.dibao.now", dibao_applied="household.dibao.applied",
        dibao_result="household.dibao.result", measure_now="household.measure.now",
    ) | {
        "persons": members,
        "shocks": _many("record:shock", **_plain("on", "applied", "aid_on")),
        "houses": _many("record:old_house", **_plain(*house, "protection_body", "protection_no")),
        "dwelling": _many("record:dwelling", **_plain("cert", "special_mode", "transfer_kind", "leased")),
        "plots": _many(
            "record:plot", **_plain("kind", "area_mu", "state", "rent_due", "rent_due_on", "rent_paid")
        ),
        "subsidies": _many("record:subsidy", **_plain("programme", "year", "amount")),
        "links": _many("record:link", **_plain("contract", "promised", "due_on", "received")),
    }  # fmt: skip
    about = {"form_id": "district", "version": "1", "languages": ["zh-Hans"], "subject": "household"}
    document = {
        "x-form": about,
        "x-i18n-title": {"zh-Hans": "区"},
        "type": "object",
        "properties": properties,
    }
    return FormVersion.from_bytes(json.dumps(document).encode())


def publish(services: Services) -> FormVersion:
    """Put the form into the database as it is: no phone is to show it, so it has no pages or titles."""
    version = form()
    services.store["form_versions"].insert_one(
        {
            "_id": version.sha256, "form_id": "district", "version": "1", "raw": version.raw, "title": {},
            "languages": ["zh-Hans"], "subject": "household", "published_at": services.clock.now(),
            "published_by": "test",
        }
    )  # fmt: skip
    return version


def register(services: Services, district: list[Home]) -> None:
    """Register the households with their members."""
    bodies = []
    for home in district:
        rows = [
            {"entity": "person", "key": home.person(who), "facts": {"name": who, "birth_date": birth}}
            for who, birth in BIRTHS.items()
        ]
        facts = {
            "registry_no": f"R{home.number}", "site": home.site, "move_in": home.move_in,
            "relocation_kind": home.kind,
        }  # fmt: skip
        row = {"entity": "household", "key": None, "facts": facts, "rows": rows}
        bodies.append(Submission(OpKind.REGISTRY, {"household": home.id, "region": home.region, "row": row}))
    submit_many(services, COORDINATOR, bodies, services.clock.now())


def arrive(services: Services, version: FormVersion, told: list[Told]) -> None:
    """Append what was said to the log, as it was received."""
    ops = [(each, _op(each, version)) for each in told]
    known = look_up(services, (each.household for each in told), (version.sha256,), ())
    services.log.append(
        [
            to_document(op, Sender("enumerator", each.received), Timing(each.said_on, each.received, Quality.A), known)
            for each, op in ops
        ]
    )  # fmt: skip


def _op(each: Told, version: FormVersion) -> PushedOp:
    body: Answers = {"household": each.household, "round": None}
    if each.answers is None:
        body |= {"outcome": "nobody_home"}
    else:
        body |= {"form": version.sha256, "interview": uuid7(), "revision": uuid7(), "parent": None}
        body |= {"answers": each.answers, "blobs": []}
    raw = canonical(body)
    kind = OpKind.VISIT if each.answers is None else OpKind.INTERVIEW
    return PushedOp(uuid7(), 0, kind, sha256_hex(raw), body, raw.decode(), each.household)
