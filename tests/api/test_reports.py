"""Monthly reports over HTTP: frozen, read in three forms, signed by two, sent, restated, looked into."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from core.principal import Role
from core.problems import Conflict, NotAcceptable, NotAllowed, NotFound, Unprocessable
from reports.cells import Group
from reports.freezing import verify
from reports.orders.work import work
from reports.repository import ReportRepository
from sync.settle import settle
from tests.api.builders import exchange, interview_body, op
from tests.api.test_forms import DRAFT

MONTH, REGION = "2020-08", "150625"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def freeze(coordinator, services, order):

    def make(month: str = MONTH, **more):
        _, where = order(month, **more)
        assert work(services) == 1
        done = coordinator.get(where).get_json()
        assert (done["state"], done["problem"]) == ("done", None)
        return coordinator.get(f"/reports/{done['report']}").get_json()["report"]

    return make


def total(report: dict, part: str) -> dict | None:
    (row,) = [row for row in report["rows"] if row["part"] == part]
    return next((cell for cell in row["cells"] if cell["group"] == ["region", REGION]), None)


def test_a_report_is_frozen_as_of_now_and_says_by_which_rules(freeze, coordinator):
    head = freeze()
    assert (head["state"], head["version"], head["day"]) == ("frozen", 1, "2020-09-01")
    assert len(head["policy"]) == len(head["digest"]) == len(head["indicators"]) == 64
    report = coordinator.get(f"/reports/{head['id']}").get_json()
    assert report["report"] == head
    households = total(report, "1.households")
    assert (households["num"], households["den"], households["value"]) == (0, 1, 0.0)
    lapsed = total(report, "12.lapsed")
    assert (lapsed["num"], lapsed["den"], lapsed["unknown"], lapsed["value"]) == (1, 1, 0, 1.0)


def test_last_month_and_the_change_stand_beside_each_figure(freeze, coordinator):
    freeze("2020-07")
    report = coordinator.get(f"/reports/{freeze('2020-08')['id']}").get_json()
    cell = total(report, "12.lapsed")
    assert (cell["last"], cell["change"]) == (1.0, 0.0)


def test_a_month_that_is_not_over_can_only_be_drafted(freeze, coordinator, assert_problem):
    refused = coordinator.post("/reports", {"month": "2020-09", "region": REGION})
    assert assert_problem(refused, Unprocessable)["errors"][0]["at"] == "/month"
    first = freeze("2020-09", draft=True)
    assert (first["version"], first["state"]) == (0, "draft")
    second = freeze("2020-09", draft=True)
    assert second["id"] != first["id"]
    assert_problem(coordinator.get(f"/reports/{first['id']}"), NotFound)
    assert_problem(coordinator.get(f"/reports/{second['id']}/restatement"), Conflict)
    assert_problem(coordinator.post(f"/reports/{second['id']}/sign"), Conflict)


def test_a_frozen_report_is_no_draft_any_more(freeze, coordinator, assert_problem):
    freeze()
    again = coordinator.post("/reports", {"month": MONTH, "region": REGION, "draft": True})
    assert_problem(again, Conflict)


@pytest.fixture
def interview(services, phone, coordinator, clock):
    """Let an interview arrive that was said on a day."""

    def arrive(said_on: str) -> None:
        store, form = services.store, coordinator.post("/forms", DRAFT).get_json()["sha256"]
        clock.instant += timedelta(minutes=20)
        told = op(
            1, "interview", interview_body(store["households"].find_one()["_id"], form, {"site": "锡尼镇"})
        )
        assert exchange(phone(), told).get_json()["results"][0]["status"] == "stored"
        store["ops"].update_one({"_id": told["id"]}, {"$set": {"said_on": said_on}})
        clock.instant += timedelta(minutes=1)
        settle(services)

    return arrive


@pytest.mark.parametrize(("day", "change"), [("2020-09-01", 1), ("2020-09-02", 0)])
def test_what_comes_late_is_restated_and_what_was_said_later_is_not(
    freeze, coordinator, interview, day, change
):
    """The interview was said on the last day that the report speaks of, or on the first after it."""
    first = freeze()
    interview(day)
    second = freeze()
    assert (second["version"], second["restates"], second["day"]) == (2, first["id"], first["day"])
    told = coordinator.get(f"/reports/{second['id']}/restatement").get_json()
    assert (told["first"]["id"], told["newest"]["id"]) == (first["id"], second["id"])
    changed = {each["part"] for each in told["items"] if each["dimension"] == "region"}
    assert ("1.households" in changed) is bool(change)
    old = coordinator.get(f"/reports/{first['id']}").get_json()
    new = coordinator.get(f"/reports/{second['id']}").get_json()
    assert total(old, "1.households")["num"] == 0, "a frozen report never changes"
    assert total(new, "1.households")["num"] == change


def test_two_persons_sign_and_then_it_is_sent(freeze, coordinator, as_role, assert_problem, store):
    report = freeze()["id"]
    assert_problem(coordinator.post(f"/reports/{report}/send"), Conflict)
    assert_problem(coordinator.post(f"/reports/{report}/sign"), Conflict)
    supervisor = as_role(Role.SUPERVISOR)
    signed = supervisor.post(f"/reports/{report}/sign").get_json()
    assert (signed["state"], [each["by"] for each in signed["signatures"]]) == (
        "signed",
        [supervisor.user.id],
    )
    assert_problem(supervisor.post(f"/reports/{report}/sign"), Conflict)
    assert_problem(supervisor.post(f"/reports/{report}/send"), NotAllowed)
    sent = coordinator.post(f"/reports/{report}/send").get_json()
    assert (sent["state"], sent["sent_by"]) == ("sent", coordinator.user.id)
    told = {entry["action"] for entry in store["audit"].find({"target": f"report/{report}"})}
    assert told == {"reports:freeze", "reports:sign", "reports:send"}


def test_the_workbook_opens_and_its_sums_agree(freeze, coordinator):
    report = freeze()["id"]
    answer = coordinator.get(f"/reports/{report}", headers={"Accept": XLSX})
    assert answer.mimetype == XLSX
    assert ".xlsx" in answer.headers["Content-Disposition"]
    shown = load_workbook(io.BytesIO(answer.data), data_only=True)
    formulas = load_workbook(io.BytesIO(answer.data))
    assert shown.sheetnames[:2] == ["月报", "按旗区"]
    assert shown["月报"]["A1"].value == "易地扶贫搬迁后续扶持工作进展情况月报表"
    assert shown["月报"]["A3"].value == "填报单位：杭锦旗人民政府"
    for sheet in shown.worksheets[1:]:
        columns = [cell.value for cell in sheet[4]]
        last = len(columns) - columns[::-1].index("合计")
        for row in sheet.iter_rows(min_row=6):
            if isinstance(row[last - 1].value, int | float):
                for offset in range(3):
                    formula = formulas[sheet.title].cell(row[0].row, last + offset).value
                    assert formula.startswith("=SUM(")
                    added = sum(row[column].value for column in range(4 + offset, last - 1, 3))
                    assert row[last - 1 + offset].value == pytest.approx(added)


def test_the_same_report_gives_the_same_bytes(freeze, coordinator):
    report = freeze()["id"]
    for form in ("xlsx", "pdf"):
        first, second = (coordinator.get(f"/reports/{report}?format={form}").data for _ in range(2))
        assert first == second


def test_the_pdf_opens_and_is_chinese(freeze, coordinator):
    answer = coordinator.get(f"/reports/{freeze()['id']}", headers={"Accept": "application/pdf"})
    assert answer.mimetype == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    for words in (
        "易地扶贫搬迁后续扶持工作进展情况月报表",
        "填报单位：杭锦旗人民政府",
        "制表人：乌兰",
        "断保",
    ):
        assert words in text


def test_a_name_is_text_in_the_pdf_whatever_it_looks_like(freeze, coordinator, store):
    """Who makes the file for a reader may not be made to fetch what a name points at."""
    head = freeze()
    store["users"].update_many(
        {}, {"$set": {"name": '<img src="/etc/hostname" width="9" height="9"/>&<b>甲'}}
    )
    answer = coordinator.get(f"/reports/{head['id']}", headers={"Accept": "application/pdf"})
    assert answer.status_code == 200
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    assert '<img src="/etc/hostname"' in text
    assert "&<b>甲" in text


def test_the_document_names_every_form_of_a_report(coordinator):
    operation = coordinator.get("/openapi.json").get_json()["paths"]["/api/v1/reports/{report_id}"]["get"]
    kinds = set(operation["responses"]["200"]["content"])
    assert {"application/json", "application/pdf", XLSX} <= kinds


def test_what_no_report_comes_as_is_told(freeze, coordinator, assert_problem):
    assert_problem(
        coordinator.get(f"/reports/{freeze()['id']}", headers={"Accept": "text/csv"}), NotAcceptable
    )


def test_the_report_of_a_unit_has_its_indicators_alone(freeze, coordinator):
    head = freeze(unit="education")
    report = coordinator.get(f"/reports/{head['id']}").get_json()
    assert {row["number"] for row in report["rows"]} == {18, 19, 20}
    assert all("education" in row["units"] for row in report["rows"])


def test_the_objects_behind_a_figure_are_listed_page_by_page(freeze, coordinator, register, store):
    for number in range(4):
        register(registry_no=f"N{number}", resident_id=f"15062519800302{number}33X")
    report = freeze()["id"]
    path = f"/reports/{report}/cells/12/lapsed?limit=2"
    seen, page = [], coordinator.get(path).get_json()
    while True:
        seen += page["items"]
        if page["next"] is None:
            break
        page = coordinator.get(f"{path}&after={page['next']}").get_json()
    assert {each["entry"] for each in seen} == {each["_id"] for each in store["households"].find()}
    assert len(seen) == 5
    assert coordinator.get(f"/reports/{report}/cells/12/lapsed?role=unknown").get_json()["items"] == []
    assert coordinator.get(f"/reports/{report}/cells/12/nothing").status_code == 404


def test_a_sumu_sees_of_the_banners_figures_only_its_own_households(
    freeze, as_role, register, assert_problem
):
    inside = register(region="150625101", registry_no="S1", resident_id="150625198003021333")
    report = freeze()["id"]
    sumu = as_role(Role.SUPERVISOR, "150625101")
    assert_problem(sumu.get(f"/reports/{report}"), NotFound)
    items = sumu.get(f"/reports/{report}/cells/12/lapsed").get_json()["items"]
    assert [each["entry"] for each in items] == [inside]


def test_nothing_of_a_household_stands_in_clear_in_the_collections(freeze, store):
    freeze()
    household = store["households"].find_one()["_id"]
    for name in ("reports", "report_cells"):
        for document in store[name].find():
            clear = {key: value for key, value in document.items() if not isinstance(value, bytes)}
            assert household not in str(clear)


@pytest.mark.parametrize("day", ["2020-09-01", "2020-09-02"])
def test_each_version_can_be_made_again_from_the_log_alone(freeze, services, interview, day):
    repository = ReportRepository(services.store)
    heads = [freeze()]
    interview(day)
    heads.append(freeze())
    for head in heads:
        found = verify(services, repository.get(head["id"]))
        assert found.equal, found.differing
        assert found.same_policy


def test_a_changed_figure_does_not_pass_the_verification(freeze, services):
    repository = ReportRepository(services.store)
    report = repository.get(freeze()["id"])
    group = Group("region", REGION)
    cells = {name: dict(by_group) for name, by_group in report.cells.by_part.items()}
    cells["12.lapsed"][group] = cells["12.lapsed"][group]._replace(num=0)
    found = verify(services, replace(report, cells=replace(report.cells, by_part=cells)))
    assert [(each.part, each.group) for each in found.differing] == [("12.lapsed", group)]
