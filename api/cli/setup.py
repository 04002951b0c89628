"""What a new database needs before anyone can work: the built-in forms, and an administrator."""

from collections.abc import Iterator

from access.accounts import Accounts, find_user
from access.model import Act
from access.passwords import new_password
from api.cli.people import OPERATOR
from core.principal import Role
from forms.catalogue import drafts
from ledger.dictionary import dictionary
from sync.services import Services
from sync.worklists import announce_forms

CITY = "1506"
ADMINISTRATOR = "admin"


def publish_catalogue(services: Services) -> Iterator[str]:
    """Publish each built-in form version that is not there yet; yield its name."""
    held = {(record.form_id, record.version) for record in services.forms.latest()}
    for draft in drafts().values():
        about = draft["x-form"]
        if (about["form_id"], about["version"]) not in held:
            services.forms.publish(draft, dictionary(), services.clock.now(), OPERATOR)
            yield f"{about['form_id']} {about['version']}"
    announce_forms(services)


def first_administrator(services: Services) -> str | None:
    """Make the first administrator; return the password, or None when there is one already."""
    if find_user(services.store, ADMINISTRATOR) is not None:
        return None
    password = new_password()
    Accounts(services.store, Act(OPERATOR, services.clock.now())).create(
        login=ADMINISTRATOR, name="系统管理员", role=Role.ADMINISTRATOR, region=CITY, password=password
    )
    return password
