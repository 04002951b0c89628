"""Findings of the caller's region; an officer sees those of the own unit."""

from datetime import date
from typing import Any

from api.base import Blueprint
from api.conditional import etag, matched
from api.findings.present import item, tag, whole
from api.findings.schemas import FindingArgs, FindingPage, FindingSchema, Language, Reply
from api.guard import allow
from api.households.schemas import OpAccepted
from api.language import language
from api.paging import page_of, read_place
from api.scope import now, say, sight
from api.services import services
from core.clock import day_of
from core.problems import BadTransition, NotFound, Unprocessable
from forms.op import OpKind
from validators.findings import LIVE, Filters, allowed

blueprint = Blueprint("findings", __name__, url_prefix="/findings", description="Cases to act upon.")


@blueprint.at("")
@allow("findings:read")
@blueprint.takes(FindingArgs, "query")
@blueprint.gives(FindingPage)
def listed(args: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """List findings, soonest deadline first, in the words of `lang` or Accept-Language."""
    place, limit, said_in = read_place(args["after"], date, str), args["limit"], language(args["lang"])
    after = None if place is None else (place[0], place[1])
    found = sight().findings(args["region"], _filters(args), after=after, limit=limit + 1)
    shown, policy = found[:limit], services().engine.policy
    items = [item(finding, entry.household, policy, said_in) for finding, entry in shown]
    return page_of(items, (shown[-1][0].due, shown[-1][0].id) if len(found) > limit else None)


@blueprint.at("/<finding_id>")
@allow("findings:read", NotFound)
@blueprint.takes(Language, "query")
@blueprint.gives(FindingSchema)
def one(args: dict[str, Any], finding_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Read a finding with its history and what may be done next."""
    finding, entry = sight().finding(finding_id)
    said_in = language(args["lang"])
    headers = etag(f"{tag(finding)}.{entry.version}.{said_in}") | {"Vary": "Accept-Language"}
    policy = services().engine.policy
    return whole(finding, entry.household, policy, said_in), headers


@blueprint.at("/<finding_id>/replies", "POST")
@allow("findings:reply", NotFound, BadTransition, edit=True)
@blueprint.takes(Reply)
@blueprint.gives(OpAccepted, 201)
def reply(body: dict[str, Any], finding_id: str) -> tuple[dict[str, str], dict[str, str]]:
    """Reply to a finding: acknowledge, act, verify, dismiss with a reason, reopen, or comment."""
    finding, _ = sight().finding(finding_id)
    matched(tag(finding), up_to=".")
    if body["action"] not in allowed(finding.state):
        raise BadTransition(f"It is {finding.state}.", allowed=list(allowed(finding.state)))
    if body["action"] == "dismiss" and not body["reason"].strip():
        raise Unprocessable(errors=[{"at": "/reason", "message": "say why it is dismissed"}])
    if body["action"] == "verify" and not body["evidence"]:
        raise Unprocessable(
            errors=[{"at": "/evidence", "message": "show what verifies it, or wait for a visit"}]
        )
    return say(OpKind.REPLY, finding.household, {"finding": finding.id, **body})


def _filters(args: dict[str, Any]) -> Filters:
    states = (args["state"],) if args["state"] else tuple(LIVE) if args["overdue"] else ()
    return Filters(
        unit=args["unit"],
        states=states,
        rule=args["rule"],
        severity=args["severity"],
        household=args["household"],
        overdue_on=day_of(now()) if args["overdue"] else None,
    )
