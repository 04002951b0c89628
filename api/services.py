"""What the views work with, kept in the application."""

from typing import cast

from flask import current_app

from sync.services import Services

KEY = "ruhu"


def services() -> Services:
    """Return the services of this application."""
    return cast("Services", current_app.extensions[KEY])
