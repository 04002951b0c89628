"""ETags: a read carries one, an edit must show it."""

from typing import TypeVar

from flask import request

from core.problems import PreconditionFailed, PreconditionRequired

Version = TypeVar("Version", int, str)


def etag(version: int | str) -> dict[str, str]:
    """Return the header of a strong entity tag."""
    return {"ETag": f'"{version}"'}


def matched(version: Version, *, up_to: str = "") -> Version:
    """Return `version` if If-Match names it.

    Args:
        version: the present one.
        up_to: of each tag, only what stands before this mark counts (after it stands, say, a language).

    Raises:
        PreconditionRequired: there is no If-Match.
        PreconditionFailed: it names another state.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header:
        raise PreconditionRequired
    tags = {tag.strip().strip('"') for tag in header.split(",")}
    if str(version) not in ({tag.partition(up_to)[0] for tag in tags} if up_to else tags):
        raise PreconditionFailed
    return version
