"""Back-checks: a tenth of a round's interviews, drawn by lot, is made again by another team (DOMAIN §5, Q19)."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from access.model import Act
from core.clock import day_of
from core.problems import Conflict
from ledger.model import Household, InterviewState
from store import Document
from sync.services import Services
from sync.worklists import Plans, WorkListPlan
from validators.fieldwork.backcheck import drawn

_BATCH = 200
_COUNTS = frozenset({InterviewState.HEAD, InterviewState.FORKED, InterviewState.PARENTLESS})


def draw(
    services: Services, act: Act, round_id: str, assignees: Sequence[str], due: date | None = None
) -> tuple[Document, int]:
    """Draw a round's interviews by lot into the work list of its back-check; return its round and how many are new.

    Who is drawn depends on the interview's id and a key of the server alone, so nobody can foresee it, and a later draw
    takes the same ones besides those of interviews that came since. The first draw opens round and work list.

    Args:
        services: the process's.
        act: who asks, and when.
        round_id: the round whose interviews are checked.
        assignees: user ids of who goes: another team.
        due: last day, or None.

    Raises:
        NotFound: there is no such round in the caller's region.
        Conflict: the round is itself a back-check.
    """
    plans = Plans(services, act)
    base = plans.round(round_id)
    if base.get("back_check_of"):
        raise Conflict("The round is itself a back-check.")
    parameter = services.engine.policy.parameters["fieldwork.backcheck_share"]
    share = float(parameter.at(day_of(act.at), base["region"]).value)
    drawn_now = set(_interviews(services, round_id, base["region"], share))
    made = plans.back_check_of(round_id) or plans.create_round(
        f"{base['title']} 回访核对", base["region"], due, back_check_of=round_id
    )
    if not drawn_now:
        return made, 0
    forms = tuple(sorted({form_id for _, form_id in drawn_now}))
    plan = WorkListPlan(made["title"], made["_id"], forms, tuple(assignees), base["region"], due)
    worklist = plans.list_of(made["_id"]) or plans.create(plan)["_id"]
    return made, plans.assign(worklist, sorted({household for household, _ in drawn_now}))


def _interviews(services: Services, round_id: str, region: str, share: float) -> Iterator[tuple[str, str]]:
    """Yield household and form id of the round's interviews that are drawn."""
    found = services.store["worklists"].find({"round": round_id}, {"_id": 1})
    lists = [each["_id"] for each in found]
    assigned = services.store["assignments"].find({"worklist": {"$in": lists}}, {"household": 1})
    names = iter(sorted({each["household"] for each in assigned}))
    while batch := list(islice(names, _BATCH)):
        for name, entry in services.ledger.many(batch).items():
            home = entry.household
            if isinstance(home, Household) and home.region.startswith(region):
                made = (i for i in home.interviews if i.round == round_id and i.state in _COUNTS)
                for each in made:
                    if drawn(services.store.sealer.fingerprint("back-check", each.id), share):
                        yield name, each.form_id
