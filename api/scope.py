"""The region that bounds a question: the caller's, or a smaller one that was asked for."""

from api.guard import me
from core.problems import NotAllowed


def narrowed(region: str | None) -> str:
    """Return the region to search in.

    Args:
        region: the query argument `region`, or None for all of the caller's.

    Raises:
        NotAllowed: it lies outside the caller's.
    """
    if region is None:
        return me().region
    if not me().covers(region):
        raise NotAllowed(f"Region {region} lies outside yours ({me().region}).")
    return region
