"""A case as it is shown: what it is about, and one history of all that was done."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from api.findings import present as finding_present
from core.masking import mask_text
from core.problems import Problem
from forms.log import Logged
from forms.op import OpKind
from ledger.model import Household, Site
from ledger.repository import AnyEntry, head_name
from sync.follow.desk import Whole
from sync.follow.repository import Added, Kept
from validators.cases import Part, named_by
from validators.life import Event, Finding, allowed
from validators.policy import STEPS, Policy

Names = Mapping[str, str]


def item(kept: Kept, entry: AnyEntry | None, names: Names, day: date) -> dict[str, Any]:
    """Return a case as a list shows it."""
    case = kept.case
    return {
        "id": case.id,
        "region": case.region,
        "unit": case.unit,
        "state": case.state,
        "severity": case.severity,
        "due": case.due,
        "overdue": case.overdue(day),
        "opened_on": case.opened_on,
        "rules": case.rules,
        "live": case.live,
        "cooperating": case.cooperating,
        "owner": person(kept.owner, names),
        "told": STEPS[: kept.level],
        "about": _about(case.household, entry),
    }


def whole(found: Whole, names: Names, policy: Policy, language: str, day: date) -> dict[str, Any]:
    """Return everything about a case; who only cooperates is allowed nothing about its findings."""
    household = found.entry.household
    clauses = {finding.clause for finding in found.findings}
    return item(found.kept, found.entry, names, day) | {
        "role": found.part,
        "next_step": found.kept.next_step,
        "clauses": [
            {
                "clause": named.clause,
                "title": named.title[language],
                "responsible": named.responsible,
                "cooperating": named.cooperating,
            }
            for named in named_by(clauses, policy)
        ],
        "findings": [
            finding_present.item(finding, household, policy, language)
            | {"allowed": allowed(finding.state) if found.part is Part.RESPONSIBLE else ()}
            for finding in found.findings
        ],
        "history": history(found, names),
    }


def people_of(found: Whole) -> Iterator[str | None]:
    """Yield the users that a case's history names."""
    yield found.kept.owner
    for finding in found.findings:
        yield from (event.by for event in finding.history)
    for added in found.added:
        yield from (added.by, added.owner)
    yield from (logged.op.user for logged in found.ops)


def person(user: str | None, names: Names) -> dict[str, Any] | None:
    """Return a user with the name, which is null when the account is gone."""
    return None if user is None else {"id": user, "name": names.get(user)}


def history(found: Whole, names: Names) -> list[dict[str, Any]]:
    """Return one history of findings, replies, visits, and what offices and the calendar added; oldest first."""
    ops = {logged.op.id: logged for logged in found.ops}
    entries = [
        _event(finding, event, ops.get(event.op or ""))
        for finding in found.findings
        for event in finding.history
    ]
    told = {event.op for finding in found.findings for event in finding.history if event.by is not None}
    entries += [_op(logged) for logged in found.ops if logged.op.id not in told]
    entries += [_added(added, names) for added in found.added]
    entries.sort(key=lambda entry: entry["at"])
    return [entry | {"name": names.get(entry["by"] or "")} for entry in entries]


def failed(problem: Problem) -> dict[str, Any]:
    """Return a problem as an item of a batch is told it."""
    return problem.to_json()


def _about(about: str, entry: AnyEntry | None) -> dict[str, Any]:
    of = entry.household if entry is not None else None
    family = of if isinstance(of, Household) else None
    return {
        "id": about,
        "kind": of.kind if isinstance(of, Site) else "household",
        "name": of.name if isinstance(of, Site) else None,
        "registry_no": family.text("registry_no") if family is not None else None,
        "site": family.text("site") if family is not None else None,
        "head": head_name(family) if family is not None else None,
    }


_EMPTY: Mapping[str, Any] = {
    "finding": None,
    "state": None,
    "why": None,
    "op": None,
    "note": "",
    "evidence": (),
    "phone": False,
    "pending": False,
    "owner": None,
    "step": None,
}


def _event(finding: Finding, event: Event, op: Logged | None) -> dict[str, Any]:
    return {
        **_EMPTY,
        "at": event.at,
        "day": event.day,
        "kind": "judged" if event.by is None else "reply",
        "by": event.by,
        "finding": finding.id,
        "state": event.state.value,
        "why": event.why.value,
        "op": event.op,
        "note": mask_text(event.note),
        "evidence": event.evidence,
        "phone": event.by is not None and op is not None and op.phone,
    }


def _op(logged: Logged) -> dict[str, Any]:
    """Return a visit, an interview, or a reply that is not settled yet."""
    op = logged.op
    reply = op.kind is OpKind.REPLY
    return {
        **_EMPTY,
        "at": op.received_at,
        "day": op.said_on,
        "kind": op.kind.value,
        "by": op.user,
        "op": op.id,
        "finding": str(op.body.get("finding")) if reply else None,
        "why": str(op.body.get("action" if reply else "outcome"))[:40]
        if op.kind is not OpKind.INTERVIEW
        else None,
        "note": mask_text(str(op.body.get("note") or "")) if reply else "",
        "phone": logged.phone,
        "pending": logged.op.stage is None,
    }


def _added(added: Added, names: Names) -> dict[str, Any]:
    return {
        **_EMPTY,
        "at": added.at,
        "day": added.day,
        "kind": added.kind,
        "by": added.by,
        "note": mask_text(added.text),
        "owner": person(added.owner, names),
        "step": added.step,
    }
