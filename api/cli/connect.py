"""How a command reaches the database: the given one, the one that `ruhu serve` runs, or one of its own."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from api.cli import console
from core.settings import Settings
from store import EmbeddedMongod, Store, first_key, migrate, open_store, running_uri


def settings() -> Settings:
    """Read the settings of this process."""
    return Settings.from_env(os.environ)


@contextmanager
def database(wanted: Settings) -> Iterator[tuple[Settings, Store]]:
    """Yield settings with a reachable `mongodb_uri`, and its migrated store; see `reached`."""
    with reached(wanted) as (known, store):
        if not wanted.mongodb_uri:
            make_first_key(store, known)
        migrate(store)
        yield known, store


@contextmanager
def reached(wanted: Settings) -> Iterator[tuple[Settings, Store]]:
    """Yield settings with a reachable `mongodb_uri`, and its store as it is.

    Without RUHU_MONGODB_URI, a running server's private mongod is shared; else one is started for this command.
    """
    uri = wanted.mongodb_uri or running_uri(wanted.data_path)
    mongod = None
    if not uri:
        mongod = EmbeddedMongod(wanted.data_path)
        uri = mongod.start()
    known = replace(wanted, mongodb_uri=uri)
    try:
        with closing(open_store(known)) as store:
            yield known, store
    finally:
        if mongod is not None:
            mongod.stop()


def make_first_key(store: Store, known: Settings) -> None:
    """Make the master key of a private mongod that has none yet, and say where it lies."""
    told = first_key(store, known)
    if told is not None:
        console.print(told, soft_wrap=True)
