"""Skills training within a year of moving in (五(二)): who is owed one, until when, and whether it was had.

Pure, shared by the rules of `validators/rules/work` and the monthly report; no rule is in it.
"""

from dataclasses import dataclass
from datetime import date

from core.spans import Spans, add_months
from ledger.model import Household, Person, Record
from validators.rule import Parameters
from validators.verdict import NO, UNKNOWN, YES, Verdict, all_of
from validators.work import STANDARD, able_and_willing, standard

TRAINING_DUTY = (
    *STANDARD,
    "work.training.issued_on",
    "work.training.months",
    "work.training.early_movers",
    "work.training.min_hours",
)
"""Parameters that a rule declares when it asks for `training_duty`."""

WISH = "train_willing"


@dataclass(frozen=True, slots=True)
class TrainingDuty:
    """One skills training that a person is owed.

    Attributes:
        since: the day of moving in, or of joining the household if that was later.
        due: last day of the year; for early movers by `from_notice` a year after the notice was issued.
        early: the year had passed when the notice was issued, so it is reported apart (DOMAIN §0, reading 4).
        wanted_on: first day in the year on which the person is known to have been able and willing.
        done_on: last day of the first training that counts; None: none is known.
        perhaps: not enough is known of some training to say whether it counts.
    """

    since: date
    due: date
    early: bool
    wanted_on: date
    done_on: date | None
    perhaps: bool

    @property
    def in_time(self) -> bool:
        """Whether it was had within the year."""
        return self.done_on is not None and self.done_on <= self.due


def training_duty(person: Person, household: Household, params: Parameters) -> TrainingDuty | None:
    """Return the training that a person is owed, or None when none is, or nobody knows that one is.

    Owed to 搬迁贫困人口 (建档立卡) known to be of labour age, able and willing on some day of the year: neither to
    同步搬迁 households nor to the unwilling (五(二)). The day of moving in is not counted (民法典 第二百零一条), so who
    moved in on 8 October has until 8 October. A training before the move does not count.
    """
    move_in = household.move_in
    if WISH not in person.facts or move_in is None or household.text("relocation_kind") != "registered_poor":
        return None
    since = max(move_in, person.joined or move_in)
    issued: date = params.at("work.training.issued_on", on=since).value
    on = max(since, issued)
    months = params.at("work.training.months", on=on).value
    due = add_months(since, months)
    early = due < issued
    if early and params.at("work.training.early_movers", on=on).value == "from_notice":
        due = add_months(issued, months)
    owed = able_and_willing(person, WISH, standard(params, on, household.region)) & Spans.between(since, due)
    if owed.start is None:
        return None
    least = params.at("work.training.min_hours", on=on).value
    told = [(record, counts(record, since, least)) for record in person.records("training")]
    ends = [end for record, verdict in told if verdict is YES and (end := record.day("end")) is not None]
    perhaps = any(verdict is UNKNOWN for _, verdict in told)
    return TrainingDuty(since, due, early, owed.start, min(ends, default=None), perhaps)


def counts(training: Record, since: date, least: float) -> Verdict:
    """Tell whether a training is a completed one for vocational skills, not before a day, of so many hours."""
    end, hours = training.day("end"), training.number("hours")
    if end is not None and end < since:
        return NO
    return all_of(
        (
            _answer(training.text("skills")),
            _answer(training.text("completed")),
            UNKNOWN if hours is None else YES if hours >= least else NO,
            UNKNOWN if end is None else YES,
        )
    )


def _answer(code: str | None) -> Verdict:
    return {"yes": YES, "no": NO}.get(code or "", UNKNOWN)
