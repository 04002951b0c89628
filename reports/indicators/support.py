"""Welfare, health, adaptation and industry: indicators 17, 22, 23, 26, 34 and 35."""

from collections.abc import Iterator
from datetime import timedelta

from ledger.model import Household, Record, Track
from reports.indicators.model import Home, Line, count, indicator, share
from validators.household import DIBAO, allowance_breaks
from validators.surroundings import at_large_site

_ILLNESS = "illness"


@indicator(
    17,
    clause="三(三)",
    zh="低保和临时救助",
    en="minimum living allowance and temporary aid",
    units=("civil_affairs",),
    parts=(
        count("households", "享受低保", "on the allowance", "households", "最近一次核实享受低保的户"),
        share("granted", "低保申请获批", "granted", "households", "获批的 / 申请的"),
        count(
            "stopped", "搬迁前后停发", "stopped at the move", "households", "低保在搬迁前后中断且未恢复的户"
        ),
        share("aid", "临时救助到位", "temporary aid received", "cases", "救助到位的 / 申请的突发困难"),
    ),
)
def welfare(home: Home) -> Iterator[Line]:
    """The allowance as last asked; applied: said so, or granted. Unknown: the result is pending or was not told."""
    household = home.household
    track = household.track(DIBAO)
    if _now(track) == "yes":
        yield Line("households", household.id, 1)
    result, applied = household.text("dibao.result"), household.text("dibao.applied")
    if applied == "yes" or result is not None:
        yield Line("granted", household.id, int(result == "granted"), 1, int(result in {None, "pending"}))
    if any(each.after is None for each in allowance_breaks(household, home.case)):
        yield Line("stopped", household.id, 1)
    for shock in household.records("shock"):
        if shock.text("applied") == "yes" or shock.day("applied_on") or shock.day("aid_on"):
            yield Line("aid", _name(household, shock), int(shock.day("aid_on") is not None), 1)


@indicator(
    22,
    clause="三(二)",
    zh="因病致贫户家庭医生签约",
    en="family doctor of households poor through illness",
    parts=(share("signed", "已签约", "signed", "persons", "已签约的 / 因病致贫户的在户人口"),),
)
def family_doctor(home: Home) -> Iterator[Line]:
    """Illness is the main cause of poverty or another one. Unknown: nobody asked, or it was not known."""
    household = home.household
    other = household.facts.get("cause_other")
    causes = other.value if other is not None and isinstance(other.value, tuple) else ()
    if household.text("cause") != _ILLNESS and _ILLNESS not in causes:
        return
    for person in household.persons:
        if person.left is None:
            now = _now(person.track("family_doctor"))
            yield Line("signed", person.id, int(now == "yes"), 1, int(now is None))


@indicator(
    23,
    clause="三(二)",
    zh="要求先交押金",
    en="deposit asked",
    parts=(
        share(
            "asked",
            "被要求先交押金",
            "deposit asked",
            "stays",
            "被要求先交押金的 / 搬迁后在安置地定点机构住院的",
        ),
    ),
)
def deposit(home: Home) -> Iterator[Line]:
    """Stays since the move at a designated facility at the new place. Unknown: whether a deposit was asked for."""
    move_in = home.household.move_in
    for person in home.household.persons:
        for stay in person.records("inpatient"):
            admitted = stay.day("on")
            if stay.text("designated") != "yes" or admitted is None or (move_in and admitted < move_in):
                continue
            answer = stay.text("deposit_asked")
            unknown = int(answer not in {"yes", "no"})
            yield Line("asked", f"{person.id}/{stay.id}", int(answer == "yes"), 1, unknown)


@indicator(
    26,
    clause="四(三)",
    zh="新环境适应性教育培训",
    en="training for the new surroundings",
    parts=(share("received", "参加过培训", "received", "households", "参加过的 / 入住满规定天数的户"),),
)
def adaptation(home: Home) -> Iterator[Line]:
    """Households that moved in more than `community.adaptation_days` ago (the last of these days is not over yet)."""
    household, move_in = home.household, home.household.move_in
    if move_in is None:
        return
    days = home.case.parameters.at("community.adaptation_days", on=move_in, region=household.region).value
    if home.day > move_in + timedelta(days=days):
        answer = household.text("adaptation.received")
        yield Line("received", household.id, int(answer == "yes"), 1, int(answer not in {"yes", "no"}))


@indicator(
    34,
    clause="八(一)",
    zh="小型安置点一对一措施",
    en="measures of households of small sites",
    parts=(
        share("measure", "有措施在实施", "a measure in force", "households", "有措施的 / 小型安置点的户"),
    ),
)
def measure(home: Home) -> Iterator[Line]:
    """Small: not large as for every clause (a list, or the persons). Unknown: nobody asked, or it was not known."""
    household = home.household
    if household.text("site") is not None and not at_large_site(household, home.case, home.day):
        now = _now(household.track("measure"))
        yield Line("measure", household.id, int(now == "yes"), 1, int(now is None))


@indicator(
    35,
    clause="八(二)",
    zh="利益联结",
    en="interest links",
    parts=(
        share("linked", "有书面利益联结", "linked by contract", "households", "有书面协议的户 / 全部户"),
        share("paid", "约定收益兑现", "returns paid in full", "links", "足额兑现的 / 有书面协议且已到期的"),
    ),
)
def links(home: Home) -> Iterator[Line]:
    """Linked: a written contract is on record. Paid: as much as promised. Unknown: nobody told what was received."""
    household = home.household
    contracts = [link for link in household.records("link") if link.text("contract") == "yes"]
    yield Line("linked", household.id, int(bool(contracts)), 1)
    for link in contracts:
        due, promised, received = link.day("due_on"), link.number("promised"), link.number("received")
        if due is None or promised is None or home.day <= due:
            continue
        paid = received is not None and received >= promised
        yield Line("paid", _name(household, link), int(paid), 1, int(received is None))


def _now(track: Track) -> str | None:
    """Return whether a spell is known to run or not to run, as last asked; None when that is not known."""
    return track.now if track.now in {"yes", "no"} else None


def _name(household: Household, record: Record) -> str:
    return f"{household.id}/{record.id}"
