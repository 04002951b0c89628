"""A database that is half restored serves nobody: each process looks again every two seconds."""

import time

from flask import Flask, request

from api.services import services
from core.problems import Unavailable
from store import NOTICE_S, DatabaseError, being_restored

_ALWAYS = "health.live"


class Standing:
    """What this process last saw of the database."""

    def __init__(self) -> None:
        self._looked = float("-inf")
        self._restoring = False

    def check(self) -> None:
        """Refuse the request while the database is being restored.

        Raises:
            Unavailable: it is.
        """
        if request.endpoint == _ALWAYS:
            return
        now = time.monotonic()
        if now - self._looked >= NOTICE_S:
            self._looked = now
            try:
                self._restoring = being_restored(services().store) is not None
            except DatabaseError:
                return  # the request itself will tell, if it needs the database
        if self._restoring:
            raise Unavailable("The database is being restored from a backup.")


def register(app: Flask) -> None:
    """Look before each request."""
    app.before_request(Standing().check)
