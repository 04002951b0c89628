"""Social security (三(三)): indicators 12 to 16. What a break of cover is, `validators/rules/insurance` says."""

from collections.abc import Iterator
from datetime import date

from core.spans import age_on
from ledger.model import Person, Spell, Track
from reports.indicators.model import Home, Line, Part, count, indicator, share
from validators.insurance import KINDS, MEDICAL, PENSION, obligation

_LAPSED, _SHORT = "insurance/lapse", "insurance/lapse-short"
_MISSED = ("insurance/not-covered", "insurance/never-covered")
_UNVERIFIED = "insurance/unverified"
_TRANSFERS = ("insurance/transfer-overdue", "insurance/transfer-not-applied")
_PAID_BY_GOVERNMENT = frozenset({"gov_full", "gov_part"})
_BENEFIT_AGE = 60


def _parts(name: str, duty: str) -> tuple[Part, ...]:
    return (
        share("covered", f"参加{name}", "covered", "persons", f"已参保 / {duty}"),
        share("lapsed", "断保", "lapsed", "persons", f"有保险中断问题的 / {duty}"),
        share("short", "短期中断（可补缴）", "short break", "persons", f"中断未超过补缴期的 / {duty}"),
        share("missed", "漏保", "never enrolled", "persons", f"从未参保或查无参保的 / {duty}"),
        share("unverified", "待核实", "unverified", "persons", f"参保情况不清或已过时的 / {duty}"),
    )


@indicator(
    12,
    clause="三(三)",
    zh="基本医疗保险",
    en="medical cover",
    parts=_parts("基本医疗保险", "应参保人口"),
)
def medical(home: Home) -> Iterator[Line]:
    """Of those obliged on the day of the report. A break is what the rules about breaks have as a live finding."""
    yield from _cover(home, MEDICAL)


@indicator(
    13,
    clause="三(三)",
    zh="基本养老保险",
    en="pension cover",
    parts=(
        *_parts("基本养老保险", "应参保人口（16–59岁，不含在校生等）"),
        share(
            "in_payment",
            "60岁以上领取养老金",
            "60 or older, in payment",
            "persons",
            "领取养老金的 / 年满60岁的",
        ),
    ),
)
def pension(home: Home) -> Iterator[Line]:
    """As medical cover; besides, who is 60 or older and receives a pension."""
    yield from _cover(home, PENSION)
    for person in _present(home):
        birth = person.birth_date
        if birth is not None and age_on(birth, home.day) >= _BENEFIT_AGE:
            told = person.text("pension.benefit")
            paying = any(s.text("state") == "in_payment" for s in person.track(KINDS[PENSION]).spells)
            receives = paying or told == "yes"
            unknown = int(not receives and told != "no")
            yield Line("in_payment", person.id, int(receives), 1, unknown)


def _present(home: Home) -> Iterator[Person]:
    return (person for person in home.household.persons if person.left is None)


def _cover(home: Home, branch: str) -> Iterator[Line]:
    for person in _present(home):
        if home.day not in obligation(person, branch, home.case.parameters, on=home.day).possible:
            continue
        state = _state(home, person, branch)
        unknown = int(state == "unverified")
        for part in ("covered", "lapsed", "short", "missed"):
            yield Line(part, person.id, int(state == part), 1, unknown)
        yield Line("unverified", person.id, unknown, 1)


def _state(home: Home, person: Person, branch: str) -> str:
    """Return how a person stands; a known break goes before staleness, for it is on record until seen gone."""
    live = {
        f.rule
        for f in home.live(_LAPSED, _SHORT, *_MISSED, _UNVERIFIED, subject=person.id)
        if _of(f.episode, branch)
    }
    if _LAPSED in live:
        return "lapsed"
    if _SHORT in live:
        return "short"
    if live.intersection(_MISSED):
        return "missed"
    track = person.track(KINDS[branch])
    if live or not track.covered or (track.absent.end or date.min) > (track.covered.end or date.min):
        return "unverified"  # a break that is no finding (dismissed, or told as doubtful) is not known either
    return "covered"


def _of(episode: str, branch: str) -> bool:
    return episode.partition(":")[0] == branch


@indicator(
    14,
    clause="三(三)",
    zh="保险关系转移接续",
    en="transfers of cover",
    parts=(
        share("done", "已办结", "done", "transfers", "已办结的转移 / 需要办理的转移"),
        share(
            "overdue", "超期或未申请", "overdue", "transfers", "超期未办结或逾期未申请的转移 / 需要办理的转移"
        ),
    ),
)
def transfers(home: Home) -> Iterator[Line]:
    """A transfer is needed where one was applied for or done, or a rule found that none was applied for.

    Resident medical cover is never transferred: one joins the new place for the next year.
    """
    for person in _present(home):
        for branch, kind in KINDS.items():
            late = any(_of(f.episode, branch) for f in home.live(*_TRANSFERS, subject=person.id))
            spells = [s for s in person.track(kind).spells if branch == PENSION or s.text("scheme") != "res"]
            states = {spell.text("transfer.state") for spell in spells}
            if late or states & {"applied", "sent", "received", "rejected", "done"}:
                open_ones = bool(states & {"applied", "sent", "received", "rejected"})
                done = int("done" in states and not open_ones and not late)
                yield Line("done", f"{person.id}/{branch}", done, 1)
                yield Line("overdue", f"{person.id}/{branch}", int(late), 1)


@indicator(
    15,
    clause="三(三)",
    zh="参保代缴补贴",
    en="subsidised premiums",
    parts=(
        share(
            "medical",
            "医保代缴或资助",
            "medical premium subsidised",
            "persons",
            "政府代缴或资助的 / 属于资助类别的居民参保人",
        ),
        share(
            "pension",
            "养老保险代缴",
            "pension premium subsidised",
            "persons",
            "政府代缴的 / 属于代缴类别的居民参保人",
        ),
    ),
)
def subsidies(home: Home) -> Iterator[Line]:
    """Of each person the last resident cover that was paid for on a day inside a subsidised category."""
    for person in _present(home):
        categories = person.track("category").spells
        for branch, kind in KINDS.items():
            last = _last_resident(person.track(kind))
            if last is None or not categories:
                continue
            paid = last.day("paid_on") or last.start
            entitled = home.case.parameters.at(f"insurance.{branch}.categories", on=paid).value
            if any(paid in spell.days and spell.text("category") in entitled for spell in categories):
                payer = last.text("payer")
                unknown = int(payer in {None, "unknown"})
                yield Line(branch, person.id, int(payer in _PAID_BY_GOVERNMENT), 1, unknown)


def _last_resident(track: Track) -> Spell | None:
    return next((spell for spell in reversed(track.spells) if spell.text("scheme") == "res"), None)


@indicator(
    16,
    clause="三(三)",
    zh="重复参保",
    en="double enrolment",
    parts=(count("persons", "重复参保人数", "persons enrolled twice", "persons", "有重复参保问题的人"),),
)
def double(home: Home) -> Iterator[Line]:
    """Persons with a live finding of double cover, of either branch."""
    for subject in sorted({finding.subject for finding in home.live("insurance/double-cover")}):
        yield Line("persons", subject, 1)
