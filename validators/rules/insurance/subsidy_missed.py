"""全面落实各项参保优惠及代缴补贴: a person entitled to a subsidy paid the whole premium."""

from collections.abc import Iterator
from datetime import date

from core.spans import Span
from ledger.model import Person, Spell
from validators.insurance import KINDS
from validators.rule import Case, Outcome, Severity, rule


@rule(
    "insurance/subsidy-missed",
    clause="三(三)",
    severity=Severity.MAJOR,
    parameters=("insurance.medical.categories", "insurance.pension.categories"),
)
def subsidy_missed(person: Person, case: Case) -> Iterator[Outcome]:
    """A resident's premium was paid wholly by the person on a day inside a category that is subsidised on that day.

    Without a day of payment the first day of the cover counts. Major, as 三(三) asks for all subsidies (全面落实).
    """
    categories = person.tracks.get("category")
    if categories is None or not categories.spells:
        return
    for branch, kind in KINDS.items():
        track = person.tracks.get(kind)
        named: set[date] = set()
        for spell in track.spells if track is not None else ():
            if (spell.fields.get("payer"), spell.fields.get("scheme")) != ("self", "res"):
                continue
            paid = spell.day("paid_on") or spell.start
            entitled = case.parameters.at(f"insurance.{branch}.categories", on=paid).value
            category = _category_on(paid, categories.spells, entitled)
            if category is not None and paid not in named and case.today.reached(paid):
                named.add(paid)
                yield Outcome(
                    subject=person.id,
                    episode=f"{branch}:{paid.isoformat()}",
                    values={"branch": branch, "category": category.fields["category"], "paid": paid},
                    span=Span(paid, paid),
                    evidence=(min(spell.said, key=lambda said: (said.on, said.op)).op,),
                )


def _category_on(day: date, spells: tuple[Spell, ...], entitled: tuple[str, ...]) -> Spell | None:
    return next((s for s in spells if day in s.days and s.fields.get("category") in entitled), None)
