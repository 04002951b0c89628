"""Whether a database is half restored: then it serves nobody until `ruhu restore` has come to its end."""

from core.problems import ConfigurationError
from store.client import Document, Store

MARK = "restoring"
NOTICE_S = 2.0
"""How long a process that serves may go on before it looks again."""


def being_restored(store: Store) -> Document | None:
    """Return the mark of a restore that has not come to its end, or None."""
    return store["meta"].find_one({"_id": MARK})


def refuse_half_restored(store: Store) -> None:
    """Refuse to begin work on a database that is half restored.

    Raises:
        ConfigurationError: it is.
    """
    mark = being_restored(store)
    if mark is not None:
        msg = (
            f"The database {store.database!r} is half restored: a restore of {mark['file']} began at "
            f"{mark['began_at']:%Y-%m-%d %H:%M} UTC and has not come to its end. Wait for it, or run "
            "'ruhu restore FILE' again."
        )
        raise ConfigurationError(msg)
