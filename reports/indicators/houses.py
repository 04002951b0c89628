"""Dwellings and old houses: indicators 27 to 30. What may stand and for how long, `validators.dwelling` says."""

from collections.abc import Iterator

from core.spans import add_months
from ledger.model import Record
from reports.indicators.model import Home, Line, amount, count, hundredths, indicator, share
from validators.dwelling import dwelling_of, transition_ends

_STANDING, _GONE, _KEPT = frozenset({"1", "2"}), "3", "4"
_RECOGNISED = "county"


def _houses(home: Home) -> Iterator[tuple[str, Record, str | None]]:
    """Yield the old houses that are to be pulled down: all but those that the banner government recognised."""
    for house in home.household.records("old_house"):
        protected = house.text("protection_body") == _RECOGNISED and bool(house.text("protection_no"))
        if not protected:
            yield f"{home.household.id}/{house.id}", house, house.text("state")


@indicator(
    27,
    clause="六(一)",
    zh="旧房拆除",
    en="old houses to be pulled down",
    parts=(
        share("done", "已拆", "pulled down", "houses", "已拆的 / 应拆的"),
        share("transition", "过渡期内", "in transition", "houses", "批准过渡且未满期的 / 应拆的"),
        share(
            "overdue", "逾期未拆", "overdue", "houses", "未拆或未拆完且过渡期已满、或未批准过渡的 / 应拆的"
        ),
    ),
)
def pulled_down(home: Home) -> Iterator[Line]:
    """To be pulled down: all but those recognised as protected. Unknown: nobody stated its state.

    Overdue from the day after the year; before that, if the transition was refused and the household has moved in.
    """
    last = transition_ends(home.household, home.case)
    move_in = home.household.move_in
    for name, house, state in _houses(home):
        unknown = int(state is None)
        stands = state in _STANDING or state == _KEPT
        over = last is not None and home.day > last
        refused = house.text("transition") == "no" and move_in is not None and home.day >= move_in
        overdue = stands and (over or refused)
        yield Line("done", name, int(state == _GONE), 1, unknown)
        yield Line(
            "transition", name, int(stands and not overdue and house.text("transition") == "yes"), 1, unknown
        )
        yield Line("overdue", name, int(overdue), 1, unknown)


@indicator(
    28,
    clause="六(二)",
    zh="宅基地复垦复绿",
    en="homestead plots restored",
    parts=(
        share("restored", "已复垦复绿", "restored", "houses", "已复垦复绿的 / 已拆的"),
        share("accepted", "已验收", "accepted", "houses", "已验收的 / 已拆的"),
        share("titled", "已确权颁证", "titled", "houses", "已颁证的 / 已拆的"),
        amount("restored_mu", "复垦复绿面积", "area restored", "mu", "已复垦复绿的宅基地面积"),
        amount("titled_mu", "确权颁证面积", "area titled", "mu", "已颁证的宅基地面积"),
    ),
)
def restored(home: Home) -> Iterator[Line]:
    """Of the houses that were pulled down. A plot without a stated area adds no area."""
    for house in home.household.records("old_house"):
        if house.text("state") != _GONE:
            continue
        name, mu = f"{home.household.id}/{house.id}", hundredths(house.number("plot_mu"))
        done = house.day("restored_on") is not None
        titled = house.day("title_on") is not None or house.text("title_no") is not None
        yield Line("restored", name, int(done), 1)
        yield Line("accepted", name, int(house.day("accepted_on") is not None), 1)
        yield Line("titled", name, int(titled), 1)
        if done:
            yield Line("restored_mu", name, mu)
        if titled:
            yield Line("titled_mu", name, mu)


@indicator(
    29,
    clause="七(二)",
    zh="不动产权证",
    en="title certificates",
    parts=(
        share("issued", "已核发", "issued", "dwellings", "已核发的 / 交房满规定月数的（不含特殊安置方式）"),
    ),
)
def titles(home: Home) -> Iterator[Line]:
    """Handed over `dwelling.title_months` ago or longer (moved in, when no handover is on record), or issued before.

    Unknown: nobody stated whether the certificate was issued.
    """
    household, dwelling = home.household, dwelling_of(home.household)
    if dwelling is not None and dwelling.text("special_mode") == "yes":
        return
    issued = dwelling is not None and (
        dwelling.day("cert_issued_on") is not None
        or dwelling.text("cert_no") is not None
        or dwelling.text("cert") == "yes"
    )
    handed_over = (dwelling.day("handover_on") if dwelling else None) or household.move_in
    if not issued:
        if handed_over is None:
            return
        months = home.case.parameters.at(
            "dwelling.title_months", on=handed_over, region=household.region
        ).value
        if home.day <= add_months(handed_over, int(months)):
            return
    told = issued or (dwelling is not None and dwelling.text("cert") == "no")
    yield Line("issued", household.id, int(issued), 1, int(not told))


@indicator(
    30,
    clause="二(二)",
    zh="疑似转让、出租",
    en="suspected transfers and leases",
    parts=(
        share("transfer", "疑似转让", "suspected transfer", "dwellings", "有疑似转让问题的 / 安置房"),
        share("lease", "疑似违规出租", "suspected lease", "dwellings", "有出租问题的 / 安置房"),
        count(
            "confirmed",
            "旗区核实属实",
            "confirmed by the banner",
            "dwellings",
            "旗区人民政府有文号核实属实的",
        ),
    ),
)
def suspected(home: Home) -> Iterator[Line]:
    """Live findings about dwellings: suspicions only, nothing of a household's status follows from them (七(二)).

    Unknown: nobody stated whether the dwelling changed hands, or is let.
    """
    household, dwelling = home.household, dwelling_of(home.household)
    known = dwelling.facts if dwelling is not None else {}
    transfer = any(home.live("dwelling/transfer-suspected"))
    lease = any(home.live("dwelling/lease"))
    told = "transfer_kind" in known or "occupant" in known
    yield Line("transfer", household.id, int(transfer), 1, int(not transfer and not told))
    let = known["leased"].value if "leased" in known else None
    yield Line("lease", household.id, int(lease), 1, int(not lease and let not in {"yes", "no"}))
    if dwelling is not None and dwelling.text("decision") == "confirmed" and dwelling.text("decision_no"):
        yield Line("confirmed", household.id, 1)
