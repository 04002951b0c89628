"""Data quality and open flags: indicator 38."""

from collections.abc import Iterator
from datetime import timedelta

from reports.indicators.model import Home, Line, closed_on, count, indicator, share
from validators.life import LIVE

_LATE_DAYS = 7
_AGES = ((30, "to_30"), (90, "to_90"))
_BACK_CHECK = "quality/back-check"


@indicator(
    38,
    clause="九(一)",
    zh="数据质量",
    en="data quality",
    units=("development_reform", "poverty_alleviation", "banner"),
    parts=(
        share("response", "入户成功", "response", "households", "本月有成功访问的户 / 本月上门的户"),
        share("late", "迟报", "late sync", "visits", "访问后7天以上才收到的 / 本月收到的访问记录"),
        share(
            "back_check", "回访核对不一致", "back-check differs", "households", "有回访核对问题的 / 全部户"
        ),
        count("flags", "未办结问题", "live flags", "findings", "未办结的问题"),
        count("to_30", "其中：30天以内", "30 days or younger", "findings", "发现30天以内的"),
        count("to_90", "其中：31–90天", "31 to 90 days", "findings", "发现31–90天的"),
        count("older", "其中：90天以上", "older than 90 days", "findings", "发现90天以上的"),
        count("overdue", "其中：超期", "past their deadline", "findings", "超过办理期限的"),
        count("closed", "本月办结", "closed in the month", "findings", "本月核实解决、消除或不成立的"),
    ),
)
def quality(home: Home) -> Iterator[Line]:
    """Visits that were made in the month, and findings; each finding also under its responsible unit."""
    household = home.household.id
    if home.arrivals:
        yield Line("response", household, int(any(each.kind == "interview" for each in home.arrivals)), 1)
    for number, each in enumerate(home.arrivals):
        yield Line("late", f"{household}/{number}", int(each.days_late > _LATE_DAYS), 1)
    wrong = any(finding.rule.startswith(_BACK_CHECK) and finding.state in LIVE for finding in home.findings)
    yield Line("back_check", household, int(wrong), 1)
    for finding in home.findings:
        if finding.state in LIVE:
            age = home.day - finding.opened_on
            part = next((name for days, name in _AGES if age <= timedelta(days=days)), "older")
            for name in ("flags", part, *(("overdue",) if finding.due < home.day else ())):
                yield Line(name, finding.id, 1, unit=finding.unit)
        elif closed_on(finding) in home.month:
            yield Line("closed", finding.id, 1, unit=finding.unit)
