"""What a finding is, and its life: a pure step from judgement, replies and new evidence to the next state."""

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from core.spans import Span
from forms.op import Op, OpKind
from ledger.model import Value
from validators.engine import Judged, Judgement
from validators.policy import Policy
from validators.rule import Severity

_ID_BYTES = 10


class State(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ACTED = "acted"
    VERIFIED = "verified"
    DISMISSED = "dismissed"
    CLEARED = "cleared"


class Why(StrEnum):
    """Why an event happened. The first six are judged, the others are actions of replies or what became of them."""

    OPENED = "opened"
    REOPENED = "reopened"
    STILL_THERE = "still-there"
    SEEN_GONE = "seen-gone"
    EVIDENCE = "evidence"
    DAY = "day"
    ACKNOWLEDGE = "acknowledge"
    ACT = "act"
    VERIFY = "verify"
    DISMISS = "dismiss"
    REOPEN = "reopen"
    COMMENT = "comment"
    NOT_APPLIED = "not-applied"


_TELLS_NOTHING = frozenset({OpKind.VISIT, OpKind.RETURN})
"""Kinds of ops that tell nothing of a failing: a failed visit, and an interview that was returned."""

NOTE_LIMIT = 2000
EVIDENCE_LIMIT = 50
LIVE = frozenset({State.OPEN, State.ACKNOWLEDGED, State.ACTED})
_ACTIONS: Mapping[State, Mapping[str, State]] = {
    State.OPEN: {"acknowledge": State.ACKNOWLEDGED, "act": State.ACTED, "dismiss": State.DISMISSED},
    State.ACKNOWLEDGED: {"act": State.ACTED, "dismiss": State.DISMISSED},
    State.ACTED: {"act": State.ACTED, "verify": State.VERIFIED, "dismiss": State.DISMISSED},
    State.VERIFIED: {"reopen": State.OPEN},
    State.DISMISSED: {"reopen": State.OPEN},
    State.CLEARED: {},
}


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a finding's history.

    Attributes:
        at: the instant of the stage that recorded it.
        day: the day it is about: of judgement, or on which the reply was made.
        state: the state after it.
        why: see `Why`.
        by: user id of the reply's author; None for what was judged.
        op: the reply, or the op whose evidence decided; None when a day passed.
        note: what the author wrote; for a dismissal the reason comes first.
        evidence: what the author attached (digests of photos, op ids).
    """

    at: datetime
    day: date
    state: State
    why: Why
    by: str | None = None
    op: str | None = None
    note: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One failing of one subject, as a case: found, acted upon, verified.

    Attributes:
        id: made of household, rule, subject and episode: judged again it is the same finding.
        rule, rule_version, clause: by what it was found.
        unit: code of the unit that is to act.
        opened_on: day on which it was found, or found again.
        due: day by which the unit is to act.
        span, variant, values, evidence: of the outcome when it was last yielded.
        parameters: (parameter id, day since which its value is in force) of all that went into it.
        yielded: whether the rule yielded it when it was last judged.
        history: events, oldest first.
    """

    id: str
    household: str
    region: str
    rule: str
    rule_version: int
    clause: str
    subject: str
    episode: str
    severity: Severity
    unit: str
    state: State
    opened_on: date
    due: date
    span: Span | None
    variant: tuple[str, ...]
    values: Mapping[str, Value]
    evidence: tuple[str, ...]
    parameters: tuple[tuple[str, date], ...]
    yielded: bool
    history: tuple[Event, ...]

    def since(self, state: State) -> date | None:
        """Return the day of the latest event that brought it into a state."""
        return next((event.day for event in reversed(self.history) if event.state is state), None)


def finding_id(household: str, rule: str, subject: str, episode: str) -> str:
    """Return the id that an episode's finding always gets: 80 bits of SHA-256 in 16 letters, for it travels often."""
    digest = hashlib.sha256(f"{household}\n{rule}\n{subject}\n{episode}".encode()).digest()
    return base64.b32encode(digest[:_ID_BYTES]).decode().lower()


def allowed(state: State) -> tuple[str, ...]:
    """Return the actions that a reply may take on a finding in this state."""
    return (*_ACTIONS[state], "comment")


def step(  # noqa: PLR0913 - everything a step depends on, all by keyword
    findings: Mapping[str, Finding],
    judgement: Judgement,
    *,
    household: str,
    region: str,
    at: datetime,
    day: date,
    policy: Policy,
    replies: Sequence[Op] = (),
    evidence: Sequence[Op] = (),
) -> dict[str, Finding]:
    """Return a household's findings after one stage. Pure; unchanged findings are the same objects.

    First what is newly yielded opens; then replies are applied in the order in which they were made; then each older
    finding meets the judgement:

    - still yielded: its content is refreshed, without an event; acted and an interview of the acted day or later
      among its evidence: open again, `still-there`; cleared: open again, `reopened`; verified: open again when it had
      been gone or a later interview shows it;
    - no longer yielded: acted → verified (`seen-gone`), open or acknowledged → cleared (`evidence` when there is any
      in this stage, else `day`);
    - dismissed stays dismissed; what a rule said before it crashed stays as it was.

    Args:
        findings: all findings of the household by id.
        judgement: what the rules say on `day`.
        household: household id.
        region: its region code now.
        at: the instant of the stage.
        day: the day of judgement.
        policy: deadlines and calendar.
        replies: reply ops first taken into account in this stage, in any order.
        evidence: all other ops first taken into account in this stage, in any order.
    """
    telling = (op for op in evidence if op.kind not in _TELLS_NOTHING)
    moment = _Moment(household, region, at, day, policy, tuple(sorted(telling, key=lambda op: op.log_order)))
    after = dict(findings)
    yielded: dict[str, Judged] = {}
    for judged in judgement.outcomes:
        outcome = judged.outcome
        key = finding_id(household, judged.rule.id, outcome.subject, outcome.episode)
        yielded[key] = judged
        if key not in findings:
            after[key] = moment.open(key, judged)
    for reply in sorted(replies, key=lambda op: (op.said_on, *op.log_order)):
        finding = after.get(str(reply.body.get("finding")))
        if finding is not None:
            after[finding.id] = _answer(finding, reply, at)
    # A rule about households may speak of its members, so its crash leaves all that it said.
    crashed = {
        (failure.rule, subject)
        for failure in judgement.failures
        for subject in (failure.subject, *failure.records)
    }
    for key in findings:
        finding = after[key]
        if crashed.isdisjoint({(finding.rule, finding.subject), (finding.rule, household)}):
            after[key] = moment.meet(finding, yielded.get(key))
        elif finding.region != region:
            after[key] = replace(finding, region=region)
    return after


def _answer(finding: Finding, reply: Op, at: datetime) -> Finding:
    """Apply a reply; one that does not fit the state is kept as an event that changes nothing.

    A dismissal needs a reason, a verification evidence: without a later visit, somebody has to show something.
    """
    action = str(reply.body.get("action"))
    note, reason = (_said(reply.body.get(part), NOTE_LIMIT) for part in ("note", "reason"))
    attached = reply.body.get("evidence")
    state = _ACTIONS[finding.state].get(action)
    if state is None or (action == "dismiss" and not reason) or (action == "verify" and not attached):
        state, why = finding.state, Why.COMMENT if action == "comment" else Why.NOT_APPLIED
    else:
        why = Why(action)
    said = "\n".join(filter(None, (reason, note)))
    listed = attached[:EVIDENCE_LIMIT] if isinstance(attached, (list, tuple)) else ()
    seen = tuple(_said(item, NOTE_LIMIT) for item in listed)
    event = Event(at, reply.said_on, state, why, reply.user, reply.id, said, seen)
    return replace(finding, state=state, history=(*finding.history, event))


def _said(value: object, limit: int) -> str:
    """Return text as a history keeps it: short; all of it stays in the log."""
    text = value.strip() if isinstance(value, str) else ""
    return text[:limit]


@dataclass(frozen=True, slots=True)
class _Moment:
    """One stage of one household: what every change of its findings depends on."""

    household: str
    region: str
    at: datetime
    day: date
    policy: Policy
    evidence: tuple[Op, ...]

    def open(self, key: str, judged: Judged) -> Finding:
        """Return a new finding."""
        rule, outcome = judged.rule, judged.outcome
        due, parameters = self._due(judged, self.day)
        return Finding(
            id=key,
            household=self.household,
            region=self.region,
            rule=rule.id,
            rule_version=rule.version,
            clause=rule.clause,
            subject=outcome.subject,
            episode=outcome.episode,
            severity=judged.severity,
            unit=judged.unit,
            state=State.OPEN,
            opened_on=self.day,
            due=due,
            span=outcome.span,
            variant=outcome.variant,
            values=dict(outcome.values),
            evidence=outcome.evidence,
            parameters=parameters,
            yielded=True,
            history=(Event(self.at, self.day, State.OPEN, Why.OPENED, op=self._decisive(outcome.evidence)),),
        )

    def meet(self, finding: Finding, judged: Judged | None) -> Finding:
        """Bring a finding together with what its rule says now."""
        if judged is None:
            return self._gone(finding)
        why = self._why_again(finding, judged)
        opened_on = finding.opened_on if why is None else self.day
        rule, outcome = judged.rule, judged.outcome
        due, parameters = self._due(judged, opened_on)
        history, state = finding.history, finding.state
        if why is not None:
            state = State.OPEN
            history = (*history, Event(self.at, self.day, state, why, op=self._decisive(outcome.evidence)))
        fresh = replace(
            finding,
            region=self.region,
            rule_version=rule.version,
            clause=rule.clause,
            severity=judged.severity,
            unit=judged.unit,
            state=state,
            opened_on=opened_on,
            due=due,
            span=outcome.span,
            variant=outcome.variant,
            values=dict(outcome.values),
            evidence=outcome.evidence,
            parameters=parameters,
            yielded=True,
            history=history,
        )
        return finding if fresh == finding else fresh

    def _why_again(self, finding: Finding, judged: Judged) -> Why | None:
        """Tell why a finding that is yielded opens again, or None when it does not."""
        if finding.state is State.CLEARED:
            return Why.REOPENED
        if finding.state is State.ACTED and self._seen_since(finding, judged):
            return Why.STILL_THERE
        if finding.state is State.VERIFIED and (not finding.yielded or self._seen_since(finding, judged)):
            return Why.REOPENED
        return None

    def _seen_since(self, finding: Finding, judged: Judged) -> bool:
        """Tell whether an interview of this stage, not older than the finding's state, is evidence of the outcome."""
        since = finding.since(finding.state)
        rests_on = judged.outcome.evidence
        return since is not None and any(
            op.kind is OpKind.INTERVIEW and op.said_on >= since and op.id in rests_on for op in self.evidence
        )

    def _gone(self, finding: Finding) -> Finding:
        """Bring a finding that its rule no longer yields to rest."""
        if finding.state in {State.VERIFIED, State.DISMISSED, State.CLEARED}:
            if not finding.yielded and finding.region == self.region:
                return finding
            return replace(finding, yielded=False, region=self.region)
        decisive = self.evidence[-1].id if self.evidence else None
        if finding.state is State.ACTED:
            event = Event(self.at, self.day, State.VERIFIED, Why.SEEN_GONE, op=decisive)
        else:
            why = Why.EVIDENCE if self.evidence else Why.DAY
            event = Event(self.at, self.day, State.CLEARED, why, op=decisive)
        history = (*finding.history, event)
        return replace(finding, state=event.state, history=history, yielded=False, region=self.region)

    def _due(self, judged: Judged, opened_on: date) -> tuple[date, tuple[tuple[str, date], ...]]:
        """Return the deadline and the parameters that went into the finding."""
        used = [(value.parameter, value.since) for value in judged.parameters]
        if judged.outcome.due is not None:
            return judged.outcome.due, tuple(used)
        parameter = self.policy.parameters[f"findings.due_days.{judged.severity}"]
        days = parameter.at(opened_on, self.region)
        due = self.policy.calendar.add_working_days(opened_on, int(days.value))
        return due, (*used, (parameter.id, days.since))

    def _decisive(self, rests_on: Iterable[str]) -> str | None:
        """Return the latest op of this stage that an outcome rests on, or None."""
        among = frozenset(rests_on)
        return next((op.id for op in reversed(self.evidence) if op.id in among), None)
