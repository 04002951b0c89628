"""`ruhu serve`: everything on one machine, in the foreground, until Ctrl-C."""

import signal
import threading
import time
from types import FrameType

import click
import segno

from access.accounts import find_user
from access.devices import Devices
from access.model import Act
from api.cli import console
from api.cli.connect import settings
from api.cli.demo.command import DEMO_HOUSEHOLDS, make_demo
from api.cli.people import OPERATOR
from api.cli.processes import Stack
from api.cli.setup import ADMINISTRATOR, first_administrator, publish_catalogue
from sync.services import Services

_TICK = 0.5


def _say(text: str) -> None:
    console.print(f"[dim]{time.strftime('%H:%M:%S')}[/dim] {text}", soft_wrap=True)


def _introduce(stack: Stack, services: Services, password: str | None, enumerator: str | None) -> None:
    console.rule("Ruhu 入户")
    console.print(f"address     [bold]{stack.url}[/bold]   API document: {stack.url}/api/docs")
    if password:
        console.print(f"account     {ADMINISTRATOR}   password: [bold]{password}[/bold]  (shown once)")
    if enumerator:
        found = find_user(services.store, enumerator)
        if found is not None:
            code, until = Devices(services.store, Act(OPERATOR, services.clock.now())).make_code(found.id)
            console.print(
                f"phone       code [bold]{code}[/bold] for {enumerator}, until {until.astimezone():%H:%M}"
            )
            segno.make(f"{stack.url}/#enrol={code}").terminal(compact=True)
    console.print("Ctrl-C stops everything in order.")


@click.command()
@click.option("--demo-if-empty", is_flag=True, help="Make a demo district when there is no household yet.")
def serve(demo_if_empty: bool) -> None:
    """Start database, web and worker in the foreground."""
    known = settings()
    stack = Stack(known, _say)
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        store = stack.start_database()
        services = Services.open(store, known)
        for name in publish_catalogue(services):
            _say(f"forms: published {name}")
        password = first_administrator(services)
        stack.start_processes()
        _say(f"web and worker: running at {stack.url}")
        enumerator = None
        if demo_if_empty and store["households"].find_one({}, {"_id": 1}) is None:
            enumerator = make_demo(services, stack.url, DEMO_HOUSEHOLDS, seed=1, stopped=stopping.is_set)
        if not stopping.is_set():
            _introduce(stack, services, password, enumerator)
        while not stopping.wait(_TICK):
            stack.watch()
        _say("stopping")
    finally:
        stack.stop()
