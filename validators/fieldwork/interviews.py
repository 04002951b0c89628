"""Checks of one interview against what is usual: duration, position, straight lines, record (Q11, Q12, Q15, Q18)."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby

from core.clock import SHANGHAI, day_of
from validators.fieldwork.limits import Limits
from validators.fieldwork.model import Measured, Paradata, Position, Values
from validators.fieldwork.profile import Profile


def of_interview(
    paradata: Paradata, profile: Profile, limits: Limits, home: Position | None = None
) -> Iterator[Measured]:
    """Yield what is notable in one interview.

    Args:
        paradata: the interview.
        profile: what is usual in its round.
        limits: the parameters in force.
        home: where earlier interviews of the household were made.
    """
    for check, values in (
        ("Q11", _duration(paradata, profile, limits)),
        ("Q12", _position(paradata, profile, limits, home)),
        ("Q15", _lines(paradata, limits)),
        ("Q18", _record(paradata, limits)),
    ):
        if values:
            yield Measured(check, paradata.household, paradata.interview, paradata.op, values)


def _duration(paradata: Paradata, profile: Profile, limits: Limits) -> Values:
    """Return what is odd about when and how long: minutes against the floor and the median, night, two days."""
    minutes, started, finished = paradata.minutes, paradata.started, paradata.finished
    if minutes is None or started is None or finished is None or minutes < 0:
        return {}
    usual = profile.usual_minutes(paradata)
    floor = max(limits.duration_floor, limits.duration_per_person * paradata.persons)
    found: Values = {}
    if usual is not None:
        if minutes * 100 < usual * limits.duration_short_percent:
            found["short_of"] = round(usual, 1)
        if minutes * 100 > usual * limits.duration_long_percent:
            found["long_of"] = round(usual, 1)
    elif minutes < floor:
        found |= {"short_of": floor, "floor": True}
    hour = started.astimezone(SHANGHAI).hour
    if hour >= limits.night_from or hour < limits.night_to:
        found["hour"] = hour
    if day_of(started) != day_of(finished):
        found["days"] = (day_of(finished) - day_of(started)).days + 1
    return found | {"minutes": round(minutes, 1)} if found else {}


def _position(paradata: Paradata, profile: Profile, limits: Limits, home: Position | None) -> Values:
    position = paradata.position
    if position is None:
        return {}
    found: Values = {}
    doubt = position.accuracy or 0
    if doubt > limits.position_accuracy:
        found["accuracy"] = round(doubt)
    if position.mock:
        found["mock"] = True
    if home is not None and (away := position.metres_to(home)) > limits.position_from_dwelling + 2 * doubt:
        found["from_dwelling"] = round(away)
    centre = profile.centre(paradata.site)
    if centre is not None and (away := position.metres_to(centre)) > limits.position_from_site + 2 * doubt:
        found["from_site"] = round(away)
    if (households := profile.shared_by(position)) >= limits.position_repeats:
        found["households"] = households
    return found


def _lines(paradata: Paradata, limits: Limits) -> Values:
    """Return the longest run of one choice in a battery of questions, if it is nearly all of it."""
    longest, items = 0, 0
    for answers in paradata.scales:
        if len(answers) < limits.scale_items:
            continue
        run = max(len(list(same)) for _, same in groupby(answers))
        if run * 100 > len(answers) * limits.scale_run_percent and run > longest:
            longest, items = run, len(answers)
    return {"run": longest, "items": items} if longest else {}


def _record(paradata: Paradata, limits: Limits) -> Values:
    found: Values = {}
    if not paradata.newest:
        found["old_form"] = True
    if paradata.clock_off is not None and abs(paradata.clock_off) > limits.clock_off_minutes:
        found["clock_off"] = round(paradata.clock_off)
    if paradata.finished is not None:
        late = paradata.received - paradata.finished
        if late > timedelta(days=limits.late_days):
            found["late_days"] = late.days
    if (minutes := paradata.minutes) is not None and minutes < 0:
        found["backwards"] = True
    return found
