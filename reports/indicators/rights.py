"""Rights kept after the move (七): indicators 31 to 33."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from ledger.model import Household
from reports.indicators.model import Home, Line, amount, hundredths, indicator, share
from validators.household import registration_moved


@indicator(
    31,
    clause="七(一)",
    zh="户籍转移",
    en="registration moved",
    parts=(
        share("moved", "已转户籍", "moved", "persons", "已转的 / 愿意转或已转的"),
        share("unwilling", "非自愿转移", "not of own will", "persons", "非自愿的 / 已转的"),
    ),
)
def hukou(home: Home) -> Iterator[Line]:
    """Moved: registered in the new banner since the move. Whether of own will is unknown until it was asked."""
    for person in home.household.persons:
        if person.left is not None:
            continue
        moved = registration_moved(person, home.household) is not None
        if moved or person.text("hukou.wants_move") == "yes":
            yield Line("moved", person.id, int(moved), 1)
        if moved:
            will = person.text("hukou.own_will")
            yield Line("unwilling", person.id, int(will == "no"), 1, int(will not in {"yes", "no"}))


@indicator(
    32,
    clause="七(三)",
    zh="惠农惠牧补贴不变",
    en="farm subsidies kept",
    parts=(
        share("kept", "补贴延续", "kept", "households", "搬迁后继续享受的 / 有承包地且搬迁前享受补贴的户"),
    ),
)
def subsidies(home: Home) -> Iterator[Line]:
    """Households with a plot and a subsidy in the year before the move.

    Lost: a live finding about a subsidy, or a later year with nothing paid. Unknown: no later year was told of.
    """
    household, move_in = home.household, home.household.move_in
    if move_in is None or not household.records("plot"):
        return
    paid = _paid(household)
    before = {programme for (programme, year), yuan in paid.items() if year == move_in.year - 1 and yuan > 0}
    if not before:
        return
    later = {programme for programme, year in paid if year > move_in.year and programme in before}
    lost = any(home.live("rights/subsidy-lost"))
    known = lost or later == before
    yield Line("kept", household.id, int(known and not lost), 1, int(not known))


def _paid(household: Household) -> Mapping[tuple[str, int], float]:
    paid: dict[tuple[str, int], float] = defaultdict(float)
    for record in household.records("subsidy"):
        programme, year, yuan = record.text("programme"), record.number("year"), record.number("amount")
        if programme is not None and year is not None and yuan is not None:
            paid[programme, int(year)] += yuan
    return paid


@indicator(
    33,
    clause="七(四)",
    zh="土地流转",
    en="land let to others",
    parts=(
        amount("area", "流转面积", "area let", "mu", "流转的承包地、林草地面积"),
        share("unpaid", "流转费未付清", "rent unpaid", "households", "有流转费未付清的 / 有土地流转的户"),
    ),
)
def land(home: Home) -> Iterator[Line]:
    """Plots that are let. Unpaid: rent was due before the day of the report, and less was received; untold: unknown."""
    household = home.household
    let = [plot for plot in household.records("plot") if plot.text("state") == "transferred"]
    for plot in let:
        yield Line("area", f"{household.id}/{plot.id}", hundredths(plot.number("area_mu")))
    owed = [plot for plot in let if (due := plot.day("rent_due_on")) is not None and due < home.day]
    sums = [(plot.number("rent_due") or 0, plot.number("rent_paid")) for plot in owed]
    unpaid = any(paid is not None and paid < due for due, paid in sums)
    unknown = not unpaid and any(paid is None for _, paid in sums)
    if let:
        yield Line("unpaid", household.id, int(unpaid), 1, int(unknown))
