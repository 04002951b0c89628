"""分门别类制定具体管理办法: a banner has no rules for the management of dwellings and ancillary facilities."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered


@rule("banner/dwelling-rules-missing", clause="二(二)", severity=Severity.MAJOR, subject="banner")
def dwelling_rules_missing(banner: Site, case: Case) -> Iterator[Outcome]:
    """The banner told that it has made no such rules."""
    none = answered(banner, "grid_rules", ("no",), case)
    if none is not None:
        yield Outcome(
            subject=banner.id, episode="rules", values={}, span=Span(none.said.on), evidence=(none.said.op,)
        )
