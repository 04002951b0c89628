"""The worker with reports: the tasks of `sync.tasks`, a look at the calendar each hour, and what was ordered."""

from collections.abc import Mapping
from functools import cache

from celery import Celery
from celery.schedules import crontab

from core.settings import Settings
from reports.due import look
from reports.orders.work import work
from store import open_store, refuse_half_restored
from sync.services import Services
from sync.tasks import REPORTS
from sync.tasks import from_env as sync_from_env

LOOK = "ruhu.reports"
_LIMIT_S = 3 * 3600
_ORDERS_S = 15.0


def add(app: Celery, settings: Settings) -> None:
    """Add the tasks of reports to the worker's application, and when the clock calls them."""

    @cache
    def services() -> Services:
        return Services.open(open_store(settings), settings)

    # Acknowledged before it runs: a broker that waits for an acknowledgement would have it run twice.
    @app.task(name=LOOK, time_limit=_LIMIT_S, acks_late=False)
    def reports() -> None:
        """Make what is missing of last month's reports; remind of those that were not sent."""
        made = services()
        refuse_half_restored(made.store)
        look(made)

    @app.task(name=REPORTS, time_limit=_LIMIT_S, acks_late=False)
    def ordered_reports() -> None:
        """Make the reports that were ordered."""
        made = services()
        refuse_half_restored(made.store)
        work(made)

    at = {"task": LOOK, "schedule": crontab(minute="20"), "options": {"expires": 3600}}
    orders = {"task": REPORTS, "schedule": _ORDERS_S, "options": {"expires": _ORDERS_S}}
    app.conf.beat_schedule = {**app.conf.beat_schedule, "reports": at, "orders": orders}


def from_env(env: Mapping[str, str]) -> Celery:
    """Return the worker's application of this process's environment.

    Raises:
        ConfigurationError: as `sync.tasks.from_env`.
    """
    app = sync_from_env(env)
    add(app, Settings.from_env(env))
    return app
