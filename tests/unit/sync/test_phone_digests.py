"""Phones compute canonical JSON, digests, checks and names: the vectors hold `web/phone/` to what the server computes.

Written anew with `python -m tests.unit.sync.test_phone_digests`.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

from core.ids import spell_name
from forms.canonical import canonical, digest
from sync.digests import WIRE_MODULUS, mix, version_of

VECTORS = Path(__file__).parents[3] / "web" / "phone" / "vectors" / "digests.json"
VALUES: tuple[Any, ...] = (
    {},
    {"b": [1, 2.5, -0.0, 1e21, 1e-7, 9007199254740991, 0.1, 333333333.33333329], "a": None},
    {"乌兰": '其木格\u2028\u0007\\"', "é": True, "\ue000": 1, "\U0001f40e": 2, "": []},
    {"ᠨᠡᠷ᠎ᠡ": ["ᠮᠣᠩᠭᠣᠯ", {"z": {}, "Z": False, "10": 10, "9": 9}]},
    {
        "household": "0190a000-0000-7000-8000-000000000001",
        "answers": {"members": [{"age": 41, "name": "苏和"}]},
    },
)
SPELLS = (
    ("0190a000-0000-7000-8000-000000000001", "insurance.medical", date(2020, 4, 1)),
    ("家长", "schooling", date(1999, 12, 31)),
)


def vectors() -> dict[str, Any]:
    """Return values with their canonical text and digest, rows with their check, spells with their names."""
    rows = [(f"household/{number}", value) for number, value in enumerate(VALUES)] * 40
    mixes = [mix(key, version_of(canonical(value).decode())) for key, value in rows]
    return {
        "values": [
            {"value": value, "text": canonical(value).decode(), "sha256": digest(value)} for value in VALUES
        ],
        "rows": [
            {"key": key, "row": value, "version": version_of(canonical(value).decode())}
            for key, value in rows[: len(VALUES)]
        ],
        "repeated": 40,
        "sum": sum(mixes) % WIRE_MODULUS,
        "spells": [
            {
                "person": person,
                "kind": kind,
                "start": start.isoformat(),
                "name": spell_name(person, kind, start),
            }
            for person, kind, start in SPELLS
        ],
    }


def test_the_phone_is_held_to_these_very_digests() -> None:
    assert json.loads(VECTORS.read_text(encoding="utf-8")) == vectors()


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
