"""Sites and banners in a browser: listed, with what is known and open; their interview is settled, findings come."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core.clock import day_of
from tests.web.field import CHROMIUM, Field, at_work
from tests.web.handset import Handset, handset, wait_for
from tests.web.places import SITE, add_places

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium")


@pytest.fixture
def field(mongodb_uri, tmp_path) -> Iterator[Field]:
    with at_work(mongodb_uri, tmp_path, households=2) as made:
        add_places(made)
        yield made


@pytest.fixture
def phone(field, tmp_path) -> Iterator[Handset]:
    with handset(tmp_path / "profile", field.proxy.url) as made:
        made.start()
        made.enrol(field.code())
        made.sees("HJ-0001")
        yield made


def site_page(phone: Handset) -> None:
    phone.tab("入户")
    phone.page.get_by_label("找姓名、户编号、地址").fill("")
    phone.press("安置点、旗区")
    phone.press(re.compile("一号点"), exact=False)


def fill(phone: Handset, surveyed: str) -> None:
    """Answer the form as it is begun: the name stands, the water works again."""
    page = phone.page
    phone.press("对")
    page.get_by_label("哪天摸底排查的？").fill(surveyed)
    page.get_by_role("radio", name="没有").check()
    phone.press("填写")
    expect(page.get_by_role("radio", name="水")).to_be_checked()
    page.get_by_role("radio", name="好用").check()
    phone.press("这一项好了")


def test_a_site_is_listed_and_only_forms_about_sites_are_asked_of_it(phone):
    page = phone.page
    phone.press("安置点、旗区")
    expect(page.get_by_text("HJ-0001")).to_have_count(0)
    card = page.get_by_role("button", name=re.compile("一号点"))
    for text in ("安置点 s1", "锡尼镇东街", "还有1份要问", "1个问题"):
        expect(card).to_contain_text(text)
    expect(page.get_by_role("button", name=re.compile("杭锦旗"))).to_contain_text("旗区 150625")
    card.click()
    expect(page.get_by_text("看安置点")).to_be_visible()
    expect(page.get_by_text("短访")).to_have_count(0)
    phone.press("没访成")
    expect(page.get_by_label("房子空着，没人住")).to_have_count(0)
    phone.press("返回")
    page.get_by_text("上次的情况").click()
    expect(page.get_by_text("基础设施：水，有但故障")).to_be_visible()
    expect(page.get_by_text("村民小组")).to_be_visible()
    phone.press("返回")
    phone.press("全部")
    phone.home(1)
    expect(page.get_by_text("短访")).to_be_visible()
    expect(page.get_by_text("看安置点")).to_have_count(0)
    assert phone.complaints == []


def test_an_interview_about_a_site_is_settled_on_it_and_its_findings_come_back(field, phone):
    today = day_of(field.services.clock.now())
    site_page(phone)
    phone.sees("一号点自2019年10月12日首批入住以来，台账没有设施摸底排查记录")
    field.no_line()
    phone.press("记下回答")
    phone.page.get_by_role("textbox").fill("下周排查")
    phone.press("保存")
    phone.press("开始")
    fill(phone, (today - timedelta(days=1)).isoformat())
    phone.finish()
    field.line()
    phone.synced()

    def branch_is_asked() -> bool:
        phone.tab("同步")
        phone.press("现在同步")
        site_page(phone)
        return phone.page.get_by_text("没有党支部或党小组").is_visible()

    wait_for(phone.page, branch_is_asked, 30)
    expect(phone.page.get_by_text("台账没有设施摸底排查记录")).to_have_count(0)
    expect(phone.page.get_by_text(re.compile("问过"))).to_be_visible()
    site = field.services.ledger.entries([SITE])[SITE].household
    assert (site.text("name"), site.text("party_branch")) == ("一号点", "no")
    (interview,) = site.interviews
    assert (interview.form_id, interview.round) == ("point", field.round)
    (water,) = site.records("infrastructure")
    assert (water.text("item"), interview.op in water.ops) == ("water", True), "the row is of what was known"
    kinds = {each.op.kind.value for each in field.services.log.of_households([SITE])[SITE]}
    assert kinds == {"registry", "reply", "interview"}
    assert phone.complaints == []
