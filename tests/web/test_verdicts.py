"""The phone's validator gives the server's verdict, on every form of the catalogue and the example."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import drafts
from forms.compile import publish_bytes
from forms.definition import FormVersion
from tests.web.vectors import DAY, Maker, Vector, vectors

ROOT = Path(__file__).parents[2]
FORMS = ROOT / "tests" / "unit" / "forms"
RIGHT = 25
"""Right answer sets made of each form; five spoilt ones of each."""


def written(folder: Path, form: str) -> list[Any]:
    """Return the answer sets of a form that were written by hand."""
    path = folder / f"{form}.vectors.json"
    if not path.exists():
        return []
    loaded = json.loads(path.read_text(encoding="utf-8"))
    return [each["answers"] if isinstance(each, dict) else each[1] for each in loaded]


def versions() -> dict[str, tuple[FormVersion, list[Any]]]:
    example = (FORMS / "examples" / "form-example.schema.json").read_bytes()
    made = {"form-example": (FormVersion.from_bytes(example), written(FORMS / "examples", "form-example"))}
    for name, draft in drafts().items():
        made[name] = (FormVersion.from_bytes(publish_bytes(draft)), written(FORMS / "catalogue", name))
    return made


@pytest.fixture(scope="module")
def judged() -> dict[str, list[tuple[Vector, Any]]]:
    """Every vector with what the phone says of it, by form."""
    forms = versions()
    made = {name: list(vectors(version, given, RIGHT)) for name, (version, given) in forms.items()}
    asked = {
        "today": DAY.isoformat(),
        "forms": [
            {"document": forms[name][0].document, "answers": [each.answers for each in each_form]}
            for name, each_form in made.items()
        ],
    }
    done = subprocess.run(
        [ROOT / "web/build/npm.sh", sys.prefix, "--prefix", "web", "run", "--silent", "verdicts"],
        cwd=ROOT,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout)
    return {name: list(zip(made[name], said[index], strict=True)) for index, name in enumerate(made)}


def test_the_validators_agree_on_every_answer_set(judged, capsys):
    different = [
        (name, vector.answers)
        for name, pairs in judged.items()
        for vector, (taken, _, _) in pairs
        if taken != vector.accepted
    ]
    with capsys.disabled():
        for name, pairs in judged.items():
            right = sum(vector.accepted for vector, _ in pairs)
            print(f"{name}: {len(pairs)} answer sets, {right} right, {len(pairs) - right} spoilt")  # noqa: T201 - the figures of the run
        print(f"verdicts: {sum(map(len, judged.values()))}, disagreements: {len(different)}")  # noqa: T201 - same
    assert different == []
    assert all(any(vector.accepted for vector, _ in pairs) for pairs in judged.values())


def test_what_is_right_is_handed_over_as_it_is(judged):
    """So skip logic read from the schema asks what the schema takes, and computed answers are the server's."""
    for name, pairs in judged.items():
        settled = [(vector.answers, handed) for vector, (_, _, handed) in pairs if vector.settled]
        assert settled, name
        for answers, handed in settled:
            assert handed == answers, name


def test_whatever_was_typed_nothing_is_handed_over_that_is_not_asked(judged):
    for name, pairs in judged.items():
        maker = Maker(versions()[name][0], 0)
        for vector, (_, _, handed) in pairs:
            if isinstance(vector.answers, dict):
                codes = {issue.code for issue in maker.gate.schema_issues(handed)}
                assert "not-relevant" not in codes, (name, vector.answers)


def test_the_same_checks_across_answers_fail(judged):
    for name, pairs in judged.items():
        for vector, (_, checks, _) in pairs:
            if vector.settled:
                assert tuple(checks) == vector.checks, (name, vector.answers)


def test_the_catalogue_is_judged_whole(judged):
    assert judged.keys() >= drafts().keys()
