"""The Celery process: `celery -A worker:app worker`."""

import os

from sync.tasks import from_env

app = from_env(os.environ)
