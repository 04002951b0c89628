"""Work and training (一(二), 五): indicators 3 to 10. Ability, will and stable work: `validators.work`."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.spans import FOREVER, add_months
from ledger.model import Person, Spell
from reports.indicators.model import FRESH_DAYS, Home, Kind, Line, Part, count, in_days, indicator, share
from validators.labour import last_told, missing_topics
from validators.training import WISH, training_duty
from validators.verdict import NO, UNKNOWN, YES
from validators.work import (
    JOB,
    Labour,
    Standard,
    able,
    at_work,
    eligible,
    icls,
    of_labour_age,
    stable_in,
    standard,
    told,
    willing,
)

_OF_LABOUR_AGE = "16–59岁在户人口"
_ELIGIBLE = "有劳动能力且有就业意愿的户"
_NOBODY = "无人稳定就业"
_OWED = "建档立卡、有能力、有培训意愿的"
_EMPLOYED = frozenset({"1", "2", "3", "4", "5"})
_ISSUED = date(2019, 12, 24)  # the day of the notice: its year has a value from then on
_DUE_SOON = timedelta(days=90)
_WHERE = {"county": "旗县内", "city": "旗县外市内", "region": "市外区内", "country": "区外", "abroad": "境外"}
_CHANNEL = {
    "away": "外出务工",
    "local": "就近就地就业",
    "public_post": "公益性岗位",
    "workshop": "帮扶车间",
    "own_business": "自主创业",
    "home": "居家就业",
    "other": "其他渠道",
}
_POST = {
    "cleaning": "保洁岗",
    "greening": "保绿岗",
    "security": "治安协管岗",
    "forest": "林草管护岗",
    "other": "其他公益岗",
}


def _standard(home: Home) -> Standard:
    """Return what counts on the day of the report, once an entry."""
    parameters = home.case.parameters
    key = ("report.standard", home.day.isoformat())
    return parameters.once(key, lambda: standard(parameters, home.day, home.household.region))


def _workers(home: Home) -> Iterator[Person]:
    """Yield the present members known to be of labour age."""
    norm = _standard(home)
    for person in home.household.persons:
        if person.left is None and of_labour_age(person, home.day, norm) is YES:
            yield person


@indicator(
    3,
    clause="五(一)",
    zh="劳动力台账完整且及时",
    en="labour records complete and fresh",
    parts=(
        share(
            "fresh",
            "完整且90天内更新",
            "complete and fresh",
            "persons",
            f"六项齐全且新 / {_OF_LABOUR_AGE}",
        ),
        share("complete", "完整", "complete", "persons", f"六项齐全的 / {_OF_LABOUR_AGE}"),
    ),
)
def records(home: Home) -> Iterator[Line]:
    """The six topics of 五(一), each told once at least; fresh: work or wishes told no more than 90 days ago."""
    since = home.day - timedelta(days=FRESH_DAYS)
    for person in _workers(home):
        complete = not missing_topics(person)
        last = last_told(person)
        fresh = complete and last is not None and since <= last <= home.day
        yield Line("fresh", person.id, int(fresh), 1)
        yield Line("complete", person.id, int(complete), 1)


@indicator(
    4,
    clause="一(二)",
    zh="有劳动能力且有就业意愿的家庭",
    en="able and willing households",
    units=("hrss", "banner"),
    parts=(
        share(
            "households",
            "有能力有意愿家庭",
            "able and willing",
            "households",
            f"{_ELIGIBLE} / 全部户",
        ),
    ),
)
def able_and_willing_households(home: Home) -> Iterator[Line]:
    """A member of labour age, able and willing. Unknown: nobody is known to be, and of somebody it is not known."""
    verdict = eligible(home.household, home.day, _standard(home))
    yield Line("households", home.household.id, int(verdict is YES), 1, int(verdict is UNKNOWN))


@indicator(
    5,
    clause="一(二)",
    zh="平均每户稳定就业人数",
    en="average in stable work",
    units=("hrss", "banner"),
    parts=(
        Part(
            "average",
            "平均每户稳定就业",
            "average a household",
            "persons",
            Kind.AVERAGE,
            f"稳定就业人数 / {_ELIGIBLE}（通知要求1人以上，是平均数）",
        ),
    ),
)
def average_in_stable_work(home: Home) -> Iterator[Line]:
    """Members in stable work, over able and willing households: an average, as 一(二) says, and no floor for each.

    Unknown: nobody is known to be in stable work, and of somebody it is not known.
    """
    norm = _standard(home)
    if eligible(home.household, home.day, norm) is YES:
        verdicts = list(stable_in(home.household, home.day, norm).values())
        in_work = verdicts.count(YES)
        yield Line("average", home.household.id, in_work, 1, int(not in_work and UNKNOWN in verdicts))


@indicator(
    6,
    clause="一(二)",
    zh="零稳定就业家庭",
    en="nobody in stable work",
    units=("hrss", "banner"),
    parts=(
        share(
            "households",
            _NOBODY,
            "nobody in stable work",
            "households",
            f"{_NOBODY}的户 / {_ELIGIBLE}",
        ),
    ),
)
def nobody_in_stable_work(home: Home) -> Iterator[Line]:
    """Able and willing households of whose members each is known not to be in stable work."""
    norm = _standard(home)
    if eligible(home.household, home.day, norm) is YES:
        verdicts = set(stable_in(home.household, home.day, norm).values())
        unknown = YES not in verdicts and UNKNOWN in verdicts
        yield Line("households", home.household.id, int(not verdicts & {YES, UNKNOWN}), 1, int(unknown))


@indicator(
    7,
    clause="五(一)",
    zh="就业率",
    en="employment rate",
    parts=(
        share(
            "ledger",
            "台账口径",
            "by the ledger",
            "persons",
            f"台账在业（含务农牧）的 / {_OF_LABOUR_AGE}",
        ),
        share(
            "icls",
            "国际劳动统计口径（ICLS-19）",
            "by ICLS-19",
            "persons",
            "就业人口 / 劳动力人口（就业＋失业）",
        ),
    ),
)
def employment(home: Home) -> Iterator[Line]:
    """Two states side by side: herding for own use is 务农牧 in the ledger and no employment by ICLS-19.

    By ICLS-19 who is outside the labour force is not counted, and who was not asked of late is unknown.
    """
    norm = _standard(home)
    for person in _workers(home):
        state = told(person, "admin_status", home.day)
        yield Line(
            "ledger", person.id, int(state is not None and state.value in _EMPLOYED), 1, int(state is None)
        )
        by_icls = icls(person, home.day, norm)
        if by_icls in {Labour.EMPLOYED, Labour.UNEMPLOYED, Labour.UNKNOWN}:
            yield Line("icls", person.id, int(by_icls is Labour.EMPLOYED), 1, int(by_icls is Labour.UNKNOWN))


@indicator(
    8,
    clause="五(三)",
    zh="就业去向",
    en="where and how people work",
    parts=(
        *(
            share(f"where_{c}", zh, f"works: {c}", "persons", f"在{zh}的 / 在业人员")
            for c, zh in _WHERE.items()
        ),
        *(
            share(f"channel_{c}", zh, f"channel: {c}", "persons", f"{zh}的 / 在业人员")
            for c, zh in _CHANNEL.items()
        ),
        *(count(f"post_{c}", zh, f"public post: {c}", "persons", f"{zh}的人员") for c, zh in _POST.items()),
    ),
)
def jobs(home: Home) -> Iterator[Line]:
    """Of members known to have a job now, by their latest job. Unknown: place or channel was not told."""
    norm = _standard(home)
    for person in home.household.persons:
        if person.left is not None or at_work(person, home.day, norm) is not YES:
            continue
        job = _latest(person)
        where, channel = (job.text(name) if job else None for name in ("where", "channel"))
        for code in _WHERE:
            yield Line(f"where_{code}", person.id, int(where == code), 1, int(where is None))
        for code in _CHANNEL:
            yield Line(f"channel_{code}", person.id, int(channel == code), 1, int(channel is None))
        if job is not None and (job.text("kind") == "public_post" or channel == "public_post"):
            yield Line(f"post_{job.text('post') or 'other'}", person.id, 1)


def _latest(person: Person) -> Spell | None:
    """Return the job that began last among those that have not ended, else None."""
    return next((spell for spell in reversed(person.track(JOB).spells) if spell.stated_end == FOREVER), None)


@indicator(
    9,
    clause="五(一)",
    zh="本月失业",
    en="work lost in the month",
    parts=(
        count("lost", "失业", "lost", "persons", "本月失业的人"),
        share("registered", "已失业登记", "registered", "persons", "已登记的 / 本月失业的"),
        share("helped", "已帮扶", "helped", "persons", "已帮扶的 / 本月失业的"),
        share("back", "已再就业", "back in work", "persons", "已再就业的 / 本月失业的"),
    ),
)
def losses(home: Home) -> Iterator[Line]:
    """Losses of work whose day lies in the month; of a person with two, the later one."""
    for person in home.household.persons:
        lost = [loss for loss in person.records("job_loss") if in_days(loss.day("lost_on"), home.month)]
        if person.left is None and lost:
            loss = max(lost, key=lambda each: str(each.day("lost_on")))
            yield Line("lost", person.id, 1)
            yield Line("registered", person.id, int(loss.day("registered_on") is not None), 1)
            yield Line("helped", person.id, int(loss.day("helped_on") is not None), 1)
            yield Line("back", person.id, int(loss.day("back_on") is not None), 1)


@indicator(
    10,
    clause="五(二)",
    zh="入住一年内技能培训",
    en="trained within a year of moving in",
    parts=(
        share(
            "done",
            "一年内完成",
            "done in time",
            "persons",
            f"一年内完成的 / {_OWED}",
        ),
        share("overdue", "逾期未培训", "overdue", "persons", f"期满未培训的 / {_OWED}"),
        share("due_soon", "90天内到期", "due within 90 days", "persons", f"90天内期满的 / {_OWED}"),
        count(
            "early",
            "通知前已满一年",
            "year over before the notice",
            "persons",
            "通知印发前已满一年的应培训人",
        ),
    ),
)
def training(home: Home) -> Iterator[Line]:
    """建档立卡, able, and willing on some day of the year: neither 同步搬迁 nor the unwilling (DOMAIN §0, reading 4).

    Unknown: a training is on record of which it is not known whether it counts; or ability and wish are not known.
    """
    for person in home.household.persons:
        if person.left is not None:
            continue
        duty = training_duty(person, home.household, home.case.parameters)
        if duty is None:
            if _perhaps_owed(home, person):
                for part in ("done", "overdue", "due_soon"):
                    yield Line(part, person.id, 0, 1, 1)
            continue
        unknown = int(duty.done_on is None and duty.perhaps)
        open_yet = duty.done_on is None and not duty.perhaps
        over = home.day > duty.due
        late = duty.done_on is not None and not duty.in_time
        yield Line("done", person.id, int(duty.in_time), 1, unknown)
        yield Line("overdue", person.id, int(over and (open_yet or late)), 1, unknown)
        soon = open_yet and not over and duty.due <= home.day + _DUE_SOON
        yield Line("due_soon", person.id, int(soon), 1, unknown)
        if duty.early:
            yield Line("early", person.id, 1)


def _perhaps_owed(home: Home, person: Person) -> bool:
    """Tell whether a registered poor member may be able and willing, and the year is not over: nobody knows."""
    household, norm = home.household, _standard(home)
    if household.text("relocation_kind") != "registered_poor" or household.move_in is None:
        return False
    since = max(household.move_in, person.joined or household.move_in)
    months = home.case.parameters.at("work.training.months", on=max(since, _ISSUED)).value
    open_yet = since <= home.day <= add_months(since, months)
    if not open_yet or of_labour_age(person, home.day, norm) is not YES:
        return False
    verdicts = {able(person, home.day, norm), willing(person, WISH, home.day)}
    return NO not in verdicts and UNKNOWN in verdicts
