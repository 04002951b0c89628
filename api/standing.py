"""A database that is half restored serves nobody: each process looks at it again every two seconds."""

import time

from flask import Flask, current_app

from api.services import services
from core.problems import Unavailable
from store import NOTICE_S, Store, being_restored

_KEY = "ruhu-standing"


class Standing:
    """What this process last saw of the database."""

    def __init__(self) -> None:
        self._looked = float("-inf")
        self._restoring = False

    def restoring(self, store: Store) -> bool:
        """Tell whether the database is being restored, as it was seen at most two seconds ago."""
        now = time.monotonic()
        if now - self._looked >= NOTICE_S:
            self._restoring = being_restored(store) is not None
            self._looked = now
        return self._restoring


def register(app: Flask) -> None:
    """Give the application its own memory of it."""
    app.extensions[_KEY] = Standing()


def refuse_while_restoring() -> None:
    """Refuse the request while the database is being restored.

    Raises:
        Unavailable: it is.
    """
    standing: Standing = current_app.extensions[_KEY]
    if standing.restoring(services().store):
        raise Unavailable("The database is being restored from a backup.")
