"""A case, and news of it: for tests of who hears it and of how it is sent."""

from sync.notify import outbox
from sync.notify.outbox import News
from tests.unit.validators.test_findings import FINDING
from validators.cases import cases_of
from validators.policy import load_policy

(CASE,) = cases_of([FINDING], load_policy()).values()


def tell(services, kind=News.OPENED, case=CASE, to=("u/x",)):
    item = outbox.Item(kind, case, list(to))
    services.store.transaction(
        lambda session: outbox.write(services.store, [item], services.clock.now(), session)
    )
