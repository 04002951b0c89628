"""From a true life to the answers a household would give: the inverse of `forms.extract`, for the demo."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from api.cli.demo.circumstances import Circumstances
from api.cli.demo.livelihood import standing
from api.cli.demo.population import DAY, Home, Member
from forms.crosscheck import crosschecks_of
from forms.definition import FormVersion, Question
from forms.facts import Row
from forms.gate import gate_for

_TRACKS = (
    "insurance.medical", "insurance.pension", "schooling", "school.alternative", "school.aid", "category", "hukou"
)  # fmt: skip
_PLAIN = {
    "consent": True, "respondent": "head", "still_member": True, "newcomer": False, "self_present": True,
    "medical_whole": True, "pension_whole": True, "schooling_whole": True,
    "medical_before": "no", "pension_before": "no", "schooling_before": "no", "job_whole": True, "back": False,
}  # fmt: skip
_ROUNDS_OF_PRUNING = 6
_UNSAID = ""


def told(home: Home, on: date, since: date) -> Row:
    """Return what the household can tell on a day, complete since another day."""
    around = home.around
    facts = home.facts | _till(around.facts, on)
    rows = [
        _person(member, around.persons.get(member.id, Circumstances()), on, since) for member in home.members
    ]
    for kind, spells in around.spells.items():
        rows += _spells(kind, spells, facts, on, since)
    rows += _things(around, on)
    return Row("household", None, facts, tuple(rows))


def _till(facts: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Return point facts as they were on a day: what lies ahead has not been received yet."""
    ahead = {name for name in facts if name.endswith(("_on", ".on")) and str(facts[name]) > on.isoformat()}
    received = {name.removesuffix(".on") + ".received": "no" for name in ahead if name.endswith(".on")}
    return {name: received.get(name, value) for name, value in facts.items() if name not in ahead}


def _things(around: Circumstances, on: date) -> list[Row]:
    return [row for thing in around.things if (row := thing.told(on)) is not None]


def _spells(
    kind: str, told_spells: Sequence[dict[str, Any]], facts: dict[str, Any], on: date, since: date
) -> list[Row]:
    """Return the spells that can be told on a day, and note in `facts` how things stand and since when all is told."""
    spells = [spell for spell in told_spells if _told(spell, on, since)]
    now = any(spell["start"] <= on.isoformat() <= spell.get("end", "9999") for spell in spells)
    facts[f"{kind}.now"] = "yes" if now else "no"
    facts[f"{kind}.history_from"] = since.isoformat()
    return [Row(f"spell:{kind}", spell["key"], _as_of(spell, on)) for spell in spells]


def _person(member: Member, around: Circumstances, on: date, since: date) -> Row:
    facts = {"answered_self": True} | member.facts | around.facts
    rows: list[Row] = []
    for kind in _TRACKS:
        if kind in member.unsure:
            facts[f"{kind}.now"] = "unknown"
        else:
            rows += _spells(kind, member.spells.get(kind, ()), facts, on, max(since, member.birth))
    for kind, spells in around.spells.items():
        rows += _spells(kind, spells, facts, on, max(since, member.birth))
    things = _things(around, on)
    if "job" in around.spells:
        registered = any(thing.facts.get("registered") == "yes" for thing in things)
        facts |= standing(facts, around.spells["job"], on, registered=registered)
    return Row("person", member.id, facts, (*rows, *things))


def _told(spell: Mapping[str, Any], on: date, since: date) -> bool:
    begun = spell["start"] <= on.isoformat() or spell.get("paid_on", "9999") <= on.isoformat()
    return bool(begun and spell.get("end", "9999") >= since.isoformat())


def _as_of(spell: Mapping[str, Any], on: date) -> dict[str, Any]:
    """Return a spell as it looks on a day: what lies ahead is not known, unless it was paid ahead."""
    facts = {name: value for name, value in spell.items() if name != "key"}
    if facts.get("end", "") > on.isoformat() and "paid_on" not in facts:
        for name in ("end", "leave_reason", "last_attended"):
            facts.pop(name, None)
    if facts.get("last_visit", "") > on.isoformat():
        facts.pop("last_visit")
    if facts.get("transfer.applied_on", "") > on.isoformat():
        facts |= {"transfer.state": "none"}
        facts.pop("transfer.applied_on")
    elif facts.get("transfer.state") == "done" and "transfer.applied_on" in facts:
        facts["transfer.done_on"] = min(
            on, date.fromisoformat(facts["transfer.applied_on"]) + 12 * DAY
        ).isoformat()
    if "scheme" in facts:
        facts.setdefault("state", "ended" if facts.get("end", "9999") < on.isoformat() else "active")
    return facts


def fill(version: FormVersion, row: Row, on: date) -> dict[str, Any]:
    """Return answers to a form that state a row's facts.

    Args:
        version: the form version.
        row: a household row.
        on: day of the interview; questions that are not relevant are left out as a phone would.
    """
    answers = _answers(version.questions, row, on)
    _compute(version, answers, on)
    for _ in range(_ROUNDS_OF_PRUNING):
        drop = [
            issue.path
            for issue in gate_for(version).judge(answers, on)
            if issue.code in {"not-relevant", "unknown-question", "not-a-choice"}
        ]
        if not drop:
            break
        for path in sorted(drop, reverse=True):
            _remove(answers, path.split("/")[1:])
    return answers


def _compute(version: FormVersion, answers: dict[str, Any], on: date) -> None:
    """Fill in the computed answers (`x-calc`), as the phone does; those that cannot be said yet go."""
    for check in crosschecks_of(version.document):
        if check.code == "calc":
            for failing in list(check.failing(answers, on)):
                *path, name = failing.path
                node: Any = answers
                for part in path:
                    node = node[part]
                node[name] = failing.limit
    _drop_nothing(answers)


def _drop_nothing(node: Any) -> None:
    for child in list(node.values()) if isinstance(node, dict) else node:
        if isinstance(child, (dict, list)):
            _drop_nothing(child)
    if isinstance(node, dict):
        for name in [name for name, value in node.items() if value == _UNSAID]:
            del node[name]


def _answers(questions: Sequence[Question], row: Row, on: date) -> dict[str, Any]:
    plain = _PLAIN | _derived(row, on)
    answers: dict[str, Any] = {}
    for question in questions:
        if question.entity is not None:
            found = [_row(question, child, on) for child in row.rows if child.entity == question.entity]
            if found:
                answers[question.name] = found[0] if question.kind == "object" else found
        elif question.kind == "object" and question.children:
            inside = _answers(question.children, row, on)
            if inside:
                answers[question.name] = inside
        elif "x-calc" in question.schema:
            answers[question.name] = _UNSAID  # computed when the rest is there
        else:
            value = row.facts.get(question.fact[1]) if question.fact else plain.get(question.name)
            if value is not None:
                answers[question.name] = value
    return answers


def _derived(row: Row, on: date) -> dict[str, Any]:
    """Return answers that follow from others: what opens or closes other questions."""
    finished = row.facts.get("school.finished_grade9_on", "9999") <= on.isoformat()
    inside = {each.entity for each in row.rows} | {part.entity for each in row.rows for part in each.rows}
    members = [each.facts for each in row.rows]
    return {
        "still_there": "end" not in row.facts, "finished_grade9": finished, "annual": True, "dibao_whole": True,
        "shock_any": "record:shock" in inside, "service_any": "record:service" in inside,
        "lost_job": "record:job_loss" in inside, "was_trained": "record:training" in inside,
        "hospital_any": "record:inpatient" in inside, "link_any": "record:link" in inside,
        "hukou_any": any("hukou.own_will" in each for each in members),
        "equal_any": any(each.get("equal.refused") == "yes" for each in members),
        "policy_visited": "publicity.visited_on" in row.facts, "aided": "aid_on" in row.facts,
        "restored": "restored_on" in row.facts, "accepted": "accepted_on" in row.facts,
        "titled": "title_on" in row.facts, "settled": "closed_on" in row.facts, "fixed": "closed_on" in row.facts,
    }  # fmt: skip


def _row(question: Question, row: Row, on: date) -> dict[str, Any]:
    answers = _answers(question.children, row, on)
    if question.key:
        answers[question.key] = row.key
    return answers


def _remove(answers: Any, path: list[str]) -> None:
    node = answers
    for part in path[:-1]:
        node = node[int(part)] if isinstance(node, list) else node[part]
    if isinstance(node, list):
        del node[int(path[-1])]
    else:
        node.pop(path[-1], None)
