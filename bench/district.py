"""A district for the benchmarks: households registered, interviews as a phone sends them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from api.cli.demo.answers import fill, told
from api.cli.demo.command import FORMS, _moment, _roster_row
from api.cli.demo.population import District, Home
from api.cli.people import OPERATOR
from api.cli.setup import publish_catalogue
from core.clock import SystemClock, day_of
from core.collector import spare_the_collector
from core.ids import uuid7
from forms.canonical import digest
from store import MasterKey, Store, migrate
from sync.registry import register
from sync.services import Services

MASTER = MasterKey(bytes(96), "the benchmarks")


def services(uri: str, database: str, kind: type[Store] = Store) -> Services:
    store = kind(uri, database, MASTER)
    store.client.drop_database(database)
    migrate(store)
    made = Services.build(store, SystemClock())
    list(publish_catalogue(made))
    spare_the_collector()  # as in the processes that are measured here
    return made


def registered(made: Services, count: int) -> list[Home]:
    homes = list(District(1, day_of(made.clock.now())).homes(count))
    for start in range(0, count, 500):
        enter(made, homes[start : start + 500])
    return homes


def enter(made: Services, homes: Sequence[Home]) -> None:
    """Enter some homes into the register."""
    register(made, OPERATOR, [(home.id, home.region, _roster_row(home)) for home in homes])


def interview_ops(
    made: Services, homes: Sequence[Home], days_ago: int, first_n: int = 1, forms: Sequence[str] = FORMS
) -> list[dict[str, Any]]:
    on: date = day_of(made.clock.now()) - timedelta(days=days_ago)
    versions = {r.form_id: made.forms.get(r.sha256) for r in made.forms.latest()}
    ops = []
    for home in homes:
        for form_id in forms:
            version = versions[form_id]
            assert version is not None
            body = {
                "interview": uuid7(), "revision": uuid7(), "parent": None, "household": home.id, "round": None,
                "form": version.sha256, "started": {"wall": _moment(on, 9), "mono": 0, "boot": "then"},
                "finished": {"wall": _moment(on, 10), "mono": 1, "boot": "then"},
                "answers": fill(version, told(home, on, date(home.move_in.year - 1, 1, 1)), on), "blobs": [],
            }  # fmt: skip
            op = {
                "id": uuid7(),
                "n": first_n + len(ops),
                "kind": "interview",
                "sha256": digest(body),
                "body": body,
            }
            ops.append(op)
    return ops
