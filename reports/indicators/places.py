"""Sites and banners (二(一), 四, 五(二), 九): indicators 11, 24, 25, 36 and 37."""

from collections.abc import Iterator

from ledger.dictionary import dictionary
from ledger.model import Record
from reports.indicators.model import Line, Spot, amount, count, hundredths, in_days, indicator, share

_MISSING, _BROKEN, _NOT_APPLICABLE = "4", "2", "5"
_OWN_BODY = frozenset({"1", "2"})
_ANY_BODY = frozenset({"1", "2", "3", "4"})


def _codes(kind: str, fact: str) -> tuple[str, ...]:
    """Return the codes of a fact of a kind of record, as the dictionary lists them."""
    spec = dictionary().get(f"record:{kind}", fact)
    return () if spec is None else tuple(spec.codes)


@indicator(
    11,
    clause="五(二)",
    zh="培训班次",
    en="training sessions",
    level="banner",
    parts=(
        count("sessions", "本月开班", "sessions begun in the month", "sessions", "本月开班的培训班"),
        count("persons", "参训人次", "persons in them", "persons", "本月开班的参训人数"),
        amount("subsidy", "补贴金额", "subsidy", "yuan", "本月开班的补贴金额"),
    ),
)
def sessions(spot: Spot) -> Iterator[Line]:
    """Sessions of the banner's list that began in the month."""
    for session in spot.entry.records("training_session"):
        if in_days(session.day("on"), spot.month):
            name = _name(spot, session)
            yield Line("sessions", name, 1)
            yield Line("persons", name, int(session.number("persons") or 0))
            yield Line("subsidy", name, hundredths(session.number("subsidy")))


@indicator(
    24,
    clause="二(一)",
    zh="安置点配套基础设施",
    en="facilities of sites",
    level="site",
    parts=(
        share("missing", "缺少", "missing", "items", "没有的设施项 / 安置点数×设施项（不适用的除外）"),
        share("broken", "有但故障", "broken", "items", "有故障的设施项 / 安置点数×设施项（不适用的除外）"),
    ),
)
def facilities(spot: Spot) -> Iterator[Line]:
    """Water, electricity, gas, heating, road, pipes, telecommunication of each site. Unknown: not surveyed."""
    status = {record.text("item"): record.text("status") for record in spot.entry.records("infrastructure")}
    for item in _codes("infrastructure", "item"):
        found = status.get(item)
        if found == _NOT_APPLICABLE:
            continue
        name, unknown = f"{spot.entry.id}/{item}", int(found is None)
        yield Line("missing", name, int(found == _MISSING), 1, unknown)
        yield Line("broken", name, int(found == _BROKEN), 1, unknown)


@indicator(
    25,
    clause="四(三)",
    zh="安置点组织和服务",
    en="organisation and services of sites",
    level="site",
    units=("organization", "banner"),
    parts=(
        share(
            "body", "有基层组织", "has a body of self-government", "sites", "设立或纳入基层组织的 / 安置点"
        ),
        share(
            "branch",
            "有党支部或党小组",
            "has a party branch",
            "sites",
            "已成立的 / 设立居委会或村民小组的安置点",
        ),
        share("services", "七项服务齐全", "offers all seven services", "sites", "七项服务都提供的 / 安置点"),
        share(
            "grid",
            "网格化管理到楼栋",
            "grid down to the building",
            "sites",
            "有点长且各楼栋都有楼栋长的 / 安置点",
        ),
    ),
)
def organisation(spot: Spot) -> Iterator[Line]:
    """A site that is part of another place's body needs no branch of its own. Unknown: what is needed is untold."""
    site, body = spot.entry, spot.entry.text("body")
    yield Line("body", site.id, int(body in _ANY_BODY), 1, int(body is None))
    if body in _OWN_BODY:
        branch = site.text("party_branch")
        yield Line("branch", site.id, int(branch == "yes"), 1, int(branch not in {"yes", "no"}))
    offered = {each.text("service"): each.text("offered") for each in site.records("service_point")}
    answers = [offered.get(service) for service in _codes("service_point", "service")]
    yield _all_yes("services", site.id, answers)
    buildings = [each.text("head") for each in site.records("building")]
    yield _all_yes("grid", site.id, [site.text("site_head"), *(buildings or [None])])


def _all_yes(part: str, subject: str, answers: list[str | None]) -> Line:
    """Return the line of what is there when all answers are yes: one no denies it, else what is untold is unknown."""
    unknown = "no" not in answers and any(answer != "yes" for answer in answers)
    return Line(part, subject, int(all(answer == "yes" for answer in answers)), 1, int(unknown))


@indicator(
    36,
    clause="九(二)",
    zh="后续扶持资金",
    en="funds",
    level="banner",
    parts=(
        amount("allotted", "下达金额", "allotted", "yuan", "截至报告日下达的金额"),
        amount("paid", "支出金额", "paid", "yuan", "上述资金的支出金额"),
    ),
)
def funds(spot: Spot) -> Iterator[Line]:
    """Funds that were allotted by the day of the report, and what was paid of them; of all years."""
    for fund in spot.entry.records("fund"):
        on = fund.day("allotted_on")
        if on is not None and on <= spot.day:
            yield Line("allotted", _name(spot, fund), hundredths(fund.number("allotted")))
            yield Line("paid", _name(spot, fund), hundredths(fund.number("paid")))


@indicator(
    37,
    clause="九(一)",
    zh="自查问题",
    en="findings of self-checks",
    level="banner",
    parts=(
        count("open", "未整改", "open", "problems", "自查发现、报告日尚未整改的问题"),
        count("closed", "本月整改", "closed in the month", "problems", "本月整改完成的问题"),
    ),
)
def self_checks(spot: Spot) -> Iterator[Line]:
    """Problems that the banner found itself; open: found by the day of the report and not closed by then."""
    for check in spot.entry.records("self_check"):
        found, closed = check.day("on"), check.day("closed_on")
        if (found is None or found <= spot.day) and (closed is None or closed > spot.day):
            yield Line("open", _name(spot, check), 1)
        if in_days(closed, spot.month):
            yield Line("closed", _name(spot, check), 1)


def _name(spot: Spot, record: Record) -> str:
    return f"{spot.entry.id}/{record.id}"
