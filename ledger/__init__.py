"""The ledger (台账): households, persons, sites, banners, their spells and records; folded from the log.

`fold_entry` makes a household, site or banner of its ops, `fold_statements` a household of what was said about it; both
are pure. `LedgerRepository` keeps what they made, `worklist_row` is what a phone sees of it. Rules read `Household`,
`Person`, `Site`, `Track`, `Spell` and `Record`.
"""

from ledger.document import digest, from_document, household_from, to_document
from ledger.fold import fold, fold_entry, fold_site_statements, fold_statements
from ledger.model import (
    Contradiction,
    Fact,
    Folded,
    Grade,
    Household,
    Interview,
    InterviewState,
    Person,
    Record,
    Said,
    Site,
    Spell,
    Statement,
    Track,
)
from ledger.repository import AnyEntry, Entry, LedgerRepository, SiteEntry
from ledger.view import site_row, worklist_row

__all__ = [
    "AnyEntry",
    "Contradiction",
    "Entry",
    "Fact",
    "Folded",
    "Grade",
    "Household",
    "Interview",
    "InterviewState",
    "LedgerRepository",
    "Person",
    "Record",
    "Said",
    "Site",
    "SiteEntry",
    "Spell",
    "Statement",
    "Track",
    "digest",
    "fold",
    "fold_entry",
    "fold_site_statements",
    "fold_statements",
    "from_document",
    "household_from",
    "site_row",
    "to_document",
    "worklist_row",
]
