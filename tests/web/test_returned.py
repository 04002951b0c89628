"""An interview that was returned is corrected on another phone: of somebody who holds the household."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect, sync_playwright

from forms.log import Logged
from sync.sight import Sight
from tests.unit.sync.world import COORDINATOR
from tests.web.field import CHROMIUM, Field, at_work
from tests.web.handset import Handset
from tests.web.stage import ROOT

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium")
PICTURE = (ROOT / "docs/screens/work.en.png").read_bytes()
NUMBER = "13812345678"
REASON = "房间数不对"


@pytest.fixture
def field(mongodb_uri, tmp_path) -> Iterator[Field]:
    with at_work(mongodb_uri, tmp_path, households=2) as made:
        yield made


@pytest.fixture
def phones(field, tmp_path) -> Iterator[tuple[Handset, Handset]]:
    """The phone on which the interview is made, and a colleague's; both hold the list."""
    codes = [field.code(), field.code(field.colleague())]
    with sync_playwright() as playwright:
        made = [Handset(playwright, tmp_path / f"profile-{number}", field.proxy.url) for number in (1, 2)]
        try:
            for phone, code in zip(made, codes, strict=True):
                phone.start()
                phone.enrol(code)
                phone.sees("HJ-0002")
            yield made[0], made[1]
        finally:
            for phone in made:
                phone.kill()
                shutil.rmtree(phone.profile, ignore_errors=True)


def interviews(field: Field) -> list[Logged]:
    logged = field.services.log.of_households([field.homes[0]])[field.homes[0]]
    return [each for each in logged if each.op.kind.value == "interview"]


def interview(phone: Handset) -> None:
    """Interview the first household, say a telephone number among the remarks, and take a photo."""
    phone.home(1)
    phone.begin()
    phone.answer(3, f"电话{NUMBER}")
    phone.press("下一页")
    phone.photograph(PICTURE)
    phone.finish()
    phone.synced()


def test_a_colleague_corrects_it_and_what_was_not_told_stays_as_it_was(field, phones):
    maker, colleague = phones
    interview(maker)
    (first,) = interviews(field)
    field.give_back(first.op.id, REASON)
    colleague.sees_after_exchanges("记录", f"负责人说：{REASON}")
    colleague.press("打开修改")
    page = colleague.page
    assert page.get_by_label("住几间房").input_value() == "3"
    expect(page.get_by_text("以前答过，这里不显示")).to_have_count(1)
    assert page.get_by_label("还有什么要记的").input_value() == ""
    page.get_by_label("住几间房").fill("9")
    colleague.press("下一页")
    expect(page.get_by_text("照片 ✓")).to_be_visible()
    colleague.finish()
    colleague.tab("记录")
    expect(page.get_by_text(REASON)).to_have_count(0)
    colleague.synced()

    (second,) = [each for each in interviews(field) if each.op.id != first.op.id]
    body = second.op.body
    assert (second.op.parent, body["kept"], second.issues) == (first.op.revision, ["/remarks"], ())
    assert (body["answers"]["rooms"], "remarks" in body["answers"]) == (9, False)
    assert body["blobs"] == first.op.body["blobs"]
    whole = Sight(field.services, COORDINATOR).interview(second.op.id).logged.op.body["answers"]
    assert whole == first.op.body["answers"] | {"rooms": 9}
    maker.sees_after_exchanges("记录", "没有")
    maker.home(1)
    expect(maker.page.get_by_role("button", name="打开修改")).to_have_count(0)
    assert (maker.complaints, colleague.complaints) == ([], [])


def test_on_the_phone_that_made_it_all_of_it_is_there(field, phones):
    maker, _ = phones
    interview(maker)
    (first,) = interviews(field)
    field.give_back(first.op.id, REASON)
    maker.sees_after_exchanges("记录", f"负责人说：{REASON}")
    maker.press("打开修改")
    expect(maker.page.get_by_text("以前答过，这里不显示")).to_have_count(0)
    assert NUMBER in maker.page.get_by_label("还有什么要记的").input_value()
    maker.press("下一页")
    maker.finish()
    maker.synced()
    (second,) = [each for each in interviews(field) if each.op.id != first.op.id]
    assert (second.op.parent, "kept" in second.op.body) == (first.op.revision, False)
    assert re.search(NUMBER, str(second.op.body["answers"]))
