"""The web process: `gunicorn wsgi:app`."""

import os

from api.app import from_env
from core.collector import spare_the_collector

app = from_env(os.environ)
spare_the_collector()
