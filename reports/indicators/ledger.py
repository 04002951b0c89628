"""Who is in the ledger, and whether they live where they were moved to: indicators 1 and 2."""

from collections.abc import Iterator

from ledger.model import InterviewState
from reports.indicators.model import Home, Line, indicator, share


@indicator(
    1,
    clause="五(一)",
    zh="台账户数、人数",
    en="households and persons in the ledger",
    parts=(
        share("households", "已核实户", "households verified", "households", "有有效入户调查的户 / 在册户"),
        share(
            "persons",
            "已核实人",
            "persons verified",
            "persons",
            "有有效入户调查的户的在户人口 / 在册在户人口",
        ),
    ),
)
def ledger(home: Home) -> Iterator[Line]:
    """Registered: in the ledger. Verified: an interview of the household counts. Who left it is not counted."""
    household = home.household
    verified = int(any(each.state is InterviewState.HEAD for each in household.interviews))
    yield Line("households", household.id, verified, 1)
    for person in household.persons:
        if person.left is None:
            yield Line("persons", person.id, verified, 1)


@indicator(
    2,
    clause="二(二)",
    zh="实际居住在安置房",
    en="still living in the dwelling",
    parts=(
        share("occupied", "实际居住", "occupied", "households", "常年或部分时间居住的户 / 分配安置房的户"),
        share("empty", "无人居住", "empty", "households", "无人居住的户 / 分配安置房的户"),
    ),
)
def occupied(home: Home) -> Iterator[Line]:
    """Every household of the ledger was allotted a dwelling. Nobody said whether it is lived in: unknown."""
    state = home.household.text("occupied")
    unknown = int(state is None)
    yield Line("occupied", home.household.id, int(state in {"always", "partly"}), 1, unknown)
    yield Line("empty", home.household.id, int(state == "empty"), 1, unknown)
