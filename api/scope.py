"""What the caller of this request may see and change. Views reach the data through these, and through nothing else."""

from datetime import date, datetime
from typing import Any

from access import Accounts, Devices, Holdings, SecondFactor
from access.audit import Trail
from access.bulk import UserImport
from api.guard import act, me
from api.services import services
from forms.op import OpKind
from reports.desk import Reports
from reports.repository import Report
from reports.table import Labels
from store import Document
from sync.backcheck import draw
from sync.follow.desk import Desk
from sync.notify.outbox import Feed
from sync.notify.webhooks import Webhooks
from sync.office import submit
from sync.routing import Routing
from sync.sight import Sight
from sync.worklists import Plans


def sight() -> Sight:
    """Return households, interviews, findings and ops as the caller sees them."""
    return Sight(services(), me())


def accounts() -> Accounts:
    """Return the accounts as the caller sees them."""
    return Accounts(services().store, act())


def holdings() -> Holdings:
    """Return the caller's own sessions, phones' tokens and API keys."""
    return Holdings(services().store, act(), me().user, me().region)


def holdings_of(user_id: str) -> Holdings:
    """Return the tokens of a user whose account the caller may change.

    Raises:
        NotFound, NotAllowed: there is none, or it is not so.
    """
    user = accounts().governed(user_id)
    return Holdings(services().store, act(), user.id, user.region)


def second_factor() -> SecondFactor:
    """Return the caller's own second factor."""
    return SecondFactor(services().store, act())


def user_import() -> UserImport:
    """Return what imports accounts that the caller may make."""
    return UserImport(services().store, act(), services().engine.policy.units.keys())


def devices() -> Devices:
    """Return the phones as the caller sees them."""
    return Devices(services().store, act())


def trail() -> Trail:
    """Return the audit trail as the caller sees it."""
    return Trail(services().store, act())


def plans() -> Plans:
    """Return rounds and work lists as the caller sees them."""
    return Plans(services(), act())


def reports() -> Reports:
    """Return the monthly reports as the caller sees them."""
    return Reports(services(), act())


def labels(report: Report) -> Labels:
    """Return the names that the table of a report shows: of places and units, and of those who signed it."""
    return Labels(services().engine.policy, reports().people(report.head))


def desk() -> Desk:
    """Return the cases as the caller sees them and works on them."""
    return Desk(services(), act())


def news() -> Feed:
    """Return the news that the caller is to hear of."""
    return Feed(services().store, me())


def routing() -> Routing:
    """Return the routing as the caller changes it."""
    return Routing(services().store, services().routed, act())


def webhooks() -> Webhooks:
    """Return the webhooks as the caller sees them."""
    return Webhooks(services(), act())


def back_checked(round_id: str, assignees: list[str], due: date | None) -> tuple[Document, int]:
    """Open the back-check of a round that the caller sees; see `sync.backcheck.draw`."""
    return draw(services(), act(), round_id, assignees, due)


def say(kind: OpKind, household: str, body: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Store an op of the caller; return the answer that names it, and its headers."""
    op_id = submit(services(), me(), kind, household, body, now())
    return {"op": op_id, "household": household}, {"Location": f"/api/v1/ops/{op_id}"}


def now() -> datetime:
    """Return the present instant."""
    return services().clock.now()
