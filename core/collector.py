"""How often the interpreter looks for cycles."""

import gc


def spare_the_collector() -> None:
    """Look for cycles seldom; call it once a process has made what it keeps.

    Parsed bodies and folded ledgers are very many small values, and none of them is in a cycle. To look through all
    that a process keeps each time they grow in number cost more than reading them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
