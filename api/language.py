"""In which language the caller is answered: `lang`, else Accept-Language, else Chinese."""

from flask import request

from validators.messages import LANGUAGES


def language(wanted: str | None = None) -> str:
    """Return `zh-Hans` or `en`.

    Args:
        wanted: the query argument `lang`, which prevails.
    """
    if wanted is not None:
        return wanted
    by_primary = {tag.partition("-")[0]: tag for tag in LANGUAGES}
    asked = (by_primary.get(tag.partition("-")[0].lower()) for tag, _ in request.accept_languages)
    return next(filter(None, asked), LANGUAGES[0])
