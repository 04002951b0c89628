"""No rule crashes on any household of the demo's district: what is rare in cases is common there."""

from datetime import date, timedelta

import pytest

from api.cli.demo.answers import told
from api.cli.demo.population import District
from ledger.fold import fold_statements
from ledger.model import Grade, Said, Statement
from validators.engine import Engine
from validators.policy import load_policy

DAY = date(2026, 11, 20)
HOUSEHOLDS = 300


@pytest.mark.parametrize("later", [0, 40, 400])
def test_no_rule_crashes_on_what_a_district_tells(later):
    engine = Engine(load_policy())
    crashed = set()
    for home in District(1, DAY).homes(HOUSEHOLDS):
        said = Said("op", DAY, Grade.SELF_REPORT)
        statement = Statement(said, told(home, DAY, date(home.move_in.year - 1, 1, 1)))
        judgement = engine.judge(
            fold_statements(home.id, home.region, [statement]), DAY + timedelta(days=later)
        )
        crashed |= {(failure.rule, failure.error) for failure in judgement.failures}
    assert crashed == set()
