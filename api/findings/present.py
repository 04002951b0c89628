"""A finding as it is shown: in words, with what may be done next."""

import hashlib
import json
from datetime import date
from typing import Any

from core.masking import mask_text
from core.spans import FOREVER
from ledger.model import Folded
from validators.findings import to_document
from validators.life import Event, Finding, allowed
from validators.messages import render
from validators.policy import Policy


def item(finding: Finding, household: Folded, policy: Policy, language: str) -> dict[str, Any]:
    """Return a finding as a list shows it."""
    said = render(finding, household, policy, language)
    return {
        "id": finding.id,
        "household": finding.household,
        "region": finding.region,
        "subject": finding.subject,
        "rule": finding.rule,
        "clause": finding.clause,
        "severity": finding.severity,
        "unit": finding.unit,
        "state": finding.state,
        "opened_on": finding.opened_on,
        "due": finding.due,
        "message": {
            "language": language,
            "title": mask_text(said.title),
            "text": mask_text(said.text),
            "what_to_do": mask_text(said.what_to_do),
            "ask": mask_text(said.ask),
        },
    }


def whole(finding: Finding, household: Folded, policy: Policy, language: str) -> dict[str, Any]:
    """Return everything about a finding."""
    span = finding.span
    ends = (span.start, span.end) if span else ()
    return item(finding, household, policy, language) | {
        "rule_version": finding.rule_version,
        "episode": finding.episode,
        "days": [None if day in (date.min, FOREVER) else day for day in ends] if span else None,
        "evidence": finding.evidence,
        "parameters": [{"parameter": name, "since": since} for name, since in finding.parameters],
        "history": [_event(event) for event in finding.history],
        "allowed": allowed(finding.state),
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "at": event.at,
        "day": event.day,
        "state": event.state,
        "why": event.why.value,
        "by": event.by,
        "op": event.op,
        "note": mask_text(event.note),
        "evidence": event.evidence,
    }


def tag(finding: Finding) -> str:
    """Return what an ETag says of a finding, whatever language it is read in."""
    text = json.dumps(to_document(finding), ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
