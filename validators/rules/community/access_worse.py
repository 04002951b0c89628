"""能够享有与迁入地群众同等水平的基本公共服务: a household needs longer to a clinic or school than its neighbours."""

from collections.abc import Iterator

from core.spans import Span
from ledger.model import Household
from validators.rule import Case, Outcome, Severity, rule
from validators.stated import number, stated
from validators.surroundings import REACHED, host_minutes

_MINUTES, _BY = "site.access_minutes", "site.access_by"


@rule(
    "community/access-worse",
    clause="一(二)",
    severity=Severity.MINOR,
    subject="household",
    parameters=(_MINUTES, _BY),
)
def access_worse(household: Household, case: Case) -> Iterator[Outcome]:
    """The household needs longer to a facility than the host community of its site, by more than some minutes.

    What the host community needs was told of the site; the nightly look puts it beside the household's answer. What was
    told before the notice's day (2020年年底前) is due by that day; later the usual days to act count.
    """
    flag = host_minutes(household)
    if flag is None or not case.today.reached(flag.on):
        return
    for kind in REACHED:
        told, host = stated(household, f"access.{kind}", case), flag.values.get(kind)
        if told is None or not isinstance(host, (int, float)):
            continue
        allowed = case.parameters.at(_MINUTES, on=told.said.on, region=household.region).value
        by = case.parameters.at(_BY, on=told.said.on).value
        if number(told) - host > allowed:
            yield Outcome(
                subject=household.id,
                episode=f"access:{kind}",
                values={"kind": kind, "minutes": number(told), "host": host, "allowed": allowed},
                span=Span(told.said.on),
                due=by if told.said.on <= by else None,
                evidence=tuple(sorted({told.said.op, flag.by})),
            )
