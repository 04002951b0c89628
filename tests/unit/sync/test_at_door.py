"""What is not to be spoken of at a door does not travel to phones (DOMAIN §7)."""

from datetime import date

import pytest

from ledger.model import Household
from sync.rows import Assignment, rows_of
from validators.life import Finding, State
from validators.policy import load_policy
from validators.rule import Severity, told_at_door

DAY = date(2021, 5, 1)
CONFIDENTIAL = {"community/party-membership", "dwelling/transfer-suspected", "dwelling/transfer-confirmed"}


def finding(rule: str) -> Finding:
    return Finding(
        id=rule, household="h1", region="150625", rule=rule, rule_version=1, clause="二(二)", subject="h1", episode="e",
        severity=Severity.MAJOR, unit="banner", state=State.OPEN, opened_on=DAY, due=DAY, span=None, variant=(),
        values={}, evidence=(), parameters=(), yielded=True, history=(),
    )  # fmt: skip


@pytest.mark.parametrize("rule", ["dwelling/lease", *sorted(CONFIDENTIAL), "a/rule-that-there-is-no-more"])
def test_a_finding_travels_unless_it_is_confidential(rule: str) -> None:
    load_policy()
    household = Household("h1", "150625101201")
    lists = [Assignment("h1", "r1", "w1", 1, open=True)]
    keys = {change.key for change in rows_of(household, {rule: finding(rule)}, (), lists)}
    assert (f"finding/{rule}" in keys) is (rule not in CONFIDENTIAL)


def test_only_membership_and_suspected_sales_are_confidential() -> None:
    kept_back = {rule for rule in load_policy().rules if not told_at_door(rule)}
    about_interviews = {rule for rule in load_policy().rules if rule.startswith("fieldwork/")}
    assert kept_back == CONFIDENTIAL | about_interviews, (
        "nor what is measured of the enumerator who stands there"
    )
