"""Whatever the network, the phones and the office do: at rest nothing is lost and every phone holds what is granted.

EXAMPLES and SEED in the environment say how many examples are made, and from which seed.
"""

import os
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from rich.console import Console
from rich.table import Table

from tests.faults.district import HOMES, District
from tests.faults.machine import Machine, machine_over
from tests.faults.mutants import MUTANTS, Mutant

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
EXAMPLES = int(os.environ.get("EXAMPLES", "40"))
STEPS = 40
MUTANT_EXAMPLES, MUTANT_SEED = 200, 3


def run(machine: type[Machine], examples: int, number: int, *phases: Phase) -> None:
    how = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        suppress_health_check=list(HealthCheck),
        phases=phases,
        database=None,
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(seed(number)(machine), settings=how)


def test_at_rest_nothing_is_lost_and_every_phone_holds_what_is_granted(district: District) -> None:
    number = int(os.environ.get("SEED", "1"))
    print(f"SEED={number} EXAMPLES={EXAMPLES}")  # noqa: T201 - what is needed to see a failure again
    run(machine_over(district), EXAMPLES, number, Phase.generate, Phase.shrink)


def test_of_two_copies_of_a_phone_none_loses_an_op_because_the_other_has_its_number(
    district: District,
) -> None:
    """`have` tells numbers, not ops: after a restore the other's op may lie under the number that is asked for."""
    machine = machine_over(district)()
    machine.begin(snapshots=(False, False, False), synced=True)
    machine.clone(which=0)
    machine.visit(which=3, home=HOMES[0], in_round=False)
    machine.exchange(which=3, times=1)
    machine.restore(which=0, way=9)
    machine.visit(which=0, home=HOMES[0], in_round=False)
    machine.exchange(which=0, times=1)
    machine.teardown()


def test_each_mutant_is_found_by_the_examples_that_the_machine_makes(district: District) -> None:
    table = Table("mutant", "examples", "seconds", "found by", title=f"seed {MUTANT_SEED}")
    survivors = []
    for mutant in MUTANTS:
        began, machine = time.perf_counter(), machine_over(district)
        found_by = next(iter(killed_by(mutant, machine)), None)
        spent = f"{time.perf_counter() - began:.1f}"
        table.add_row(mutant.name, str(machine.examples), spent, found_by or "SURVIVED")
        survivors += [] if found_by else [mutant.name]
    Console(width=110).print(table)
    assert survivors == []


def killed_by(mutant: Mutant, machine: type[Machine]) -> Iterator[str]:
    """Yield what the machine said when it found a mutant; nothing if it did not."""
    with pytest.MonkeyPatch.context() as patch:
        mutant.put_in(patch)
        try:
            run(machine, MUTANT_EXAMPLES, MUTANT_SEED, Phase.generate)
        except BaseException as failure:  # noqa: BLE001 - whatever ends the run is a find
            while isinstance(failure, BaseExceptionGroup):
                failure = failure.exceptions[0]
            yield (str(failure) or type(failure).__name__).splitlines()[0]
