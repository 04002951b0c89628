"""The fold: from ops to a household, a pure function of the set of ops and the form versions.

The order in which ops arrive does not matter, nor does an op that arrives twice: what order there is comes from the
log (`Op.log_order`) and from the days on which things were said.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from forms.definition import FormVersion
from forms.extract import rows
from forms.facts import Row
from forms.op import Op, OpKind
from ledger import corrections, interviews
from ledger.model import Contradiction, Grade, Household, Said, Statement
from ledger.persons import Claims, persons_of
from ledger.spells import strength
from ledger.values import read


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
    log = sorted(
        {op.id: op for op in ops if op.household == household_id}.values(), key=lambda op: op.log_order
    )
    void = _void(op for op in log if op.kind is OpKind.VOID)
    kinds: dict[OpKind, list[Op]] = {kind: [] for kind in OpKind}
    for op in log:
        if op.id not in void or op.kind is OpKind.INTERVIEW:
            kinds[op.kind].append(op)
    region, registered = _registered(kinds[OpKind.REGISTRY])
    if region is None:
        return None
    judging = interviews.Judging(forms, void, kinds[OpKind.RETURN], on)
    made, counting = interviews.choose(kinds[OpKind.INTERVIEW], judging)
    told = [
        *registered,
        *((op, _statement(op, forms)) for op in counting),
    ]
    told.sort(key=lambda each: each[0].log_order)
    statements = [statement for _, statement in told]
    persons = {
        row.key for statement in statements for row in statement.row.of("person") if row.key is not None
    }
    corrected, lost = corrections.merge(household_id, kinds[OpKind.CORRECTION], persons)
    household = fold_statements(household_id, region, [*statements, *corrected])
    return replace(
        household,
        contradictions=in_order([*household.contradictions, *lost]) if lost else household.contradictions,
        interviews=made,
        visits=tuple(sorted((op.id, op.said_on, str(op.body.get("outcome"))) for op in kinds[OpKind.VISIT])),
    )


def fold_statements(household_id: str, region: str, statements: Sequence[Statement]) -> Household:
    """Fold what was said about a household into its ledger entry, without interviews and visits.

    Args:
        household_id: the household's id.
        region: its region code.
        statements: rows of the entity `household`; the first to name a person lends the id, else order does not matter.
    """
    ranked = sorted(statements, key=lambda statement: strength(statement.said))
    claims = Claims("household")
    for statement in ranked:
        claims.state(statement.said, read("household", statement.row.facts))
    persons, flaws = persons_of(statements, ranked)
    flaws.extend(claims.contradictions(household_id))
    return Household(household_id, region, claims.facts(), persons, in_order(flaws))


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


def _registered(ops: Sequence[Op]) -> tuple[str | None, list[tuple[Op, Statement]]]:
    """Return the region by the latest roster, None if there is no roster, and what the rosters state."""
    told = []
    latest: tuple[tuple[int, object, str], str] | None = None
    for op in ops:
        said = Said(op.id, op.said_on, Grade.AGENCY)
        region, row = op.body.get("region"), _row(op.body.get("row"))
        if isinstance(region, str) and row is not None:
            told.append((op, Statement(said, row)))
            if latest is None or strength(said) > latest[0]:
                latest = strength(said), region
    return (latest[1] if latest else None), told


def _row(document: object) -> Row | None:
    """Read the row of a roster; None if it is no row of a household."""
    try:
        row = Row.from_json(document) if isinstance(document, Mapping) else None
    except (KeyError, TypeError, AttributeError, ValueError):
        return None
    return row if row is not None and row.entity == "household" else None


def _statement(op: Op, forms: Mapping[str, FormVersion]) -> Statement:
    version = forms[op.form or ""]
    row = rows(version, op.body.get("answers"), within=op.interview or op.id)
    return Statement(Said(op.id, op.said_on, Grade.SELF_REPORT), row)
