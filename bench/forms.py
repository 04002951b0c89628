"""Judging one answer set: the gate beside pure-Python jsonschema, canonical bytes beside the reference encoder."""

import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import rfc8785
from jsonschema import Draft202012Validator

from forms.canonical import canonical
from forms.catalogue import drafts
from forms.compile import publish_bytes
from forms.definition import FormVersion
from forms.extract import rows
from forms.gate import gate_for

SIZE = 5_000
TODAY = date(2020, 6, 1)
VECTORS = Path(__file__).parents[1] / "tests" / "unit" / "forms" / "catalogue" / "household.vectors.json"


def answers_of_size() -> dict[str, Any]:
    """Return the first right answer set of the household form, with its members again until it is large enough."""
    answers: dict[str, Any] = json.loads(VECTORS.read_text(encoding="utf-8"))[0][1]
    known = list(answers["members"])
    while len(canonical(answers)) < SIZE:
        number = len(answers["members"])
        person_id = f"0190a000-0000-7000-8000-{number + 1:012}"
        answers["members"].append(known[number % len(known)] | {"person_id": person_id})
    return answers


def best(work: Callable[[], object], repeats: int) -> float:
    """Return the shortest time of one call, in microseconds."""
    shortest = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        shortest = min(shortest, time.perf_counter() - begin)
    return shortest * 1e6


def run(_uri: str = "") -> list[tuple[str, str, str]]:
    version = FormVersion.from_bytes(publish_bytes(drafts()["household"]))
    gate, answers = gate_for(version), answers_of_size()
    assert gate.accepts(answers)
    slow = Draft202012Validator(version.document, format_checker=Draft202012Validator.FORMAT_CHECKER)
    size = f"{len(canonical(answers)) / 1000:.1f} kB"
    accept, reference = best(lambda: gate.accepts(answers), 300), best(lambda: slow.is_valid(answers), 20)
    judge = best(lambda: gate.judge(answers, TODAY), 100)
    jcs, jcs_reference = best(lambda: canonical(answers), 300), best(lambda: rfc8785.dumps(answers), 50)
    facts = best(lambda: rows(version, answers), 100)
    return [
        (
            f"validate {size} of answers",
            f"{accept:.0f} µs, {reference / accept:.0f} × pure Python",
            "≤ 100 µs",
        ),
        (f"judge {size} with cross-field checks", f"{judge:.0f} µs", "reported"),
        (f"canonical bytes of {size}", f"{jcs:.0f} µs, {jcs_reference / jcs:.1f} × rfc8785", "≤ 80 µs"),
        (f"facts of {size}", f"{facts:.0f} µs", "reported"),
    ]
