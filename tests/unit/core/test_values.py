"""Problems, ids, JSON and days."""

import uuid
from datetime import UTC, date, datetime

import pytest

from core import jsonvalue
from core.clock import day_of
from core.ids import household_id, is_uuid, person_id, uuid7
from core.problems import all_problems, errors_of


def test_every_problem_has_its_own_type_and_says_what_to_do() -> None:
    slugs = [problem.slug for problem in all_problems()]
    assert len(set(slugs)) == len(slugs)
    for problem in all_problems():
        document = problem("why").to_json()
        assert document["todo"].endswith(".")
        assert document["type"] == f"urn:ruhu:problem:{problem.slug}"
        assert 400 <= document["status"] < 600


def test_nested_validation_messages_become_a_list_of_places() -> None:
    nested = {"json": {"ops": {0: {"id": ["missing"]}}}}
    assert errors_of(nested) == [{"at": "/json/ops/0/id", "message": "missing"}]


def test_a_uuidv7_says_so_and_is_canonical() -> None:
    made = uuid7()
    assert uuid.UUID(made).version == 7
    assert is_uuid(made)
    assert not is_uuid(made.upper())
    assert not is_uuid(7)


def test_the_same_roster_line_always_gets_the_same_ids() -> None:
    home = household_id("150625", "1")
    assert home == household_id("150625", "1") != household_id("150626", "1")
    assert person_id(home, "x") != person_id(household_id("150625", "2"), "x")


@pytest.mark.parametrize("raw", [b"NaN", b"[Infinity]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_not_strict_json_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        jsonvalue.loads(raw)


@pytest.mark.parametrize(("value", "levels"), [(1, 1), ([], 1), ([1, [2]], 2), ({"a": {"b": {"c": 1}}}, 3)])
def test_depth_counts_levels(value: object, levels: int) -> None:
    assert jsonvalue.depth(value, 10) == levels


def test_depth_looks_no_further_than_asked() -> None:
    deep: list[object] = []
    for _ in range(500):
        deep = [deep]
    assert jsonvalue.depth(deep, 20) == 21


def test_a_day_is_a_day_in_shanghai() -> None:
    assert day_of(datetime(2020, 3, 1, 15, 59, tzinfo=UTC)) == date(2020, 3, 1)
    assert day_of(datetime(2020, 3, 1, 16, 0, tzinfo=UTC)) == date(2020, 3, 2)
