"""设置点长、片长、楼栋长等，构建网格化管理机制: a household does not know its grid worker."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import answered


@rule("community/grid-worker-unknown", clause="四(二)", severity=Severity.MINOR, subject="household")
def grid_worker_unknown(household: Household, case: Case) -> Iterator[Outcome]:
    """The household says that it does not know who its building head or grid worker is."""
    told = answered(household, "grid_worker.known", ("no",), case)
    if told is not None:
        yield Outcome(
            subject=household.id, episode="grid", values={}, span=Span(told.said.on), evidence=(told.said.op,)
        )
