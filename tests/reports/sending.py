"""How what the district says comes into the log: a form that states it all, registered households, ops."""

import json
from typing import Any

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
from tests.reports.district import BIRTHS, Answers, Home, Told
from tests.unit.sync.world import COORDINATOR


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
