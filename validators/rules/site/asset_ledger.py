"""将安置点附属配套设施纳入扶贫资产管理范围，建立台账: a facility of a site is missing in the ledger of assets."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Grade, Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered


@rule("site/asset-ledger", clause="二(二)", severity=Severity.MAJOR, subject="site")
def asset_ledger(site: Site, case: Case) -> Iterator[Outcome]:
    """The banner's list says that an item or facility of the site is not in the ledger of assets.

    Who walks over the site cannot know it: only an agency's list or the office counts.
    """
    for kind, name in (("infrastructure", "item"), ("facility", "kind")):
        for record in site.records(kind):
            listed = answered(record, "in_asset_ledger", ("no",), case)
            if listed is not None and listed.said.grade >= Grade.AGENCY:
                yield Outcome(
                    subject=record.id,
                    episode="asset",
                    values={"facility": record.text(name) or ""},
                    span=Span(listed.said.on),
                    evidence=(listed.said.op,),
                )
