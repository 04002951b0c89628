"""The worker: Celery tasks that settle what waits and make views of photos.

A message is only a wake-up call; the work list is the database. A lost message costs seconds: the sweep finds what
waits. So sending may fail without harm, results are not kept, and a task that is interrupted is simply run again.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import structlog
from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_process_init
from kombu.exceptions import KombuError

from access import chain
from core.clock import SystemClock, day_of
from core.collector import spare_the_collector
from core.problems import ConfigurationError
from core.settings import Settings
from store import PULSE, DatabaseError, Store, keep_backup, open_store, prove_key, refuse_half_restored
from sync.fieldwork import look_over
from sync.follow.day import escalate, free
from sync.notify.deliver import deliver
from sync.notify.deliver import purge as purge_news
from sync.purge import purge
from sync.purge_blobs import purge_blobs
from sync.quarantine import release
from sync.renditions import render_waiting
from sync.services import Services
from sync.settle import settle, settle_due
from sync.snapshots import forget

SWEEP_S, TRAIL_S, NOTIFY_S = 5.0, 30.0, 10.0
_SETTLE = "ruhu.settle_households"
_RENDER = "ruhu.render"
REPORTS = "ruhu.ordered_reports"
"""Makes the reports that were ordered; the task itself is added by `reports.tasks`."""
_PART = 200
_LINGER_S = 0.1
_BUDGET_S = 60.0
_RENDER_BUDGET_S = 3.0  # of the sweep's five: photos do not hold up what is to be settled
_NOTIFY_BUDGET_S = 5.0
_TIME_LIMIT_S = 600
_BACKUP = "ruhu.backup"
_BACKUP_LIMIT_S = 6 * 3600
_BACKUP_COPIES = 14
_FIELDWORK_LIMIT_S = 4 * 3600
_log = structlog.get_logger(__name__)


def make_app(settings: Settings) -> Celery:
    """Return the Celery application over the settings' database and broker. Nothing is connected before it is used.

    Raises:
        ConfigurationError: there is no database to work on.
    """
    if not settings.mongodb_uri:
        msg = "A worker needs a running database: set RUHU_MONGODB_URI, or start 'ruhu serve'."
        raise ConfigurationError(msg)
    app = Celery("ruhu", broker=broker_url(settings))
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_time_limit=_TIME_LIMIT_S,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"polling_interval": 0.5},
        timezone="Asia/Shanghai",
        beat_schedule=_schedule(settings),
    )
    _add_tasks(app, settings)
    if settings.backups_path is not None:
        _add_backup(app, settings, settings.backups_path)
    return app


def _schedule(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return when the clock gives which wake-up call; days and hours are those of Asia/Shanghai."""
    schedule: dict[str, dict[str, Any]] = {
        "sweep": {"task": "ruhu.sweep", "schedule": SWEEP_S, "options": {"expires": SWEEP_S}},
        "days": {"task": "ruhu.days", "schedule": crontab(hour="0", minute="10")},
        "fieldwork": {"task": "ruhu.fieldwork", "schedule": crontab(hour="1", minute="20")},
        "trail": {"task": "ruhu.trail", "schedule": TRAIL_S, "options": {"expires": TRAIL_S}},
        # Steps of escalation fall due once a day; an hourly call makes up for one that was lost.
        "escalate": {
            "task": "ruhu.escalate",
            "schedule": crontab(minute="20"),
            "options": {"expires": 3600},
        },
        "notify": {"task": "ruhu.notify", "schedule": NOTIFY_S, "options": {"expires": NOTIFY_S}},
        "due": {"task": "ruhu.due", "schedule": crontab(minute="*/15"), "options": {"expires": 900}},
    }
    if settings.backups_path is not None:
        at = crontab(hour="2", minute="30")
        schedule["backup"] = {"task": _BACKUP, "schedule": at, "options": {"expires": 6 * 3600}}
    return schedule


def broker_url(settings: Settings) -> str:
    """Return the broker's address: the one that was set, else a database beside the data, on the same MongoDB."""
    if settings.broker_url:
        return settings.broker_url
    parts = urlsplit(settings.mongodb_uri)
    query = [parts.query, "" if parts.path in {"", "/"} else f"authSource={parts.path[1:]}"]
    query += [
        f"{name}={value}" for name, value in PULSE.items() if f"{name}=".lower() not in parts.query.lower()
    ]
    return urlunsplit(
        parts._replace(path=f"/{settings.database}_broker", query="&".join(filter(None, query)))
    )


class Waker:
    """Wakes the workers for some households, for photos or for reports; no caller waits for the broker.

    A thread of its own sends, after it has lingered a tenth of a second: a phone's many batches make few messages.

    Args:
        settings: name the broker.
    """

    def __init__(self, settings: Settings) -> None:
        self._app = make_app(settings)
        self._lock = threading.Lock()
        self._waiting: dict[str, None] = {}
        self._named: dict[str, None] = {}
        self._thread: threading.Thread | None = None
        self._pid = 0

    def __call__(self, households: Sequence[str]) -> None:
        """Note the households; a thread tells the workers soon. Never raises."""
        with self._lock:
            self._waiting |= dict.fromkeys(households)
            self._begin()

    def render(self) -> None:
        """Note that a photo waits for its renditions. Never raises."""
        self._note(_RENDER)

    def report(self) -> None:
        """Note that a report was ordered. Never raises."""
        self._note(REPORTS)

    def _note(self, task: str) -> None:
        with self._lock:
            self._named[task] = None
            self._begin()

    def _begin(self) -> None:
        if self._pid == os.getpid() and self._thread is not None and self._thread.is_alive():
            return
        self._pid = os.getpid()  # threads do not outlive a fork
        self._thread = threading.Thread(target=self._run, name="ruhu-waker", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(_LINGER_S)
            with self._lock:
                part = list(self._waiting)[:_PART]
                for household in part:
                    del self._waiting[household]
                named, self._named = list(self._named), {}
                if not part and not named:
                    self._thread = None
                    return
            if part:
                self.send(part)
            for task in named:
                self._send(task)

    def send(self, households: Sequence[str]) -> bool:
        """Send one message; tell whether the broker took it."""
        return self._send(_SETTLE, list(households))

    def _send(self, task: str, *args: object) -> bool:
        try:
            self._app.send_task(task, args=args, expires=60)
        except (KombuError, DatabaseError, OSError) as error:
            _log.warning("wake_failed", error=type(error).__name__, todo="the sweep will find the work")
            return False
        return True


def waker(settings: Settings) -> Waker:
    """Return what `Services.wake` is in a process that only sends: the web process and commands."""
    return Waker(settings)


@worker_process_init.connect
def _begin_process(**_signal: object) -> None:
    spare_the_collector()


def _add_tasks(app: Celery, settings: Settings) -> None:
    @cache
    def build() -> Services:
        return Services.open(open_store(settings), settings)

    def services() -> Services:
        made = build()
        refuse_half_restored(made.store)
        return made

    @app.task(name=_SETTLE)
    def settle_households(households: list[str]) -> None:
        """Settle the households that were just heard of."""
        settle(services(), households)

    @app.task(name="ruhu.sweep")
    def sweep() -> None:
        """Settle whatever waits, in turn, for about a minute at most; then see to photos."""
        end = time.monotonic() + _BUDGET_S
        while settle(services()).households and time.monotonic() < end:
            pass
        render()

    @app.task(name=_RENDER)
    def render() -> None:
        """Make views and thumbnails of the photos that wait."""
        render_waiting(services(), _RENDER_BUDGET_S)

    @app.task(name="ruhu.due")
    def due() -> None:
        """Let days pass for the households whose day has come; look whether what waited can be taken up."""
        end = time.monotonic() + _BUDGET_S
        while settle_due(services(), day_of(services().clock.now())).households and time.monotonic() < end:
            pass
        release(services())

    @app.task(name="ruhu.days")
    def days() -> None:
        """Begin the day: what is due, another try for what failed; tombstones, snapshots and photos that may go."""
        due()
        release(services(), {"hold": "settle-failed"}, decided=True)
        purge(services(), services().clock.now())
        forget(services(), services().clock.now())
        purge_blobs(services(), services().clock.now())
        purge_news(services(), services().clock.now())

    _add_trail(app, services)
    _add_follow_up(app, services)


def _add_follow_up(app: Celery, services: Callable[[], Services]) -> None:
    @app.task(name="ruhu.escalate")
    def escalate_cases() -> None:
        """Tell overdue cases to the next one up, each step once; free cases whose owners are gone."""
        escalate(services(), day_of(services().clock.now()))
        free(services())

    @app.task(name="ruhu.notify")
    def notify() -> None:
        """Send to webhooks what is due."""
        deliver(services(), _NOTIFY_BUDGET_S)


def _add_trail(app: Celery, services: Callable[[], Services]) -> None:
    @app.task(name="ruhu.trail")
    def trail() -> None:
        """Link what the audit trail got since."""
        chain.link_all(services().store)

    @app.task(name="ruhu.fieldwork", time_limit=_FIELDWORK_LIMIT_S)
    def fieldwork() -> None:
        """Look over how the interviews of the last weeks were made."""
        look_over(services())


def _add_backup(app: Celery, settings: Settings, folder: Path) -> None:
    # Acknowledged before it runs: a broker that waits an hour for an acknowledgement would have it run twice.
    @app.task(name=_BACKUP, time_limit=_BACKUP_LIMIT_S, acks_late=False)
    def backup() -> None:
        """Make the nightly backup, verify it, and delete what is too old."""
        store = Store(settings.mongodb_uri, settings.database)
        try:
            file = keep_backup(store, folder, SystemClock().now(), copies=_BACKUP_COPIES)
        finally:
            store.close()
        _log.info("backup", file=str(file), bytes=file.stat().st_size)


def from_env(env: Mapping[str, str]) -> Celery:
    """Return the application of this process's environment.

    Raises:
        ConfigurationError: a setting is unknown or wrong, there is no database, or the master key is missing or another
            one.
    """
    settings = Settings.from_env(env)
    app = make_app(settings)
    with closing(open_store(settings)) as store:
        prove_key(store)
    return app
