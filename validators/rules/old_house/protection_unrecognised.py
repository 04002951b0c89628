"""不得随意扩大或自行划定禁拆范围: an old house is kept, and the banner government did not recognise why."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.rules.old_house._standing import is_protected
from validators.stated import UNVERIFIED, answered, milder, ops

_KEPT = ("4",)


@rule("old_house/protection-unrecognised", clause="六(一)", severity=Severity.MAJOR, subject="household")
def protection_unrecognised(household: Household, case: Case) -> Iterator[Outcome]:
    """An old house is listed as not to be pulled down without a recognition of the banner government that has a number.

    Major when it is known who recognised it, and it was not the banner government or there is no document; minor and
    `unverified` when nobody has asked who did.
    """
    for house in household.records("old_house"):
        kept = answered(house, "state", _KEPT, case)
        if kept is None or is_protected(house):
            continue
        body = house.text("protection_body")
        variant = (UNVERIFIED,) if body is None else ("no_document",) if body == "county" else ()
        yield Outcome(
            subject=house.id,
            episode="protection",
            values={"protection_body": body or ""},
            span=Span(kept.said.on),
            variant=variant,
            severity=milder(Severity.MAJOR, variant),
            evidence=ops(kept, house.facts.get("protection_body")),
        )
