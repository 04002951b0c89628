"""优先落实搬迁群众就业困难人群就业: somebody hard to employ is out of work and was offered no post (五(三))."""

from collections.abc import Iterator
from datetime import date, timedelta

from core.spans import FOREVER, Span
from ledger.model import Person
from validators.rule import Case, Outcome, Severity, rule
from validators.verdict import NO
from validators.work import JOB, told, willing

_DAYS = "work.post.days"
_OUT = frozenset({"6", "7"})


@rule("work/no-public-post-offered", clause="五(三)", severity=Severity.MAJOR, parameters=(_DAYS,))
def no_public_post_offered(person: Person, case: Case) -> Iterator[Outcome]:
    """A person recognised as hard to employ was out of work for more than so many days, and no post was offered.

    Out of work and not offered are what was last said. Who wants no work is outside. The category is not told in the
    message (DOMAIN §7).
    """
    recognised, offered = person.day("hard_to_employ.recognised_on"), person.facts.get("public_post.offered")
    if recognised is None or offered is None or offered.value != "no" or person.left is not None:
        return
    if person.text("hard_to_employ") == "none" or person.day("public_post.offered_on") is not None:
        return
    since = _out_since(person)
    if since is None or willing(person, "work_willing", FOREVER) is NO or not case.today.reached(recognised):
        return
    days = case.parameters.at(_DAYS, on=since, region=case.household.region).value
    if case.today.reached(since + timedelta(days=days + 1)):
        yield Outcome(
            subject=person.id,
            episode=f"out:{since.isoformat()}",
            values={"since": since, "recognised": recognised, "days": days},
            span=Span(since),
            evidence=(offered.said.op,),
        )


def _out_since(person: Person) -> date | None:
    """Return since when the person has been out of work, when that is what was last said; else None."""
    track, state = person.track(JOB), told(person, "admin_status", FOREVER)
    working = track.covered.end or date.min
    absent = [span for span in track.absent if span.start > working]
    days = [absent[-1].start] if absent else []
    losses = (loss for loss in person.records("job_loss") if loss.day("back_on") is None)
    days += [lost for loss in losses if (lost := loss.day("lost_on")) is not None and lost >= working]
    if state is not None and state.said.on > working:
        if state.value not in _OUT:
            return None
        days.append(_first_said(person))
    return min(days, default=None)


def _first_said(person: Person) -> date:
    """Return the day on which the state without work was first told, registered or not."""
    first = person.facts["admin_status"].said.on
    for fact in reversed(person.history("admin_status")):
        if fact.value not in _OUT:
            break
        first = fact.said.on
    return first
