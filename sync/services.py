"""What a process needs to sync and settle, made once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.clock import Clock
from forms.log import OpLog
from forms.repository import FormRepository
from store import Store


def _asleep(households: Sequence[str]) -> None:
    """Wake nobody: the sweep finds the work."""


@dataclass(frozen=True)
class Services:
    """The services of one process. Make it with `build`.

    Attributes:
        store: the database.
        clock: what tells the time.
        forms: published form versions.
        log: the log of ops.
        wake: tells the workers that households have something to settle; may do nothing and must not fail.
    """

    store: Store
    clock: Clock
    forms: FormRepository
    log: OpLog
    wake: Callable[[Sequence[str]], None] = _asleep

    @cached_property
    def cursor_key(self) -> bytes:
        """The key that signs cursors; it stays when the database is restored."""
        found = self.store["meta"].find_one({"_id": "cursor_key"})
        if found is None:
            msg = "the database has no cursor key: run the migrations"
            raise LookupError(msg)
        return bytes.fromhex(found["value"])
