"""Builders that are valid by default."""

from typing import Any

from werkzeug.test import TestResponse

from core.ids import uuid7
from forms.canonical import digest

MEDICAL = "insurance.medical"


def roster_row(name: str = "乌兰", resident_id: str = "15062519800302123X") -> dict[str, Any]:
    """Return a row of the register: one member whose medical cover ended in March 2020."""
    spell = {
        "entity": f"spell:{MEDICAL}",
        "key": "s1",
        "facts": {"start": "2019-01-01", "end": "2020-03-31", "scheme": "emp"},
    }
    facts = {
        "name": name,
        "resident_id": resident_id,
        "phone": "13812345678",
        "birth_date": "1980-03-02",
        "relation": "02",
        f"{MEDICAL}.now": "no",
    }
    person = {"entity": "person", "key": "p1", "facts": facts, "rows": [spell]}
    return {
        "entity": "household",
        "facts": {"move_in": "2017-01-01", "site": "锡尼镇安置点"},
        "rows": [person],
    }


def op(n: int, kind: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return an op as a phone sends it."""
    return {"id": uuid7(), "n": n, "kind": kind, "sha256": digest(body), "body": body, **more}


def interview_body(household: str, form: str, answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the body of an interview op."""
    names = {"interview": uuid7(), "revision": uuid7(), "parent": None}
    return {
        "household": household,
        "form": form,
        "round": None,
        "answers": answers,
        "blobs": [],
        **names,
        **more,
    }


def exchange(phone: Any, *ops: dict[str, Any], **more: Any) -> TestResponse:
    """Send a sync request."""
    install = phone.get("/sessions/current").get_json()["device"]["install"]
    headers = more.pop("headers", {})
    body = {"v": 1, "install": install, "app": "1.0.0", "cursor": None, "ops": list(ops), **more}
    return phone.post("/sync", body, headers=headers)
