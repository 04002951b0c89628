"""A small district: register rows, a form, interviews; valid by default."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from core.ids import uuid7
from core.principal import Principal, Role
from forms.op import OpKind
from ledger.dictionary import dictionary
from sync.office import Submission, submit_many
from sync.services import Services

REGION = "150625101201"
COORDINATOR = Principal("coordinator", Role.COORDINATOR, "150625")


def person(key: str, **facts: Any) -> dict[str, Any]:
    stated = {"name": "某人", "sex": "1", "birth_date": "1980-03-02", "relation": "02"} | facts
    return {"entity": "person", "key": key, "facts": stated}


def registry(
    household: str, region: str = REGION, persons: Sequence[Any] = (), **facts: Any
) -> dict[str, Any]:
    stated = {
        "registry_no": household[-4:],
        "relocation_kind": "registered_poor",
        "move_in": "2019-10-12",
    } | facts
    rows = list(persons) or [person(f"{household[:-4]}f001")]
    return {
        "household": household,
        "region": region,
        "row": {"entity": "household", "key": None, "facts": stated, "rows": rows},
    }


def register(services: Services, households: Sequence[str], now: datetime, **facts: Any) -> list[str]:
    bodies = [Submission(OpKind.REGISTRY, registry(household, **facts)) for household in households]
    return submit_many(services, COORDINATOR, bodies, now)


def names(count: int) -> list[str]:
    return [f"0190a000-0000-7000-8000-00000000{number:04x}" for number in range(count)]


def draft(version: str = "1") -> dict[str, Any]:
    """Return the draft of a form with one fact of the household and one of each person."""
    text = {"zh-Hans": "题", "en": "question"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://ruhu.example/forms/short/{version}",
        "type": "object",
        "x-form": {
            "form_id": "short",
            "version": version,
            "subject": "household",
            "languages": ["zh-Hans", "en"],
            "default_language": "zh-Hans",
        },
        "x-i18n-title": {"zh-Hans": "短表", "en": "short form"},
        "x-pages": [{"page": "one", "x-i18n-title": text, "items": ["address"]}],
        "properties": {
            "address": {
                "type": "string",
                "maxLength": 20,
                "x-i18n-title": text,
                "x-widget": "text",
                "x-fact": "household.address",
                "x-pii": "contact",
            }
        },
        "additionalProperties": False,
    }


def publish(services: Services, version: str = "1") -> str:
    made = services.forms.publish(draft(version), dictionary(), services.clock.now(), COORDINATOR)
    return made.sha256


def later(clock: Any, **delta: float) -> datetime:
    clock.instant += timedelta(**delta)
    return clock.now()


def answered(household: str, form: str, address: str = "一号", **more: Any) -> dict[str, Any]:
    body = {
        "interview": uuid7(),
        "revision": uuid7(),
        "parent": None,
        "household": household,
        "round": None,
        "form": form,
        "assignment": None,
        "answers": {"address": address},
        "blobs": [],
    }
    return body | more
