"""School (三(一)) and student aid (七(三)): indicators 18 to 21. Who must be in school, `validators.schooling` says."""

from collections.abc import Iterator
from datetime import timedelta

from core.spans import Span, Spans, next_day
from reports.indicators.model import Home, Line, closed_on, count, indicator, share
from validators.life import LIVE
from validators.schooling import Pupil, excuses, pupil

_GROUPS = {
    "transfer_gap": ("schooling/transfer-gap", "schooling/transfer-open"),
    "not_enrolled": ("schooling/not-enrolled",),
    "suspected": ("schooling/suspected-dropout",),
    "dropout": ("schooling/dropout",),
}
_OUT = (
    *(rule for rules in _GROUPS.values() for rule in rules if rule != "schooling/transfer-gap"),
    "schooling/alternative-expired",
    "schooling/by-hand",
)
_UNVERIFIED = "schooling/unverified"
_YEAR = timedelta(days=365)
_MOVED = frozenset({"applied", "accepted", "done"})


def _pupils(home: Home) -> Iterator[Pupil]:
    """Yield the present members whom compulsory schooling binds on the day of the report."""
    for person in home.household.persons:
        found = pupil(person, home.case) if person.left is None else None
        if found is not None and home.day in found.bound:
            yield found


@indicator(
    18,
    clause="三(一)",
    zh="适龄儿童在校",
    en="of school age and in school",
    parts=(
        share(
            "in_school",
            "在校或有正当理由",
            "in school or excused",
            "persons",
            "在校或有有效正当理由的 / 义务教育阶段适龄人口",
        ),
        share(
            "unverified", "待核实", "unverified", "persons", "就学情况不清或已过时的 / 义务教育阶段适龄人口"
        ),
    ),
)
def in_school(home: Home) -> Iterator[Line]:
    """Compulsory school age by the school-year table. A known absence goes before staleness."""
    for found in _pupils(home):
        person = found.person.id
        state = _state(home, found)
        unknown = int(state == "unverified")
        yield Line("in_school", person, int(state == "in"), 1, unknown)
        yield Line("unverified", person, unknown, 1)


def _state(home: Home, found: Pupil) -> str:
    person = found.person.id
    if any(home.live(*_OUT, subject=person)):
        return "out"
    excused = any(excuse.proved and home.day in excuse.days for excuse in excuses(found))
    if excused:
        return "in"
    if any(home.live(_UNVERIFIED, subject=person)):
        return "unverified"
    if found.present is not None:
        return "in"
    return "out" if found.track.now == "no" else "unverified"


@indicator(
    19,
    clause="三(一)",
    zh="转学未衔接、未入学、辍学",
    en="transfer gaps, not enrolled, dropouts",
    parts=(
        count("transfer_gap", "转学未衔接", "transfer gap", "persons", "有转学未衔接问题的人"),
        count("not_enrolled", "未入学", "not enrolled", "persons", "有未入学问题的人"),
        count("suspected", "疑似辍学", "suspected dropout", "persons", "有疑似辍学问题的人"),
        count("dropout", "辍学", "dropout", "persons", "有辍学问题的人"),
        count("resolved", "本月解决", "resolved in the month", "persons", "以上问题在本月核实解决或消除的人"),
    ),
)
def out_of_school(home: Home) -> Iterator[Line]:
    """Persons with a live finding of each sort; resolved: such a finding was verified or cleared in the month."""
    for part, rules in _GROUPS.items():
        for subject in sorted({finding.subject for finding in home.live(*rules)}):
            yield Line(part, subject, 1)
    every = {rule for same in _GROUPS.values() for rule in same}
    closed = {
        f.subject
        for f in home.findings
        if f.rule in every and f.state not in LIVE and closed_on(f) in home.month
    }
    for subject in sorted(closed):
        yield Line("resolved", subject, 1)


@indicator(
    20,
    clause="三(一)",
    zh="学籍转接",
    en="registry moved",
    parts=(share("moved", "学籍已转", "registry moved", "persons", "学籍已转的 / 已转学的在校生"),),
)
def registry(home: Home) -> Iterator[Line]:
    """Pupils at another school than before, or with a transfer under way; kindergartens are left out."""
    for found in _pupils(home):
        spell = found.present
        if spell is None or not (len(found.schools) > 1 or spell.text("transfer.state") in _MOVED):
            continue
        state = spell.text("registry.state")
        unknown = int(state in {None, "unknown"})
        yield Line("moved", found.person.id, int(state == "moved"), 1, unknown)


@indicator(
    21,
    clause="七(三)",
    zh="学生资助不变",
    en="student aid kept",
    parts=(share("kept", "资助延续", "kept", "aids", "搬迁后继续享受的 / 搬迁前享受的资助（人次）"),),
)
def aid(home: Home) -> Iterator[Line]:
    """Each aid received in the year before the move, if the person still goes to school after it.

    Kept: received in the first full term after the move. Lost: the finding about it is live. Unknown: that term is not
    over, or nobody told of it. Whose stage of school the aid is not for any more is not counted.
    """
    move_in = home.household.move_in
    if move_in is None:
        return
    term = home.case.calendar.next_term(move_in, home.household.region)
    over = term is not None and home.day >= next_day(term.span.end)
    before = Span(move_in - _YEAR, move_in)
    for person in home.household.persons:
        track = person.track("school.aid")
        spells = track.spells if person.left is None else ()
        for name in sorted({spell.text("aid") or "" for spell in spells if spell.days.meets(before)}):
            subject = f"{person.id}/{name}"
            if term is None or not over:
                yield Line("kept", subject, 0, 1, 1)
                continue
            kept = any(spell.text("aid") == name and spell.days.meets(term.span) for spell in spells)
            found = home.live("schooling/aid-interrupted", subject=person.id)
            lost = not kept and any(finding.episode == f"aid:{name}" for finding in found)
            unknown = not kept and not lost and not (track.covered | track.absent) & Spans((term.span,))
            if kept or lost or unknown:
                yield Line("kept", subject, int(kept), 1, int(unknown))
