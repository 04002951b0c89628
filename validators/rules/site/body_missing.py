"""规划设置和不断完善基层组织: a site belongs to no body of self-government."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered, ops
from validators.surroundings import LARGE, is_large

_NONE, _JOINED = "5", ("3", "4")
_TOWN = ("town", "park")


@rule("site/body-missing", clause="四(一)", severity=Severity.MAJOR, subject="site", parameters=LARGE)
def body_missing(site: Site, case: Case) -> Iterator[Outcome]:
    """A site has no body and is part of none: a large one is to get its own (`large`), a small one to join one.

    A large site in a town or park that joined another community is told for information (`joined`): the notice wants a
    residents' committee of its own there; a large village site may set up a group of its own, and need not.
    """
    none = answered(site, "body", (_NONE,), case)
    if none is not None:
        large = is_large(site, case, none.said.on)
        yield Outcome(
            subject=site.id,
            episode="body",
            values={"kind": site.text("kind") or ""},
            span=Span(none.said.on),
            variant=("large",) if large else (),
            evidence=ops(none, site.facts.get("population") if large is not None else None),
        )
        return
    joined = answered(site, "body", _JOINED, case)
    if joined is not None and site.text("kind") in _TOWN and is_large(site, case, joined.said.on):
        yield Outcome(
            subject=site.id,
            episode="joined",
            values={"kind": site.text("kind") or ""},
            span=Span(joined.said.on),
            variant=("joined",),
            severity=Severity.INFORMATION,
            evidence=ops(joined, site.facts.get("population")),
        )
