"""Making views and thumbnails: the work list is the database, one photo at a time, a broken one never for ever."""

import time
from collections.abc import Callable
from datetime import timedelta

import structlog

from core.problems import BlobMismatch, OffsetMismatch
from sync.blobs import Blob, Rendition
from sync.digests import sha256_hex
from sync.pictures import BrokenPictureError, render
from sync.services import Services

LEASE = timedelta(minutes=2)
TRIES = 3
_log = structlog.get_logger(__name__)


def render_waiting(
    services: Services, budget_s: float, monotonic: Callable[[], float] = time.monotonic
) -> int:
    """Make the renditions of photos that wait, in turn, for some seconds; return how many photos were taken up."""
    end, count = monotonic() + budget_s, 0
    while monotonic() < end:
        blob = services.blobs.take(services.clock.now(), LEASE)
        if blob is None:
            break
        _take_up(services, blob)
        count += 1
    return count


def _take_up(services: Services, blob: Blob) -> None:
    if blob.tries > TRIES:  # whoever took it up before did not live to tell
        _break(services, blob, f"gave up after {TRIES} tries")
        return
    if blob.sealed:  # the phone did not wait for the answer
        try:
            blob = services.uploads.finish(blob, services.clock.now())
        except (BlobMismatch, OffsetMismatch) as problem:
            _log.warning("blob_thrown_away", blob=blob.sha256, why=problem.slug)
            return
    if blob.broken is None:
        _render(services, blob)


def _render(services: Services, blob: Blob) -> None:
    try:
        made = render(services.blobs.open(blob).readall())
    except BrokenPictureError as error:
        _break(services, blob, str(error))
        return
    kept = {
        variant: Rendition(each.data, sha256_hex(each.data), each.width, each.height)
        for variant, each in made.items()
    }
    services.blobs.keep_renditions(blob, kept)


def _break(services: Services, blob: Blob, reason: str) -> None:
    _log.warning("no_rendition", blob=blob.sha256, why=reason)
    services.blobs.mark_broken(blob, reason)
