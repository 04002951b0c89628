"""The clauses and units are held against the notice's own text (`notice.txt`)."""

import re
from pathlib import Path

import pytest

from validators.policy import Clause, Unit, load_policy


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


NOTICE = squeezed((Path(__file__).parent / "notice.txt").read_text(encoding="utf-8"))
POLICY = load_policy()
CLAUSES = [
    f"{section}({number})"
    for section, numbers in {
        "一": "二",
        "二": "一二",
        "三": "一二三",
        "四": "一二三",
        "五": "一二三",
        "六": "一二",
        "七": "一二三四",
        "八": "一二三",
        "九": "一二三",
    }.items()
    for number in numbers
]


def test_every_clause_with_a_duty_is_there_in_the_order_of_the_notice() -> None:
    assert list(POLICY.clauses) == CLAUSES


@pytest.mark.parametrize("clause", POLICY.clauses.values(), ids=lambda clause: clause.id)
def test_a_clause_is_in_the_notice_word_for_word_with_its_units_in_their_order(clause: Clause) -> None:
    body = squeezed("".join(clause.text))
    number = clause.id[1:]
    names = {
        role: "、".join(POLICY.units[code].name for code in codes)
        for role, codes in (("责任单位:", clause.responsible), ("配合单位:", clause.cooperating))
        if codes
    }
    duty = ";".join(role + units for role, units in names.items())
    place = NOTICE.find(body)
    assert place >= 0, f"{clause.id}: these sentences are not in the notice"
    heading = squeezed(number + clause.title["zh-Hans"])
    assert NOTICE[:place].removesuffix("。").endswith(heading), (
        f"{clause.id}: the title does not stand before"
    )
    after = NOTICE[place + len(body) :].removeprefix("(")
    assert after.startswith(duty + ")") if duty else not after.startswith("责任单位"), (
        f"{clause.id}: units differ"
    )


@pytest.mark.parametrize("unit", POLICY.units.values(), ids=lambda unit: unit.code)
def test_a_unit_is_named_by_the_notice_and_has_duties(unit: Unit) -> None:
    assert unit.name in NOTICE
    assert unit.code.isascii()
    assert unit.short
    assert unit.en
    assert any(unit.code in {*c.responsible, *c.cooperating} for c in POLICY.clauses.values())


def test_the_numbers_of_the_notice_are_its_own() -> None:
    """A parameter of kind `notice` quotes the notice as its source."""
    for parameter in POLICY.parameters.values():
        for value in parameter.values:
            assert (parameter.kind == "notice") == (value.grade == "N"), parameter.id
