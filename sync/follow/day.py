"""What the calendar does to cases: tells overdue ones to the next one up, and frees those whose owner is gone.

The database is the work list: each case says on which day it is to be told next. A run that is cut short, or never
called, is made up for by the next; a step that was taken is counted in the transaction that tells of it, so each is
taken once.
"""

from datetime import date

from access.model import User
from core.clock import day_of
from core.ids import uuid7
from core.principal import Role
from store import Session
from store.paging import areas
from sync.follow.repository import Added, CaseRepository, Kept
from sync.notify import outbox
from sync.notify.outbox import News
from sync.services import Services
from validators.cases import step_day
from validators.policy import STEPS

_PART = 200


def escalate(services: Services, day: date) -> int:
    """Take every step of escalation that has come by a day; return how many.

    A case that waited while nobody ran this is told to all whose turn has come.

    Args:
        services: the process's.
        day: today in Asia/Shanghai.
    """
    repository, total = CaseRepository(services.store), 0
    while part := repository.to_tell(day, _PART):
        taken = sum(_take(services, repository, kept, day) for kept in part)
        if not taken:
            break
        total += taken
    return total


def _take(services: Services, repository: CaseRepository, kept: Kept, day: date) -> bool:
    """Tell a case to the next one up; False when it changed meanwhile."""
    step = STEPS[kept.level]
    following = step_day(kept.case, kept.level + 1, services.engine.policy)
    now = services.clock.now()

    def work(session: Session) -> bool:
        if not repository.take_step(kept, following, session):
            return False
        repository.add(kept.case, Added(uuid7(), now, day, "escalated", None, step=step), session)
        to = [*outbox.of_step(step, kept.case), *outbox.of_user(kept.owner)]
        item = outbox.Item(News.OVERDUE, kept.case, to, step=step)
        outbox.write(services.store, [item], now, session)
        return True

    return services.store.transaction(work)


def free(services: Services) -> int:
    """Take cases from owners who can no longer work on them, and tell the unit; return how many.

    An owner is gone when the account is disabled, or its unit or region no longer holds the case.
    """
    repository, freed = CaseRepository(services.store), 0
    owners = repository.owners()
    found = services.store["users"].find({"_id": {"$in": owners}, "role": Role.OFFICER.value})
    users = {document["_id"]: User.from_document(document) for document in found}
    for owner in owners:
        for kept in repository.owned_by(owner):
            if not _fits(users.get(owner), kept):
                _free(services, repository, kept)
                freed += 1
    return freed


def _fits(user: User | None, kept: Kept) -> bool:
    return (
        user is not None
        and user.state.value == "active"
        and user.unit == kept.case.unit
        and user.region in areas(kept.case.region)
    )


def _free(services: Services, repository: CaseRepository, kept: Kept) -> None:
    now = services.clock.now()

    def work(session: Session) -> None:
        repository.own(kept.case.id, None, session)
        repository.add(kept.case, Added(uuid7(), now, day_of(now), "assigned", None), session)
        item = outbox.Item(News.ASSIGNED, kept.case, outbox.of_unit(kept.case))
        outbox.write(services.store, [item], now, session)

    services.store.transaction(work)
