"""In which language the caller is answered: `lang`, else Accept-Language, else Chinese."""

from flask import request

from validators.messages import LANGUAGES


def language(wanted: str | None = None) -> str:
    """Return `zh-Hans` or `en`.

    Args:
        wanted: the query argument `lang`, which prevails.
    """
    return wanted or request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
