"""根据安置点规模和治安情况，合理设置警务室、执勤点: a large site has neither."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops
from validators.surroundings import LARGE, is_large


@rule("site/police-post-missing", clause="四(二)", severity=Severity.MINOR, subject="site", parameters=LARGE)
def police_post_missing(site: Site, case: Case) -> Iterator[Outcome]:
    """A large site has no police room and no post.

    The notice leaves it to the size and the state of public order (合理设置): of a small site nothing is said.
    """
    none = answered(site, "police_room", ("no",), case)
    if none is not None and is_large(site, case, none.said.on):
        yield Outcome(
            subject=site.id,
            episode="police",
            values={},
            span=Span(none.said.on),
            evidence=ops(none, site.facts.get("population")),
        )
