"""What is not to be spoken of at a door does not travel to phones (DOMAIN §7)."""

import json
import re
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest

from core.spans import Span
from ledger.model import Household
from sync.rows import Assignment, rows_of
from validators.life import Finding, State
from validators.messages.catalogue import STANDARD
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


def rows(one: Finding) -> dict[str, Any]:
    """Return the rows of a household with one finding, in the one list it is in."""
    lists = [Assignment("h1", "r1", "w1", 1, open=True)]
    changes = rows_of(Household("h1", "150625101201"), {one.id: one}, (), lists, load_policy().messages, {})
    return {change.key: json.loads(change.text) for change in changes}


@pytest.mark.parametrize("rule", ["dwelling/lease", *sorted(CONFIDENTIAL), "a/rule-that-there-is-no-more"])
def test_a_finding_travels_unless_it_is_confidential(rule: str) -> None:
    assert (f"finding/{rule}" in rows(finding(rule))) is (rule not in CONFIDENTIAL)


def test_what_only_informs_the_unit_is_no_question_at_a_door() -> None:
    one = finding("industry/no-outlet")
    assert f"finding/{one.id}" in rows(one)
    assert f"finding/{one.id}" not in rows(replace(one, severity=Severity.INFORMATION))


def test_of_a_finding_travels_what_its_message_says() -> None:
    span = Span(DAY, date(2021, 6, 1))
    plain = {"rule", "clause", "subject", "household", "severity", "unit", "due"}
    lapse = replace(
        finding("insurance/lapse-short"),
        span=span,
        variant=("move",),
        values={"branch": "medical", "months": 2},
    )
    row = rows(lapse)[f"finding/{lapse.id}"]
    assert row.keys() == plain | {"span", "variant", "values"}
    assert row["values"] == {"branch": "medical"}
    title = replace(finding("dwelling/title-missing"), span=span, state=State.ACKNOWLEDGED)
    assert rows(title)[f"finding/{title.id}"].keys() == plain | {"state"}, "its message names no days"
    gone = replace(finding("a/rule-that-there-is-no-more"), span=span, values={"n": 1})
    assert rows(gone)[f"finding/{gone.id}"].keys() == plain | {"span", "values"}


def _naming(rule: str) -> set[str]:
    """Return the values of a rule's area that are not said themselves: they name the fact that others are codes of."""
    area = rule.partition("/")[0]
    words = load_policy().messages.words.items()
    return {each.codes_of for (where, _), each in words if where == area and each.codes_of is not None}


def test_every_message_has_on_a_phone_what_it_needs() -> None:
    messages = load_policy().messages
    for rule, template in messages.messages.items():
        needed = messages.needed(rule)
        assert needed is not None
        values, days = needed
        texts = json.dumps([asdict(each) for each in (template.wording, *template.variants.values())
                            for each in each.values()], ensure_ascii=False)  # fmt: skip
        named = set(re.findall(r"{(\w+)}", texts))
        assert named <= values | STANDARD, rule
        assert set(template.values) <= named | _naming(rule), f"{rule}: what no message says does not travel"
        assert days is ("{from}" in texts or "{to}" in texts), rule


def test_only_membership_and_suspected_sales_are_confidential() -> None:
    kept_back = {rule for rule in load_policy().rules if not told_at_door(rule)}
    about_interviews = {rule for rule in load_policy().rules if rule.startswith("fieldwork/")}
    about_interviews -= {"fieldwork/pay-outlier"}  # of what a person earns the person is asked
    assert kept_back == CONFIDENTIAL | about_interviews, (
        "nor what is measured of the enumerator who stands there"
    )
