"""The feed rows that a ledger entry gives: a pure function of it, its findings, ops and assignments."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.ids import entry_kind
from core.spans import FOREVER
from forms.definition import FormVersion
from forms.log import Logged
from ledger.model import Folded, Household, Interview
from ledger.view import site_row, worklist_row
from sync.feed import Change, put
from sync.returned import returned_rows
from validators.life import LIVE, Finding, State
from validators.messages import Catalogue
from validators.rule import Severity, told_at_door


@dataclass(frozen=True, slots=True)
class Assignment:
    """A household in the work list of a round. `worklist` is None after it was taken out; `open` ends with the list."""

    household: str
    round: str
    worklist: str | None
    epoch: int
    open: bool

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Assignment":
        """Read a document of `assignments`."""
        return cls(
            document["household"],
            document["round"],
            document["worklist"],
            document["epoch"],
            document["open"],
        )


def rows_of(  # noqa: PLR0913 - all that a row is made of
    household: Folded,
    findings: Mapping[str, Finding],
    logged: Sequence[Logged],
    assignments: Iterable[Assignment],
    messages: Catalogue,
    forms: Mapping[str, FormVersion],
) -> list[Change]:
    """Return every row that is put for a household, site or banner now.

    - `household/<id>` (or `site/<id>`, `banner/<id>`) and `finding/<id>` of each live finding that is a question of the
      next visit, in the scope of each open work list it is in; the entry's names the epoch of the assignment, whose id
      is the scope's. Of `messages`, in which a phone says findings, is read what of a finding is to travel;
    - `returned/<id>` of each interview that is returned for correction, in the same scopes: of `forms`, which hold the
      versions that those answer, is read what of the answers is to travel;
    - `interview/<id>` in `u-<user>` of everyone who sent a revision of it.
    """
    open_lists = [each for each in assignments if each.open and each.worklist is not None]
    changes = list(_interviews(household, logged))
    if open_lists:
        row = worklist_row(household) if isinstance(household, Household) else site_row(household)
        own = f"{entry_kind(household.id)}/{household.id}"
        live = [
            finding for _, finding in sorted(findings.items()) if finding.state in LIVE and _is_asked(finding)
        ]
        members = {member["id"] for member in row.get("members", ())}
        told = [
            (
                f"finding/{finding.id}",
                finding_row(finding, members, messages) | _record_of(household, finding.subject),
            )
            for finding in live
        ]
        told += returned_rows(household, logged, forms)
        for each in open_lists:
            scope = str(each.worklist)
            changes.append(put(scope, own, row | {"epoch": each.epoch}, household.id))
            changes += [put(scope, key, content, household.id) for key, content in told]
    return changes


def _is_asked(finding: Finding) -> bool:
    """Tell whether a finding is a question at the door: what informs the unit is none, nor what is confidential."""
    return finding.severity is not Severity.INFORMATION and told_at_door(finding.rule)


def finding_row(finding: Finding, members: Container[str], messages: Catalogue) -> dict[str, Any]:
    """Return a finding as a phone pulls it: what becomes a question of the next visit.

    Its id is in the row's key. `household` is there unless `subject` is a member in the household's row. What its
    message does not say is not there: of `values` those that the message needs, `span` (the first day and the last; an
    open one has no last) where it names the days. `state` is there unless it is `open`, `variant` and `values` unless
    they are empty.
    """
    row: dict[str, Any] = {
        "rule": finding.rule,
        "clause": finding.clause,
        "subject": finding.subject,
        "severity": finding.severity.value,
        "unit": finding.unit,
        "due": finding.due.isoformat(),
    }
    values, says_days = messages.needed(finding.rule) or (finding.values.keys(), True)
    told = {name: _json(value) for name, value in sorted(finding.values.items()) if name in values}
    row |= {"values": told} if told else {}
    row |= {"variant": list(finding.variant)} if finding.variant else {}
    if finding.state is not State.OPEN:
        row["state"] = finding.state.value
    if finding.subject not in members:
        row["household"] = finding.household
    if finding.span is not None and says_days:
        ends = () if finding.span.end == FOREVER else (finding.span.end,)
        row["span"] = [day.isoformat() for day in (finding.span.start, *ends)]
    return row


def _record_of(entry: Folded, subject: str) -> dict[str, Any]:
    """Return the kind of the record that a finding is about, and whose it is, for the words of the finding."""
    record = entry.record(subject)
    if record is None:
        return {}
    persons = entry.persons if isinstance(entry, Household) else ()
    whose = [person.id for person in persons if record in person.records(record.kind)]
    return {"record": record.kind} | ({"person": whose[0]} if whose else {})


def _interviews(household: Folded, logged: Sequence[Logged]) -> Iterator[Change]:
    users: dict[str, set[str]] = defaultdict(set)
    issues = {}
    for each in logged:
        if each.op.interview is not None:
            users[each.op.interview].add(each.op.user)
            issues[each.op.id] = each.issues
    for interview in household.interviews:
        row = _interview_row(household.id, interview) | {"issues": list(issues.get(interview.op, ()))}
        for user in sorted(users[interview.id]):
            yield put(f"u-{user}", f"interview/{interview.id}", row, household.id)


def _interview_row(household: str, interview: Interview) -> dict[str, Any]:
    row: dict[str, Any] = {
        "household": household,
        "form": interview.form_id,
        "round": interview.round,
        "on": interview.said_on.isoformat(),
        "op": interview.op,
        "state": interview.state.value,
        "stale": interview.stale,
        "others": list(interview.other_ops),
    }
    if interview.returned is not None:
        row["returned"] = {"on": interview.returned.on.isoformat(), "reason": interview.returned.reason}
    return row


def _json(value: object) -> Any:
    if isinstance(value, (str, bool, int, float)) or value is None:
        return value
    return [_json(each) for each in value] if isinstance(value, (tuple, list)) else str(value)
