"""A banner's roster becomes households, and every row or cell left out has its reason."""

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from ledger.roster import NotARoster, RosterParser, SiteParser, map_headings, read

HEADINGS = [
    "户编号",
    "姓 名",
    "证件号码（身份证）",
    "与户主关系",
    "民族",
    "健康状况",
    "入住日期",
    "是否参加城乡居民基本医疗保险",
    "是否参加城镇职工基本医疗保险",
]
FATHER = ["0001", "巴图", "152726198003020019", "户主", "蒙古族", "健康", "2020-03-15", "否", "否"]
DAUGHTER = ["0001", "萨仁", "", "之女", "蒙古", "长期慢性病,残疾", "", "是", "否"]


def parse(rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS) -> RosterParser:
    mapping, unknown, missing = map_headings(headings, {})
    assert (unknown, missing) == ([], [])
    parser = RosterParser(mapping, "150625")
    for line, row in enumerate(rows, start=2):
        parser.add(line, row)
    return parser


def test_rows_with_one_number_are_one_household_wherever_they_stand() -> None:
    parser = parse([FATHER, ["0002", "王建国", "", "户主", "汉", "健康", "", "", ""], DAUGHTER])
    first, second = parser.households()
    assert parser.remarks == []
    father, daughter = sorted(first.row.rows, key=lambda person: person.facts["relation"])
    assert [father.facts["name"], daughter.facts["name"]] == ["巴图", "萨仁"]
    assert first.row.facts == {"registry_no": "0001", "region": "150625", "move_in": "2020-03-15"}
    assert father.facts["insurance.medical.now"] == "no"
    assert daughter.facts["insurance.medical.now"] == "yes"
    assert daughter.facts["health"] == ["chronic", "disabled"]
    assert daughter.facts["relation"] == "30"
    assert second.lines == (3,)


def test_the_old_code_of_the_league_is_a_valid_number_and_a_wrong_check_digit_is_told() -> None:
    wrong = [*FATHER]
    wrong[2] = "152726198003020011"
    parser = parse([wrong])
    (household,) = parser.households()
    assert "resident_id" not in household.row.rows[0].facts
    assert [(r.code, r.line, r.dropped) for r in parser.remarks] == [("bad-resident-id", 2, False)]
    assert "19800302" not in parser.remarks[0].value


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["", *FATHER[1:]], "missing"),
        ([FATHER[0], "", *FATHER[2:]], "missing"),
        ([*FATHER[:6], "三月", *FATHER[7:]], "not-understood"),
        ([*FATHER[:3], "邻居", *FATHER[4:]], "not-understood"),
    ],
)
def test_what_does_not_fit_is_reported_with_its_line(row: list[str], code: str) -> None:
    parser = parse([row])
    list(parser.households())
    assert [(remark.code, remark.line) for remark in parser.remarks] == [(code, 2)]


def test_a_person_who_stands_twice_is_taken_once() -> None:
    parser = parse([FATHER, FATHER])
    (household,) = parser.households()
    assert len(household.row.rows) == 1
    assert [remark.code for remark in parser.remarks] == ["twice"]


def test_the_order_of_the_rows_does_not_change_a_household() -> None:
    (one,) = parse([FATHER, DAUGHTER]).households()
    (other,) = parse([DAUGHTER, FATHER]).households()
    assert one.row == other.row


def test_a_saved_mapping_names_headings_of_ones_own_and_can_leave_columns_out() -> None:
    mapping, unknown, missing = map_headings(
        ["户号", "名字", "备注", "谁"], {"户号": "household.registry_no", "名字": "person.name", "备注": "-"}
    )
    assert mapping == {0: ("household", "registry_no"), 1: ("person", "name")}
    assert (unknown, missing) == (["谁"], [])


def test_a_region_outside_the_banner_is_refused() -> None:
    mapping, _, _ = map_headings(["户编号", "姓名", "行政区划代码"], {})
    parser = RosterParser(mapping, "150625")
    parser.add(2, ["1", "巴图", "150626100001"])
    parser.add(3, ["2", "苏和", "150625100001"])
    assert [household.region for household in parser.households()] == ["150625100001"]
    assert [remark.code for remark in parser.remarks] == ["foreign-region"]


def test_xlsx_and_both_csv_encodings_read_alike(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (HEADINGS, FATHER):
        book.active.append(row)
    book.save(tmp_path / "r.xlsx")
    text = "\n".join(",".join(row) for row in (HEADINGS, FATHER))
    (tmp_path / "u.csv").write_text(text, encoding="utf-8-sig")
    (tmp_path / "g.csv").write_text(text, encoding="gb18030")
    expected = [tuple(HEADINGS), tuple(FATHER)]
    for name in ("r.xlsx", "u.csv", "g.csv"):
        assert list(read(tmp_path / name)) == expected


@pytest.mark.parametrize(
    ("name", "content"), [("a.xls", b"x"), ("a.xlsx", b"not a zip"), ("a.csv", b"\xff\xff\xff")]
)
def test_a_file_of_another_kind_is_refused_in_plain_words(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NotARoster, match=name):
        list(read(tmp_path / name))


def test_a_roster_may_have_columns_of_the_dwelling_and_the_old_house() -> None:
    headings = [
        "户编号",
        "姓名",
        "安置房面积（平方米）",
        "交房日期",
        "旧房面积",
        "旧房拆除情况",
        "宅基地面积",
    ]
    parser = parse([["0001", "巴图", "80.5", "2019-10-01", "六十", "已拆除", "1.2"]], headings)
    (household,) = parser.households()
    records = {row.entity: (row.key, row.facts) for row in household.row.rows if row.entity != "person"}
    assert records == {
        "record:dwelling": ("dwelling", {"area": 80.5, "handover_on": "2019-10-01"}),
        "record:old_house": ("old_house", {"state": "3", "plot_mu": 1.2}),
    }
    assert [(remark.column, remark.code) for remark in parser.remarks] == [("area", "not-understood")]


def test_rows_that_name_a_facility_are_lines_of_the_sites_asset_ledger() -> None:
    headings = ["类别", "安置点编码", "安置点名称", "设施", "资产编号", "是否入账", "批准用途"]
    mapping, unknown, missing = map_headings(headings, {"x": "y"}, "sites")
    assert (unknown, missing) == ([], ["region"])
    parser = SiteParser(mapping, "150625100")
    rows = [
        ["", "XN-1", "", "幼儿园", "ZC-1", "是", "按建设用途"],
        ["", "XN-1", "一号点", "", "", "", ""],
        ["", "XN-1", "", "暖", "", "否", "?"],
        ["", "XN-1", "", "幼儿园", "ZC-2", "", ""],
        ["", "XN-1", "", "游泳池", "ZC-3", "", ""],
        ["旗区", "", "", "幼儿园", "", "是", ""],
        ["", "XN-2", "", "卫生室", "ZC-4", "是", ""],
    ]
    for line, row in enumerate(rows, start=2):
        parser.add(line, row)
    one, two = parser.sites()
    assert (one.id, dict(one.row.facts)) == ("site:XN-1", {"name": "一号点"})
    assert [(row.entity, dict(row.facts)) for row in one.row.rows] == [
        ("record:infrastructure", {"item": "heating", "in_asset_ledger": "no"}),
        (
            "record:facility",
            {"kind": "kindergarten", "asset_id": "ZC-1", "in_asset_ledger": "yes", "use_approved": "1"},
        ),
    ]
    assert (two.id, dict(two.row.facts), len(two.row.rows)) == ("site:XN-2", {}, 1)
    assert [(remark.line, remark.code) for remark in parser.remarks] == [
        (4, "not-understood"), (5, "twice"), (6, "unknown-facility"), (7, "unknown-facility"),
    ]  # fmt: skip


def test_a_table_of_sites_becomes_sites_and_banners() -> None:
    headings = ["类别", "安置点编码", "区划代码", "安置点名称", "安置点类型", "安置人口"]
    mapping, unknown, missing = map_headings(headings, {}, "sites")
    assert (unknown, missing) == ([], [])
    parser = SiteParser(mapping, "1506")
    rows = [
        ["安置点", "XN-1", "150625100", "一号点", "小城镇", "1200"],
        ["", "XN-2", "150625100", "二号点", "?", "many"],
        ["旗区", "", "150625", "杭锦旗", "", ""],
        ["", "XN-1", "150625100", "又是一号点", "", ""],
        ["", "a/b", "150625100", "", "", ""],
        ["", "XN-3", "150725", "别处", "", ""],
        [],
    ]
    for line, row in enumerate(rows, start=2):
        parser.add(line, row)
    found = {site.id: (site.region, dict(site.row.facts)) for site in parser.sites()}
    assert found == {
        "site:XN-1": ("150625100", {"name": "一号点", "kind": "town", "population": 1200}),
        "site:XN-2": ("150625100", {"name": "二号点"}),
        "banner:150625": ("150625", {"name": "杭锦旗"}),
    }
    assert [(remark.line, remark.code) for remark in parser.remarks] == [
        (3, "not-understood"), (3, "not-understood"), (5, "twice"), (6, "bad-code"), (7, "foreign-region")
    ]  # fmt: skip
