"""ETags: a read carries one, an edit must show it."""

from flask import request

from core.problems import PreconditionFailed, PreconditionRequired


def etag(version: int | str) -> dict[str, str]:
    """Return the header of a strong entity tag."""
    return {"ETag": f'"{version}"'}


def matched(version: int) -> int:
    """Return `version` if If-Match names it.

    Raises:
        PreconditionRequired: there is no If-Match.
        PreconditionFailed: it names another state.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise PreconditionRequired
    if f'"{version}"' not in {tag.strip() for tag in header.split(",")}:
        raise PreconditionFailed(f'The present ETag is "{version}".')
    return version
