"""Letting go of photos that no op in the log names, 30 days after their last chunk; unfinished uploads too."""

from datetime import datetime, timedelta

from sync.services import Services

LIFE = timedelta(days=30)


def purge_blobs(services: Services, now: datetime) -> int:
    """Delete photos that no op names and that were not sent for more than 30 days; return how many."""
    before = now - LIFE
    return sum(services.blobs.let_go(sha256, before) for sha256 in services.blobs.loose(before))
