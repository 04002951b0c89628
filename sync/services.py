"""What a process needs to sync and settle, made once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from core.clock import Clock, SystemClock
from core.settings import Settings
from forms.log import OpLog
from forms.repository import FormRepository
from ledger.repository import LedgerRepository
from store import Store
from sync.blobs import Blobs
from sync.notify.post import Network
from sync.routing import Routed
from sync.uploads import Uploads
from validators.engine import Engine
from validators.findings import FindingRepository
from validators.policy import Policy, load_policy


def _asleep(households: Sequence[str]) -> None:
    """Wake nobody: the sweep finds the work."""


def _unseen() -> None:
    """Wake nobody: the sweep finds the photos, and the reports that were ordered."""


@dataclass(frozen=True)
class Services:
    """The services of one process. Make it with `build`.

    Attributes:
        store: the database.
        clock: what tells the time.
        forms: published form versions.
        log: the log of ops.
        ledger: ledger entries.
        findings: findings.
        shipped: all rules of the policy that is shipped; `engine` is what judges.
        wake: tells the workers that households have something to settle; may do nothing and must not fail.
        wake_renderer: tells the workers that a photo waits for its renditions; likewise.
        wake_reporter: tells the workers that a report was ordered; likewise.
        webhook_networks: private networks that webhooks may lead to.
    """

    store: Store
    clock: Clock
    forms: FormRepository
    log: OpLog
    ledger: LedgerRepository
    findings: FindingRepository
    shipped: Engine
    wake: Callable[[Sequence[str]], None] = _asleep
    wake_renderer: Callable[[], None] = _unseen
    wake_reporter: Callable[[], None] = _unseen
    webhook_networks: tuple[Network, ...] = ()

    @classmethod
    def build(  # noqa: PLR0913 - what differs from process to process
        cls,
        store: Store,
        clock: Clock,
        *,
        policy: Policy | None = None,
        wake: Callable[[Sequence[str]], None] = _asleep,
        wake_renderer: Callable[[], None] = _unseen,
        wake_reporter: Callable[[], None] = _unseen,
        webhook_networks: tuple[Network, ...] = (),
    ) -> Self:
        """Make the services of a process over a database, by default with the policy that is shipped."""
        engine = Engine(policy if policy is not None else load_policy())
        return cls(
            store,
            clock,
            FormRepository(store),
            OpLog(store),
            LedgerRepository(store),
            FindingRepository(store),
            engine,
            wake,
            wake_renderer,
            wake_reporter,
            webhook_networks,
        )

    @classmethod
    def open(
        cls,
        store: Store,
        settings: Settings,
        *,
        wake: Callable[[Sequence[str]], None] = _asleep,
        wake_renderer: Callable[[], None] = _unseen,
        wake_reporter: Callable[[], None] = _unseen,
    ) -> Self:
        """Make the services of a process as its settings say: by the office's own values of parameters, if there are.

        Whatever settles, judges or reports over one database must judge by one policy: a process that took another
        would judge the whole ledger anew, and the next would judge it back.
        """
        return cls.build(
            store,
            SystemClock(),
            policy=load_policy(settings.policy_path),
            wake=wake,
            wake_renderer=wake_renderer,
            wake_reporter=wake_reporter,
            webhook_networks=settings.networks,
        )

    @cached_property
    def routed(self) -> Routed:
        """What knows the routing that regions changed."""
        return Routed(self.store, self.shipped)

    @property
    def engine(self) -> Engine:
        """All rules, by the policy with the routing of now. Take it once for what must agree."""
        return self.routed.engine()

    @cached_property
    def blobs(self) -> Blobs:
        """The photos."""
        return Blobs(self.store)

    @cached_property
    def uploads(self) -> Uploads:
        """What takes photos from phones."""
        return Uploads(self.store, self.blobs)

    @cached_property
    def cursor_key(self) -> bytes:
        """The key that signs cursors; it stays when the database is restored."""
        found = self.store["meta"].find_one({"_id": "cursor_key"})
        if found is None:
            msg = "the database has no cursor key: run the migrations"
            raise LookupError(msg)
        return bytes.fromhex(found["value"])
