"""`ruhu user` and `ruhu device`: accounts and phones."""

import click
import segno

from access.accounts import Accounts, find_user
from access.devices import Devices
from access.model import Act, Device, DeviceState, User
from access.passwords import new_password
from api.cli import console
from api.cli.connect import database, settings
from api.cli.processes import served_url
from api.cli.tables import show
from core.clock import SystemClock
from core.principal import Principal, Role
from core.problems import NotFound
from store import Store
from sync.clocks import estimate

OPERATOR = Principal("operator", Role.ADMINISTRATOR, "")
"""Whoever may run commands on the server: bound by no region."""

_PAGE = 200


def _act() -> Act:
    return Act(OPERATOR, SystemClock().now())


def _known(store: Store, login: str) -> User:
    found = find_user(store, login)
    if found is None:
        raise NotFound(f"There is no account {login}.")
    return found


@click.group()
def user() -> None:
    """Accounts."""


@user.command("add")
@click.argument("login")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--region", required=True, help="Region code: city 4, banner 6, sumu 9, gacha 12 digits.")
@click.option("--unit", help="Responsible unit of an officer, such as education.")
def add_user(login: str, name: str, role: str, region: str, unit: str | None) -> None:
    """Make an account and print its first password, which is changed at the first sign-in, within a week."""
    password = new_password()
    with database(settings()) as (_, store):
        made = Accounts(store, _act()).create(
            login=login,
            name=name,
            role=Role(role),
            region=region,
            unit=unit,
            password=password,
            temporary=True,
        )
    console.print(f"{login}  id: {made.id}  password: [bold]{password}[/bold]  (shown once)", soft_wrap=True)


@user.command("list")
def list_users() -> None:
    """List the accounts."""
    rows = []
    with database(settings()) as (_, store):
        accounts, place = Accounts(store, _act()), None
        while True:
            users, place = accounts.list(limit=_PAGE, place=place)
            rows += [
                (each.login, each.name, each.role, each.region, each.unit or "", each.state) for each in users
            ]
            if place is None:
                break
    show(("login", "name", "role", "region", "unit", "state"), rows)


@user.command("password")
@click.argument("login")
def reset_password(login: str) -> None:
    """Give an account a one-time password and end its sessions and API keys."""
    password = new_password()
    with database(settings()) as (_, store):
        Accounts(store, _act()).set_password(_known(store, login).id, password, temporary=True)
    console.print(f"{login}  password: [bold]{password}[/bold]  (shown once)")


@click.group()
def device() -> None:
    """Phones."""


@device.command("code")
@click.argument("login")
def code(login: str) -> None:
    """Print a one-time enrolment code for a user's phone, as text and as QR code."""
    with database(settings()) as (known, store):
        text, until = Devices(store, _act()).make_code(_known(store, login).id)
        url = served_url(known) or f"http://{known.host}:{known.port}"
    console.print(f"code [bold]{text}[/bold]  valid until {until.astimezone():%H:%M}")
    segno.make(f"{url}/#enrol={text}").terminal(compact=True)


@device.command("list")
def list_devices() -> None:
    """List the phones."""
    rows = []
    with database(settings()) as (_, store):
        devices, place = Devices(store, _act()), None
        while True:
            page, place = devices.list(limit=_PAGE, place=place)
            for found in page:
                seen = f"{found.last_seen:%Y-%m-%d %H:%M}" if found.last_seen else ""
                waiting = str(found.outbox.get("pending", ""))
                missing = ", ".join(f"{first}–{last}" for first, last in found.missing)
                rows.append((
                    found.id, found.user, found.region, found.state, seen, waiting, missing,
                    _clock(found), str(len(found.clones) or ""),
                ))  # fmt: skip
            if place is None:
                break
    show(
        ("id", "user", "region", "state", "last seen", "waiting", "not here", "clock", "copies"),
        rows,
        prose=("not here",),
    )


def _clock(found: Device) -> str:
    known = estimate(found.clocks)
    return f"{known.offset_ms / 1000:+.1f} s ({known.quality})" if known else ""


@device.command("retire")
@click.argument("device_id")
@click.option("--stolen", is_flag=True, help="Refuse it altogether; a retired phone may still push.")
def retire(device_id: str, stolen: bool) -> None:
    """Retire a phone, or mark it stolen."""
    state = DeviceState.STOLEN if stolen else DeviceState.RETIRED
    with database(settings()) as (_, store):
        devices = Devices(store, _act())
        devices.set_state(device_id, state, version=devices.get(device_id).version)
    console.print(f"{device_id} is {state.value}")
