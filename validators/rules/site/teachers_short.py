"""统筹调配安置点教师，保障安置地师资力量: too many pupils for each teacher of a site's school."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Site
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import number, ops, stated

_RATIO = "site.pupils_per_teacher"


@rule("site/teachers-short", clause="三(一)", severity=Severity.MINOR, subject="site", parameters=(_RATIO,))
def teachers_short(site: Site, case: Case) -> Iterator[Outcome]:
    """There are more pupils for each teacher than the norm, or pupils and no teacher."""
    teachers, pupils = stated(site, "teachers", case), stated(site, "pupils", case)
    if teachers is None or pupils is None:
        return
    there, taught = int(number(teachers)), int(number(pupils))
    seen = max(teachers.said.on, pupils.said.on)
    ratio = case.parameters.at(_RATIO, on=seen, region=site.region).value
    if taught > there * ratio:
        yield Outcome(
            subject=site.id,
            episode="ratio",
            values={"teachers": there, "pupils": taught, "ratio": ratio},
            span=Span(seen),
            evidence=ops(teachers, pupils),
        )
