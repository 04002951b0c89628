"""The Celery process: `celery -A worker:app worker`."""

import os

from api import logs
from core.settings import Settings
from reports.tasks import from_env

logs.configure(Settings.from_env(os.environ).log_level)
app = from_env(os.environ)
