"""What the rules on banners share: since when the ledger knows of a banner."""

from datetime import date

from ledger.model import Site


def first_told(banner: Site) -> date | None:
    """Return the earliest day on which anybody said anything of it that still stands, or None."""
    facts = [fact.said.on for fact in banner.facts.values()]
    records = [said.on for record in banner.all_records() for said in record.said]
    return min([*facts, *records], default=None)
