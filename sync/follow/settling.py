"""Cases follow their findings, in the transaction that writes these; and who is to hear of it is noted there too."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from core.clock import day_of
from store import Session
from sync.follow.repository import CaseRepository, Kept
from sync.notify import outbox
from sync.notify.outbox import News
from sync.services import Services
from validators.cases import Case, CaseState, cases_of, step_day
from validators.life import Finding
from validators.policy import Policy


def follow(
    services: Services, households: Iterable[str], findings: Iterable[Finding], session: Session
) -> None:
    """Bring the cases of households to what all their findings say; what did not change is not written.

    Args:
        services: the process's.
        households: which.
        findings: all findings of these.
        session: of the transaction that writes the findings.
    """
    repository, now = CaseRepository(services.store), services.clock.now()
    policy = services.engine.policy
    present = repository.of_households(households, session)
    changed, news = [], []
    for before, case in _pairs(present, cases_of(findings, policy)):
        after = stand(before, case, day_of(now), policy)
        if after != before:
            changed.append(after)
            news += list(_told(before, after))
    repository.put(session, changed)
    outbox.write(services.store, news, now, session)


def _pairs(present: dict[str, Kept], wanted: dict[str, Case]) -> Iterator[tuple[Kept | None, Case]]:
    """Yield each case as it is kept and as its findings make it; one without findings is closed."""
    for name, case in sorted(wanted.items()):
        yield present.get(name), case
    for name, kept in sorted(present.items()):
        if name not in wanted:
            yield kept, emptied(kept.case)


def emptied(case: Case) -> Case:
    """Return a case all whose findings went to another unit."""
    return replace(case, state=CaseState.CLOSED, rules=(), live=0)


def stand(before: Kept | None, case: Case, day: date, policy: Policy) -> Kept:
    """Return how a case is to be kept: steps of escalation are counted anew once it is no longer overdue."""
    level = before.level if before is not None and case.overdue(day) else 0
    owner = before.owner if before is not None else None
    return Kept(case, owner, level, step_day(case, level, policy))


def _told(before: Kept | None, after: Kept) -> Iterator[outbox.Item]:
    """Yield what the unit, the owner, and who cooperates are to hear of a change.

    That a deadline moved is to be seen in the list. Of what grows, those hear who begin to cooperate by it.
    """
    case = after.case
    to = [*outbox.of_user(after.owner), *outbox.of_unit(case)]
    was, now = before.case.live if before is not None else 0, case.live
    if now and not was:
        yield outbox.Item(
            News.OPENED if before is None else News.REOPENED, case, to, helping=case.cooperating
        )
    elif was and not now:
        yield outbox.Item(News.CLOSED, case, to, helping=case.cooperating)
    elif now > was:
        known = before.case.cooperating if before is not None else ()
        joined = [unit for unit in case.cooperating if unit not in known]
        yield outbox.Item(News.GREW, case, to, helping=joined)
