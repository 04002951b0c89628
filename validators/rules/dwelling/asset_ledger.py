"""纳入扶贫资产管理范围，建立台账: a dwelling that the register knows is missing in the ledger of assets."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Grade, Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered


@rule("dwelling/asset-ledger", clause="二(二)", severity=Severity.MAJOR, subject="household")
def asset_ledger(household: Household, case: Case) -> Iterator[Outcome]:
    """The banner's list says that the dwelling is not in the ledger of assets.

    A household at the door cannot know it: only an agency's list or the office counts.
    """
    for dwelling in household.records("dwelling"):
        listed = answered(dwelling, "in_asset_ledger", ("no",), case)
        if listed is not None and listed.said.grade >= Grade.AGENCY:
            yield Outcome(
                subject=dwelling.id,
                episode="asset",
                values={},
                span=Span(listed.said.on),
                evidence=(listed.said.op,),
            )
