"""Work over the whole ledger in several processes, each with its own connection: PyMongo does not survive a fork."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, TypeVar

from core.collector import spare_the_collector
from core.settings import Settings
from store import open_store
from sync.services import Services

Part = TypeVar("Part")
Given = TypeVar("Given")
Result = TypeVar("Result")
_AHEAD = 3  # batches waiting for each process

_mine: list[tuple[Services, Any]] = []
"""The services of this process and what its work is given, once it has begun."""


def over(
    known: Settings,
    processes: int,
    batches: Iterable[Sequence[Part]],
    work: Callable[[Services, Sequence[Part], Given], Result],
    given: Given,
) -> Iterator[Result]:
    """Yield what `work` returns for each batch, in order; at most a few batches wait.

    Args:
        known: settings with a reachable database.
        processes: how many.
        batches: of ids of ledger entries, or of what else can be sent to a process.
        work: a function of a module: it is sent to the processes by name.
        given: its last argument, sent to each process once.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, initializer=_begin, initargs=(known, given)) as pool:
        waiting: deque[Future[Result]] = deque()
        for batch in batches:
            waiting.append(pool.submit(_work, work, batch))
            if len(waiting) > processes * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _begin(known: Settings, given: object) -> None:
    _mine.append((Services.open(open_store(known), known), given))
    spare_the_collector()


def _work(work: Callable[[Services, Sequence[Part], Any], Result], batch: Sequence[Part]) -> Result:
    services, given = _mine[0]
    return work(services, batch, given)
