"""The web process: `gunicorn wsgi:app`."""

import os

from api.app import from_env

app = from_env(os.environ)
