"""The README's tour: the roster is read, one visit is pushed, both findings are there and travel with the next pull."""

import uuid
from datetime import UTC, datetime

from api.cli.people import OPERATOR
from api.cli.setup import publish_catalogue
from ledger.roster import RosterParser, map_headings, read
from sync.filing import Sender
from sync.protocol import parse_request
from sync.push import push as push_ops
from sync.registry import register
from sync.settle import settle
from tests import tour


def test_the_request_of_the_tour_is_as_the_forms_are_now():
    assert (tour.FOLDER / "push.json").read_text(encoding="utf-8") == tour.text(), (
        "run 'python -m tests.tour'"
    )


def test_the_visit_of_the_tour_finds_the_lapse_and_the_lost_school(services, clock):
    clock.instant = datetime(2026, 11, 24, 2, tzinfo=UTC)
    list(publish_catalogue(services))
    rows = list(read(tour.FOLDER / "roster.csv"))
    mapping, _, _ = map_headings(rows[0], {})
    parser = RosterParser(mapping, "150625")
    for line, row in enumerate(rows[1:], start=2):
        parser.add(line, row)
    register(services, OPERATOR, [(each.id, each.region, each.row) for each in parser.households()])
    settle(services)

    pushed = push_ops(
        services,
        OPERATOR,
        parse_request(tour.push()),
        Sender("phone", services.clock.now(), str(uuid.uuid4())),
    )
    assert [(each["status"], each["issues"]) for each in pushed.results] == [("stored", [])] * 2
    settle(services)

    findings = services.findings.of_households([tour.HOUSEHOLD])[tour.HOUSEHOLD].values()
    told = {(each.rule, each.subject): each for each in findings if each.state.value == "open"}
    lapse = told["insurance/lapse", tour.FATHER]
    lost = told["schooling/transfer-open", tour.DAUGHTER]
    assert (lapse.clause, lapse.unit) == ("三(三)", "medical_insurance")
    assert (lost.clause, lost.unit) == ("三(一)", "education")
    assert lapse.due is not None
    assert lost.due is not None
