"""The fold: from ops to a household, a pure function of the set of ops and the form versions.

The order in which ops arrive does not matter, nor does an op that arrives twice: what order there is comes from the
log (`Op.log_order`) and from the days on which things were said.
"""

from collections.abc import Iterable, Sequence

from ledger.model import Contradiction, Household, Statement
from ledger.persons import Claims, persons_of
from ledger.tracks import strength
from ledger.values import read


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
    return Household(household_id, region, claims.held, persons, in_order(flaws))


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
