"""Interviews of the households in the caller's region."""

from datetime import datetime
from typing import Any

from api.base import Blueprint
from api.blobs.present import photos_of
from api.guard import allow
from api.households.schemas import OpAccepted
from api.interviews.present import COUNTING, item, state_of, whole
from api.interviews.schemas import InterviewArgs, InterviewPage, InterviewSchema, Return
from api.paging import page_of, read_place
from api.rates import HEAVY
from api.scope import accounts, say, sight
from api.services import services
from api.unmasking import Unmask, Unmasked, unmasked
from core.problems import Conflict, NotFound, Unprocessable
from forms.op import OpKind
from sync.sight import Said

blueprint = Blueprint("interviews", __name__, url_prefix="/interviews", description="What was answered.")


@blueprint.at("")
@allow("interviews:read", NotFound)
@blueprint.takes(InterviewArgs, "query")
@blueprint.gives(InterviewPage)
def listed(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List revisions of a household's or a user's interviews, newest first."""
    place, limit = read_place(args["after"], datetime, str), args["limit"]
    found, more = _of_household(args, place, limit) if args["household"] else _of_user(args, place, limit)
    shown = [
        item(said.logged, said.household) for said in found if args["round"] in {None, said.logged.op.round}
    ]
    return page_of(shown, found[-1].logged.op.log_order if more else None)


@blueprint.at("/<op_id>")
@allow("interviews:read", NotFound)
@blueprint.gives(InterviewSchema)
def one(op_id: str) -> dict[str, Any]:
    """Read a revision with its answers, its issues and what became of it."""
    said = sight().interview(op_id)
    version = services().forms.get(said.logged.op.form or "")
    return whole(said.logged, said.household, version) | {"photos": photos_of(said.logged)}


@blueprint.at("/<op_id>/unmask", "POST")
@allow("interviews:unmask", NotFound, rate=HEAVY)
@blueprint.takes(Unmask)
@blueprint.gives(Unmasked)
def unmask(body: dict[str, Any], op_id: str) -> dict[str, Any]:
    """Read answers in full; pointers lead into `answers`. Who asked, for what and why is kept in the trail."""
    said = sight().interview(op_id)
    return unmasked(
        said.logged.op.body.get("answers", {}),
        body["fields_"],
        body["reason"],
        action="interviews:unmask",
        target=f"op/{op_id}",
        region=said.household.region,
    )


@blueprint.at("/<op_id>/return", "POST")
@allow("interviews:return", NotFound, Conflict)
@blueprint.takes(Return)
@blueprint.gives(OpAccepted, 201)
def send_back(body: dict[str, str], op_id: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return an interview to its enumerator for correction; it counts until the correction comes."""
    said = sight().interview(op_id)
    op, state = said.logged.op, state_of(said.logged, said.household)
    if state not in COUNTING:
        raise Conflict(f"This revision is {state}; only one that counts can be returned.")
    asked = {"interview": op.interview, "revision": op.revision, "reason": body["reason"]}
    return say(OpKind.RETURN, said.household.id, asked)


def _of_household(args: dict[str, Any], place: tuple[Any, ...] | None, limit: int) -> tuple[list[Said], bool]:
    found = [
        said
        for said in sight().interviews_about(args["household"])
        if args["user"] in {None, said.logged.op.user} and (place is None or said.logged.op.log_order < place)
    ]
    return found[:limit], len(found) > limit


def _of_user(args: dict[str, Any], place: tuple[Any, ...] | None, limit: int) -> tuple[list[Said], bool]:
    if args["user"] is None:
        raise Unprocessable(errors=[{"at": "/household", "message": "say whose: `household` or `user`"}])
    user = accounts().get(args["user"]).id
    before = None if place is None else (place[0], place[1])
    found = sight().interviews_by(user, before=before, limit=limit + 1)
    return found[:limit], len(found) > limit
