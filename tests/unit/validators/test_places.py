"""The forms on sites and banners, from answers over the ledger to findings."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forms.catalogue import drafts
from forms.compile import publish_bytes
from forms.definition import FormVersion
from forms.extract import rows
from forms.gate import Gate
from ledger.fold import fold_site_statements
from ledger.model import Grade, Said, Site, Statement
from validators.engine import Engine
from validators.policy import load_policy

SAID = Said("op-01", date(2020, 6, 1), Grade.SELF_REPORT)
VECTORS = Path(__file__).parents[1] / "forms" / "catalogue"


def version(form: str) -> FormVersion:
    return FormVersion.from_bytes(publish_bytes(drafts()[form]))


def example(form: str, number: int = 0, **changes: Any) -> Mapping[str, Any]:
    vectors = json.loads((VECTORS / f"{form}.vectors.json").read_text(encoding="utf-8"))
    return dict(vectors[number][1]) | changes


def told(form: str, entry: str, answers: Mapping[str, Any]) -> Site:
    row = rows(version(form), answers)
    return fold_site_statements(entry, "150625101", [Statement(SAID, row)])


def found(site: Site, day: date) -> set[str]:
    judgement = Engine(load_policy()).judge(site, day)
    assert judgement.failures == ()
    return {judged.rule.id for judged in judgement.outcomes}


def test_what_a_site_lacks_is_found_from_its_form() -> None:
    site = told("site", "site:s1", example("site"))
    assert found(site, date(2020, 6, 1)) == {
        "site/below-host",
        "site/building-head-missing",
        "site/health-facility-missing",
        "site/health-facility-substandard",
        "site/infrastructure-failing",
        "site/petition-overdue",
        "site/seats-short",
        "site/service-missing",
        "site/teachers-short",
        "site/teacher-vacancy",
        "site/use-changed",
    }


def test_a_small_village_site_is_not_asked_for_what_large_ones_need() -> None:
    site = told("site", "site:s1", example("site", 1))
    assert found(site, date(2020, 6, 1)) & {
        "site/employment-centre-missing",
        "site/industry-plan-missing",
        "site/party-branch-missing",
        "site/body-missing",
        "site/police-post-missing",
    } == set()  # fmt: skip
    assert {"site/no-events", "site/no-sales-channel"} <= found(site, date(2020, 6, 1))


def test_a_banners_month_is_found_from_its_form() -> None:
    banner = told("banner", "banner:150625", example("banner"))
    assert found(banner, date(2020, 6, 5)) == {
        "banner/fund-misused",
        "banner/fund-unspent",
        "banner/indicator-not-entered",
        "banner/self-check-open",
    }
    assert "banner/report-late" in found(banner, date(2020, 6, 6))


@pytest.mark.parametrize(
    ("form", "answers", "code"),
    [
        ("site", example("site", households=1500), "check:more-persons-than-households"),
        ("site", example("site", committee_relocated=6), "check:relocated-among-seats"),
        ("site", example("site", surveyed_on="2020-06-02"), "check:surveyed-by-today"),
        ("banner", example("banner", reports=[{"month": "2020-05", "sent_on": "2020-06-02"}]), "check:sent-by-today"),
    ],
)  # fmt: skip
def test_answers_that_do_not_agree_are_pointed_out(form: str, answers: Any, code: str) -> None:
    gate, day = Gate(version(form)), date(2020, 6, 1)
    assert code in {issue.code for issue in gate.judge(answers, day)}
    assert code not in {issue.code for issue in gate.judge(example(form), day)}
