"""Numbered, rerunnable migrations. Each module `mNNNN_*.py` has `ABOUT` and `up(store)`."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

from store.client import Store
from store.restoring import refuse_half_restored
from store.sealing import FACT

_NAME = re.compile(r"m(\d{4})_\w+")


def modules() -> Iterator[tuple[int, ModuleType]]:
    """Yield (number, module) of every migration in order."""
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        match = _NAME.fullmatch(info.name)
        if match:
            yield int(match[1]), importlib.import_module(f"{__name__}.{info.name}")


def latest() -> int:
    """Return the schema version of this Ruhu."""
    return max(number for number, _ in modules())


def migrate(store: Store) -> list[str]:
    """Bring the database to this version; return what was done. Safe to run at any time and at once.

    Raises:
        ConfigurationError: the database is half restored, or the master key is missing or another one.
    """
    refuse_half_restored(store)
    sealer = store.sealer
    if store["meta"].find_one({"_id": FACT}, {"_id": 1}) is not None:
        sealer.check()
    return bring_forward(store)


def bring_forward(store: Store) -> list[str]:
    """Run the migrations that are missing, also on a database that is being restored; return what was done."""
    meta = store["meta"]
    done = (meta.find_one({"_id": "schema"}) or {}).get("version", 0)
    steps = []
    for number, module in modules():
        if number > done:
            module.up(store)
            meta.update_one({"_id": "schema"}, {"$max": {"version": number}}, upsert=True)
            steps.append(f"{number:04d} {module.ABOUT}")
    return steps
