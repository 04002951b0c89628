"""The fold: from ops to a ledger entry, a pure function of the set of ops and the form versions.

The order in which ops arrive does not matter, nor does an op that arrives twice: what order there is comes from the
log (`Op.log_order`) and from the days on which things were said.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from core.ids import EntryKind, entry_kind
from forms.definition import FormVersion
from forms.extract import rows
from forms.facts import Row
from forms.op import Op, OpKind
from ledger import corrections, interviews
from ledger.claims import Claims
from ledger.flags import flags_of
from ledger.kept import Revisions
from ledger.model import (
    Contradiction,
    Flag,
    Folded,
    Grade,
    Household,
    Interview,
    Record,
    Said,
    Site,
    Statement,
)
from ledger.persons import Draft, persons_of, state
from ledger.records import records_of
from ledger.spells import strength


def fold(
    household_id: str, ops: Iterable[Op], forms: Mapping[str, FormVersion], on: date | None = None
) -> Household | None:
    """Fold all ops of a household into its ledger entry; None while no registry op has named the household.

    Args:
        household_id: the household's id.
        ops: its ops, in any order; one that is there twice counts once.
        forms: the form versions by SHA-256. An interview of another version does not count yet.
        on: the day as of which it is folded, for revisions that wait for their parent; None: all wait.
    """
    told = _told("household", household_id, ops, forms, on)
    if told is None:
        return None
    household = fold_statements(household_id, told.region, told.statements)
    return replace(
        household,
        contradictions=_with(household.contradictions, told.lost),
        interviews=told.interviews,
        visits=told.visits,
        flags=told.flags,
    )


def fold_site(
    entry_id: str, ops: Iterable[Op], forms: Mapping[str, FormVersion], on: date | None = None
) -> Site | None:
    """Fold all ops of a site or banner into its ledger entry; as `fold`."""
    told = _told(entry_kind(entry_id).value, entry_id, ops, forms, on)
    if told is None:
        return None
    site = fold_site_statements(entry_id, told.region, told.statements)
    return replace(
        site,
        contradictions=_with(site.contradictions, told.lost),
        interviews=told.interviews,
        visits=told.visits,
        flags=told.flags,
    )


def fold_entry(
    entry_id: str, ops: Iterable[Op], forms: Mapping[str, FormVersion], on: date | None = None
) -> Folded | None:
    """Fold all ops of a household, site or banner, as its id says; as `fold`."""
    folding = fold if entry_kind(entry_id) is EntryKind.HOUSEHOLD else fold_site
    return folding(entry_id, ops, forms, on)


class _Told(NamedTuple):
    """What the ops of an entry say: its region, the statements in the order of the log, and what lies beside them."""

    region: str
    statements: list[Statement]
    lost: list[Contradiction]
    interviews: tuple[Interview, ...]
    visits: tuple[tuple[str, date, str], ...]
    flags: tuple[Flag, ...]


def _told(
    kind: str, entry_id: str, ops: Iterable[Op], forms: Mapping[str, FormVersion], on: date | None
) -> _Told | None:
    """Return what the ops say; None while no registry op has named the entry."""
    log = sorted({op.id: op for op in ops if op.household == entry_id}.values(), key=lambda op: op.log_order)
    void = _void(op for op in log if op.kind is OpKind.VOID)
    kinds: dict[OpKind, list[Op]] = {kind: [] for kind in OpKind}
    for op in log:
        if op.id not in void or op.kind is OpKind.INTERVIEW:
            kinds[op.kind].append(op)
    region, registered = _registered(kind, kinds[OpKind.REGISTRY])
    if region is None:
        return None
    judging = interviews.Judging(forms, void, kinds[OpKind.RETURN], on)
    made, counting = interviews.choose(kinds[OpKind.INTERVIEW], judging)
    revisions = Revisions.of(log, forms)
    told = [
        *registered,
        *((op, statement) for op in counting if (statement := _statement(op, revisions)).row.entity == kind),
    ]
    told.sort(key=lambda each: each[0].log_order)
    statements = [statement for _, statement in told]
    persons = {
        row.key for statement in statements for row in statement.row.of("person") if row.key is not None
    }
    corrected, lost = corrections.merge(kind, entry_id, kinds[OpKind.CORRECTION], persons)
    visits = sorted((op.id, op.said_on, str(op.body.get("outcome"))) for op in kinds[OpKind.VISIT])
    return _Told(region, [*statements, *corrected], lost, made, tuple(visits), flags_of(kinds[OpKind.FLAG]))


def _with(contradictions: tuple[Contradiction, ...], lost: list[Contradiction]) -> tuple[Contradiction, ...]:
    return in_order([*contradictions, *lost]) if lost else contradictions


def fold_statements(household_id: str, region: str, statements: Sequence[Statement]) -> Household:
    """Fold what was said about a household into its ledger entry, without interviews and visits.

    Args:
        household_id: the household's id.
        region: its region code.
        statements: rows of the entity `household`; the first to name a person lends the id, else order does not matter.
    """
    ranked = sorted(statements, key=lambda statement: strength(statement.said))
    own = Draft(Claims("household"))
    for statement in ranked:
        state(own, statement.said, statement.row)
    persons, flaws = persons_of(statements, ranked)
    flaws.extend(own.claims.contradictions(household_id))
    tracks = own.combined(household_id, flaws)
    records: dict[str, tuple[Record, ...]] = {}
    if own.things:
        records, differing = records_of("household", household_id, own.things, statements)
        flaws.extend(differing)
    return Household(
        household_id,
        region,
        own.claims.facts(),
        persons,
        in_order(flaws),
        changes=own.claims.changes(),
        tracks=tracks,
        records_by_kind=records,
    )


def fold_site_statements(entry_id: str, region: str, statements: Sequence[Statement]) -> Site:
    """Fold what was said about a site or banner into its ledger entry, without interviews and visits.

    Args:
        entry_id: the entry's id, which says what it is.
        region: its region code.
        statements: rows of the entity `site` or `banner`; their order matters only for the ids of records.
    """
    kind = entry_kind(entry_id).value
    own = Draft(Claims(kind))
    for statement in sorted(statements, key=lambda statement: strength(statement.said)):
        state(own, statement.said, statement.row)
    flaws = list(own.claims.contradictions(entry_id))
    records, differing = records_of(kind, entry_id, own.things, statements)
    flaws.extend(differing)
    facts, changes = own.claims.facts(), own.claims.changes()
    return Site(kind, entry_id, region, facts, changes, records, in_order(flaws))


def in_order(contradictions: Iterable[Contradiction]) -> tuple[Contradiction, ...]:
    """Return contradictions sorted, so that equal ones give equal households."""
    return tuple(
        sorted(
            contradictions,
            key=lambda each: (
                each.subject, each.fact, strength(each.held_by), strength(each.other_by), each.held, each.other,
                [(span.start, span.end) for span in each.days],
            ),
        )
    )  # fmt: skip


def _void(ops: Iterable[Op]) -> Collection[str]:
    """Return the ids of ops and interviews that were declared void; a void op cannot be undone."""
    named = (op.body.get(name) for op in ops for name in ("op", "interview"))
    return frozenset(each for each in named if isinstance(each, str))


def _registered(kind: str, ops: Sequence[Op]) -> tuple[str | None, list[tuple[Op, Statement]]]:
    """Return the region by the latest roster, None if there is no roster, and what the rosters state."""
    told = []
    latest: tuple[tuple[int, object, str], str] | None = None
    for op in ops:
        said = Said(op.id, op.said_on, Grade.AGENCY)
        region, row = op.body.get("region"), _row(kind, op.body.get("row"))
        if isinstance(region, str) and row is not None:
            told.append((op, Statement(said, row)))
            if latest is None or strength(said) > latest[0]:
                latest = strength(said), region
    return (latest[1] if latest else None), told


def _row(kind: str, document: object) -> Row | None:
    """Read the row of a roster; None if it is no row of such an entry."""
    try:
        row = Row.from_json(document) if isinstance(document, Mapping) else None
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    return row if row is not None and row.entity == kind else None


def _statement(op: Op, revisions: Revisions) -> Statement:
    version = revisions.forms[op.form or ""]
    row = rows(version, revisions.answers_of(op), within=op.interview or op.id)
    return Statement(Said(op.id, op.said_on, Grade.SELF_REPORT), row)
