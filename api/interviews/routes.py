"""Interviews of the households in the caller's region."""

from datetime import datetime
from typing import Any

from access import Accounts
from api.base import Blueprint
from api.blobs.present import photos_of
from api.guard import act, allow, me
from api.households.schemas import OpAccepted
from api.interviews.present import COUNTING, item, state_of, whole
from api.interviews.schemas import InterviewArgs, InterviewPage, InterviewSchema, Return
from api.paging import page_of, read_place
from api.services import services
from api.unmasking import Unmask, Unmasked, unmasked
from core.problems import Conflict, NotFound, Unprocessable
from forms.log import Logged
from forms.op import OpKind
from ledger.model import Household
from ledger.repository import Entry
from sync.office import submit

blueprint = Blueprint("interviews", __name__, url_prefix="/interviews", description="What was answered.")


@blueprint.at("")
@allow("interviews:read", NotFound)
@blueprint.takes(InterviewArgs, "query")
@blueprint.gives(InterviewPage)
def listed(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List revisions of a household's or a user's interviews, newest first."""
    place, limit = read_place(args["after"], datetime, str), args["limit"]
    found, more = _of_household(args, place, limit) if args["household"] else _of_user(args, place, limit)
    households = _households(found)
    shown = [
        item(logged, households[logged.op.household])
        for logged in found
        if logged.op.household in households and args["round"] in {None, logged.op.round}
    ]
    return page_of(shown, found[-1].op.log_order if more else None)


@blueprint.at("/<op_id>")
@allow("interviews:read", NotFound)
@blueprint.gives(InterviewSchema)
def one(op_id: str) -> dict[str, Any]:
    """Read a revision with its answers, its issues and what became of it."""
    logged, entry = _found(op_id)
    version = services().forms.get(logged.op.form or "")
    return whole(logged, entry.household, version) | {"photos": photos_of(logged)}


@blueprint.at("/<op_id>/unmask", "POST")
@allow("interviews:unmask", NotFound)
@blueprint.takes(Unmask)
@blueprint.gives(Unmasked)
def unmask(body: dict[str, Any], op_id: str) -> dict[str, Any]:
    """Read answers in full; pointers lead into `answers`. Who asked, for what and why is kept in the trail."""
    logged, entry = _found(op_id)
    return unmasked(
        logged.op.body.get("answers", {}),
        body["fields_"],
        body["reason"],
        action="interviews:unmask",
        target=f"op/{op_id}",
        region=entry.household.region,
    )


@blueprint.at("/<op_id>/return", "POST")
@allow("interviews:return", NotFound, Conflict)
@blueprint.takes(Return)
@blueprint.gives(OpAccepted, 201)
def send_back(body: dict[str, str], op_id: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return an interview to its enumerator for correction; it counts until the correction comes."""
    logged, entry = _found(op_id)
    state = state_of(logged, entry.household)
    if state not in COUNTING:
        raise Conflict(f"This revision is {state}; only one that counts can be returned.")
    said = {"interview": logged.op.interview, "revision": logged.op.revision, "reason": body["reason"]}
    sent = submit(services(), me(), OpKind.RETURN, entry.household.id, said, services().clock.now())
    return {"op": sent, "household": entry.household.id}, {"Location": f"/api/v1/ops/{sent}"}


def _found(op_id: str) -> tuple[Logged, Entry]:
    """Return a revision, and the entry of its household, which lies in the caller's region."""
    logged = services().log.get(op_id)
    if logged is None or logged.op.kind is not OpKind.INTERVIEW:
        raise NotFound
    entry = services().ledger.get_within(me().region, logged.op.household)
    if entry is None:
        raise NotFound
    return logged, entry


def _of_household(
    args: dict[str, Any], place: tuple[Any, ...] | None, limit: int
) -> tuple[list[Logged], bool]:
    household = args["household"]
    if services().ledger.get_within(me().region, household) is None:
        raise NotFound
    found = [
        logged
        for logged in reversed(services().log.of_households([household])[household])
        if logged.op.kind is OpKind.INTERVIEW
        and args["user"] in {None, logged.op.user}
        and (place is None or logged.op.log_order < place)
    ]
    return found[:limit], len(found) > limit


def _of_user(args: dict[str, Any], place: tuple[Any, ...] | None, limit: int) -> tuple[list[Logged], bool]:
    if args["user"] is None:
        raise Unprocessable(errors=[{"at": "/household", "message": "say whose: `household` or `user`"}])
    user = Accounts(services().store, act()).get(args["user"]).id
    before = None if place is None else (place[0], place[1])
    found = services().log.interviews_of_user(user, before=before, limit=limit + 1)
    return found[:limit], len(found) > limit


def _households(found: list[Logged]) -> dict[str, Household]:
    """Return the households of revisions that lie in the caller's region."""
    entries = services().ledger.many({logged.op.household for logged in found})
    return {_id: entry.household for _id, entry in entries.items() if me().covers(entry.household.region)}
