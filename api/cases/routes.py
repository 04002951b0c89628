"""Cases of the caller's region; an officer works on those of the own unit."""

from collections.abc import Callable
from datetime import date
from typing import Any

from api.base import Blueprint
from api.cases.present import failed, item, people_of, whole
from api.cases.schemas import (
    CaseAct,
    CaseActed,
    CaseArgs,
    CaseAssign,
    CaseBulk,
    CaseBulkResults,
    CaseComment,
    CaseCommented,
    CaseItem,
    CaseLanguage,
    CaseOwners,
    CasePage,
    CaseSchema,
    CaseSummary,
    Where,
)
from api.guard import allow, caller, may, me
from api.language import language
from api.paging import page_of, read_place
from api.rates import HEAVY
from api.scope import desk, now
from api.services import services
from core.clock import day_of
from core.problems import BadTransition, NotAllowed, NotFound
from sync.follow.desk import Action, Desk, Which
from sync.follow.repository import LIVE_STATES, CaseFilters

blueprint = Blueprint("cases", __name__, url_prefix="/cases", description="What an office works on.")
Shown = tuple[dict[str, Any], dict[str, str]]


@blueprint.at("")
@allow("cases:read")
@blueprint.takes(CaseArgs, "query")
@blueprint.gives(CasePage)
def listed(args: dict[str, Any]) -> Shown:
    """List the cases to be worked on, or in which a unit cooperates, soonest deadline first."""
    place = read_place(args["after"], str, str)
    at_hand, today = desk(), day_of(now())
    found, following = at_hand.page(_which(args), _filters(args, today), place=place, limit=args["limit"])
    names = at_hand.names_of(kept.owner for kept, _ in found)
    return page_of([item(kept, entry, names, today) for kept, entry in found], following)


@blueprint.at("/summary")
@allow("cases:read")
@blueprint.takes(Where, "query")
@blueprint.gives(CaseSummary)
def summary(args: dict[str, Any]) -> dict[str, Any]:
    """Tell how much work there is, by unit and part of the region."""
    return {"as_of": day_of(now()), "rows": desk().summary(_which(args))}


@blueprint.at("/<case>")
@allow("cases:read", NotFound)
@blueprint.takes(CaseLanguage, "query")
@blueprint.gives(CaseSchema)
def one(args: dict[str, Any], case: str) -> Shown:
    """Read a case: its findings, and one history of replies, visits, comments and escalation."""
    at_hand = desk()
    found = at_hand.whole(case)
    names, policy = at_hand.names_of(people_of(found)), services().engine.policy
    shown = whole(found, names, policy, language(args["lang"]), day_of(now()))
    return shown, {"Vary": "Accept-Language"}


@blueprint.at("/<case>/owners")
@allow("cases:write", NotFound)
@blueprint.gives(CaseOwners)
def owners(case: str) -> dict[str, Any]:
    """List the officers to whom the case can be given."""
    return {"items": [{"id": user.id, "name": user.name} for user in desk().owners(case)]}


@blueprint.at("/<case>/assign", "POST")
@allow("cases:write", NotFound)
@blueprint.takes(CaseAssign)
@blueprint.gives(CaseItem)
def assign(body: dict[str, Any], case: str) -> dict[str, Any]:
    """Give a case to an officer of its unit, or to nobody."""
    at_hand = desk()
    kept = at_hand.assign(case, body["owner"])
    return item(kept, at_hand.about(kept), at_hand.names_of([kept.owner]), day_of(now()))


@blueprint.at("/<case>/actions", "POST")
@allow("findings:reply", NotFound, BadTransition)
@blueprint.takes(CaseAct)
@blueprint.gives(CaseActed, 201)
def act(body: dict[str, Any], case: str) -> dict[str, Any]:
    """Act on findings of a case, with evidence: each gets a reply in the log."""
    return {"ops": desk().act(case, Action(**body))}


@blueprint.at("/<case>/comments", "POST")
@allow("cases:write", NotFound)
@blueprint.takes(CaseComment)
@blueprint.gives(CaseCommented, 201)
def comment(body: dict[str, Any], case: str) -> dict[str, Any]:
    """Write a comment on a case; it changes no finding."""
    added = desk().comment(case, body["text"])
    return {"id": added.id, "at": added.at}


@blueprint.at("/bulk", "POST")
@allow("cases:write", more=("findings:reply",), rate=HEAVY)
@blueprint.takes(CaseBulk)
@blueprint.gives(CaseBulkResults)
def bulk(body: dict[str, Any]) -> dict[str, Any]:
    """Assign, acknowledge or act on many cases; each is told what became of it, one that fails hinders no other."""
    at_hand = desk()
    told = at_hand.each(body["cases"], body["action"], _work(at_hand, body))
    results = [
        {"case": case, "status": "done", "problem": None}
        if problem is None
        else {"case": case, "status": "failed", "problem": failed(problem)}
        for case, problem in told
    ]
    return {"results": results}


def _work(at_hand: Desk, body: dict[str, Any]) -> Callable[[str], object]:
    if body["action"] == "assign":
        return lambda case: at_hand.assign(case, body["owner"])
    if not may(caller(), "findings:reply"):
        raise NotAllowed("findings:reply is not for this token.", action="findings:reply")
    action = Action(body["action"], note=body["note"], evidence=body["evidence"])
    return lambda case: at_hand.act(case, action)


def _which(args: dict[str, Any]) -> Which:
    return Which(args["region"], args["unit"], args["part"])


def _filters(args: dict[str, Any], today: date) -> CaseFilters:
    owner = {"me": me().user, "none": ""}.get(args["owner"], args["owner"])
    return CaseFilters(
        states=(args["state"],) if args["state"] else LIVE_STATES,
        owner=owner,
        severity=args["severity"],
        overdue_on=today if args["overdue"] else None,
    )
