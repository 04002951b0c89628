"""How a process comes to its store: with the master key that its settings name, proven before anything is served."""

from contextlib import suppress

from pymongo.errors import PyMongoError

from core.settings import Settings
from store.client import Store
from store.master import FILE, make_key_file, read_master_key
from store.sealing import FACT


def open_store(settings: Settings) -> Store:
    """Return the store of `settings.mongodb_uri`.

    Raises:
        ConfigurationError: the master key that the settings name is not there or is no key.
    """
    return Store(settings.mongodb_uri, settings.database, read_master_key(settings))


def first_key(store: Store, settings: Settings) -> str | None:
    """Make the master key of this machine's own database, if there is no key and nothing was sealed yet.

    Returns:
        What to tell the operator; None when no key was made.
    """
    if store.master is not None or store["meta"].find_one({"_id": FACT}) is not None:
        return None
    store.master = make_key_file(settings.data_path / FILE)
    return (
        f"master key: made in {store.master.source}. Without it nothing that is sealed can be read, in no backup "
        "either: keep a copy of it apart from the data and the backups."
    )


def prove_key(store: Store) -> None:
    """Test the master key, for a process that only serves; a database that cannot answer now is asked later.

    Raises:
        ConfigurationError: there is no key, or another one sealed the database.
    """
    sealer = store.sealer
    with suppress(PyMongoError):
        if store["meta"].find_one({"_id": FACT}, {"_id": 1}) is not None:
            sealer.check()
