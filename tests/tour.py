"""The visit of the README's tour: `python -m tests.tour` writes docs/tour/push.json anew when a form changes."""

import json
from pathlib import Path
from typing import Any

from core.ids import household_id, person_id
from forms.canonical import digest
from forms.catalogue import drafts
from forms.compile import publish_bytes
from forms.definition import FormVersion

FOLDER = Path(__file__).parents[1] / "docs" / "tour"
INSTALL = "6f1d3a52-7f0e-4a53-9f0d-2a6b8c1e4d10"
HOUSEHOLD = household_id("150625", "TOUR-0001")
FATHER = person_id(HOUSEHOLD, "152726197905120014")
DAUGHTER = person_id(HOUSEHOLD, "150625201603050028")
SAID = 1_795_140_000_000  # 2026-11-20 10:00 in Asia/Shanghai


def push() -> dict[str, Any]:
    """The phone's request: one interview on insurance, one on schooling, said on 20 November 2026."""
    insurance = {
        "consent": True, "respondent": "head", "move_in": "2026-03-15",
        "members": [
            {
                "person_id": FATHER, "name": "布和", "birth_date": "1979-05-12", "age": 47, "self_present": True,
                "medical_now": "no", "medical_whole": True, "medical_since": "2025-01-01", "medical_reason": "1",
                "medical_begins_late": False,
                "medical_spells": [
                    {
                        "spell_id": "0190b000-0000-7000-8000-000000000040", "scheme": "res", "place": "150625",
                        "start": "2025-01-01", "end": "2025-12-31", "state": "ended", "payer": "gov_part",
                        "evidence": "card",
                    }
                ],
                "pension_now": "unknown",
            },
            {"person_id": DAUGHTER, "name": "乌兰", "birth_date": "2016-03-05", "age": 10, "medical_now": "unknown"},
        ],
    }  # fmt: skip
    schooling = {
        "consent": True, "respondent": "head", "move_in": "2026-03-15",
        "members": [
            {"person_id": FATHER, "name": "布和", "birth_date": "1979-05-12", "age": 47},
            {
                "person_id": DAUGHTER, "name": "乌兰", "birth_date": "2016-03-05", "age": 10, "attending_now": "no",
                "schooling_spells": [
                    {
                        "spell_id": "0190b000-0000-7000-8000-000000000060", "school_name": "吉日嘎朗图镇小学",
                        "place": "150625", "stage": "primary", "grade": 4, "language": "han", "placement": "ordinary",
                        "start": "2022-09-01", "still_there": False, "end": "2026-03-13", "leave_reason": "moved",
                        "transfer_state": "applied", "transfer_applied_on": "2026-03-20", "evidence": "self_report",
                    }
                ],
                "schooling_whole": True, "schooling_begins_late": False, "schooling_since": "2022-09-01",
                "alternative_now": "no",
                "absence_reason": "no_seat", "seat_wanted": "yes", "language_wanted": "han", "work_now": "no",
            },
        ],
    }  # fmt: skip
    ops = [op(1, "insurance", insurance), op(2, "schooling", schooling)]
    clock = {"wall": SAID, "mono": 0, "boot": "tour", "off": 0, "rtt": 40}
    return {"v": 1, "install": INSTALL, "app": "tour", "clock": clock, "cursor": None, "ops": ops}


def op(n: int, form_id: str, answers: dict[str, Any]) -> dict[str, Any]:
    """One interview op with ids that stay the same, so that the tour can be taken twice."""
    tail = f"-0000-7000-8000-00000000000{n}"
    body = {
        "interview": f"0190c000{tail}", "revision": f"0190d000{tail}", "parent": None, "household": HOUSEHOLD,
        "round": None, "form": FormVersion.from_bytes(publish_bytes(drafts()[form_id])).sha256,
        "started": {"wall": SAID - 1_200_000, "mono": 0, "boot": "then"},
        "finished": {"wall": SAID, "mono": 1, "boot": "then"}, "answers": answers, "blobs": [],
    }  # fmt: skip
    return {"id": f"0190e000{tail}", "n": n, "kind": "interview", "sha256": digest(body), "body": body}


def text() -> str:
    """What docs/tour/push.json holds."""
    return json.dumps(push(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    (FOLDER / "push.json").write_text(text(), encoding="utf-8")
