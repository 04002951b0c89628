"""The ledger (台账): households, persons, spells; folded from the log.

`fold` makes a household of its ops, `fold_statements` of what was said about it; both are pure. `LedgerRepository`
keeps what they made, `worklist_row` is what a phone sees of it. Rules read `Household`, `Person`, `Track` and `Spell`.
"""

from ledger.document import digest, from_document, to_document
from ledger.fold import fold, fold_statements
from ledger.model import (
    Contradiction,
    Fact,
    Grade,
    Household,
    Interview,
    InterviewState,
    Person,
    Said,
    Spell,
    Statement,
    Track,
)
from ledger.repository import Entry, LedgerRepository
from ledger.view import worklist_row

__all__ = [
    "Contradiction",
    "Entry",
    "Fact",
    "Grade",
    "Household",
    "Interview",
    "InterviewState",
    "LedgerRepository",
    "Person",
    "Said",
    "Spell",
    "Statement",
    "Track",
    "digest",
    "fold",
    "fold_statements",
    "from_document",
    "to_document",
    "worklist_row",
]
