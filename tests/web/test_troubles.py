"""What goes wrong with a phone, one thing at a time: each has its words, and nothing that was recorded is lost."""

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, Page, expect

from access import DeviceState
from api.web import FOLDER
from forms.log import Logged
from tests.web.field import CHROMIUM, SERVING, Field, at_work
from tests.web.handset import PIN, Handset, handset, wait_for
from tests.web.stage import ROOT

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium")
SPACE = 200_000
PICTURE = (ROOT / "docs/screens/work.en.png").read_bytes()
# The web process serves a copy of the app, which a test may change.
OWN_COPY = """
def post_worker_init(worker):
    import pathlib
    worker.wsgi.config["WEB_FOLDER"] = pathlib.Path({folder!r})
"""
# A camera that sees a QR code; Chromium on a desk has no detector of its own.
DETECTOR = """(code) => {
  window.BarcodeDetector = class { async detect() { return [{rawValue: code}]; } };
}"""
COUNTS = """async () => {
  const opened = indexedDB.open('ruhu');
  const database = await new Promise((done) => { opened.onsuccess = () => done(opened.result); });
  const counted = {};
  for (const name of database.objectStoreNames) {
    const asked = database.transaction(name).objectStore(name).getAllKeys();
    counted[name] = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  }
  database.close();
  return counted;
}"""
KEPT_FOR = """async () => {
  await navigator.serviceWorker.ready;
  while (!navigator.serviceWorker.controller) await new Promise((done) => setTimeout(done, 50));
}"""


@pytest.fixture(scope="module")
def app_copy(tmp_path_factory) -> Any:
    return shutil.copytree(FOLDER, tmp_path_factory.mktemp("web") / "dist")


@pytest.fixture(scope="module")
def field(mongodb_uri, tmp_path_factory, app_copy) -> Iterator[Field]:
    serving = SERVING + OWN_COPY.replace("{folder!r}", repr(str(app_copy)))
    with at_work(mongodb_uri, tmp_path_factory.mktemp("troubles"), households=8, serving=serving) as made:
        yield made


@pytest.fixture
def phone(field, tmp_path) -> Iterator[Handset]:
    field.line()
    with handset(tmp_path / "profile", field.proxy.url) as made:
        yield made


@pytest.fixture
def at_home(field, phone) -> Handset:
    """A phone that is enrolled and has its work."""
    phone.start()
    phone.enrol(field.code())
    phone.sees("HJ-0008")
    return phone


def of_home(field: Field, number: int) -> list[Logged]:
    """Return the ops of a household that are in the log, its registration apart."""
    query = {"household": field.homes[number - 1], "kind": {"$in": ["interview", "visit"]}}
    found = [
        field.services.log.get(each["_id"]) for each in field.services.store["ops"].find(query, {"_id": 1})
    ]
    return [each for each in found if each is not None]


def begin(phone: Handset, number: int, remarks: str) -> None:
    """Begin an interview and leave it open, with what was typed kept."""
    phone.home(number)
    phone.begin()
    phone.answer(number, remarks)
    phone.page.wait_for_timeout(700)  # it is written 300 ms after the last key press


def typed(phone: Handset) -> str:
    return phone.page.get_by_label("还有什么要记的").input_value()


def exchange_until(phone: Handset, text: str) -> None:
    """Ask for exchanges until something is told."""
    tab = phone.page.get_by_role("navigation", name="入户").get_by_role("button", name="同步")
    now, back = (
        phone.page.get_by_role("button", name=name, exact=True).first for name in ("现在同步", "返回")
    )

    def told() -> bool:
        if phone.page.get_by_text(text).first.is_visible():
            return True
        with suppress(Error):  # the page may change by itself meanwhile
            here = phone.page.locator("header h1").inner_text(timeout=1000) == "同步"
            way = now if here else tab if tab.is_visible() else back
            if way.is_visible() and way.is_enabled():
                way.click(timeout=1000)
        return False

    wait_for(phone.page, told, 30)


def exchanged(phone: Handset, sha256: str) -> None:
    """Ask for exchanges until a form is there."""
    phone.tab("同步")
    phone.press("现在同步")
    wait_for(phone.page, lambda: sha256 in phone.page.evaluate(COUNTS)["forms"], 30)


def choose_pin(page: Page) -> None:
    page.get_by_label("新密码").fill(PIN)
    page.get_by_label("再输一遍").fill(PIN)
    page.get_by_role("button", name="下一步", exact=True).click()


def test_the_address_in_the_qr_code_gives_the_code_and_does_not_stay(field, phone):
    page = phone.start()
    page.goto(f"{field.proxy.url}/#enrol={field.code()}")
    choose_pin(page)
    phone.press("登记")
    phone.sees("HJ-0001")
    assert urlsplit(page.url).fragment == ""


def test_a_code_that_the_camera_sees_enrols(field, phone):
    page = phone.start()
    page.evaluate(DETECTOR, f"{field.proxy.url}/#enrol={field.code()}")
    choose_pin(page)
    phone.press("扫码")
    phone.sees("HJ-0001")


def test_a_network_that_wants_a_sign_in_is_told_from_a_cut_line(field, at_home):
    phone = at_home
    portal = "<html><h1>欢迎使用免费网络</h1></html>"
    phone.page.route("**/api/v1/sync", lambda route: route.fulfill(content_type="text/html", body=portal))
    phone.home(7)
    phone.press("没访成")
    phone.press("保存")
    exchange_until(phone, "网络要先登录")
    phone.page.unroute("**/api/v1/sync")
    field.no_line()
    exchange_until(phone, "连不上服务器。记录都在手机里")
    field.line()
    phone.synced()
    assert len(of_home(field, 7)) == 1


def test_a_session_that_expired_costs_nothing(field, at_home):
    phone = at_home
    field.no_line()
    phone.home(1)
    phone.press("没访成")
    phone.press("保存")
    begin(phone, 1, "没写完")
    field.services.store["tokens"].delete_many({"kind": "device"})
    field.line()
    phone.press("返回")
    exchange_until(phone, "登记已过期")
    assert not of_home(field, 1)
    phone.press("重新登记")
    phone.page.get_by_label("登记码").fill(field.code())
    phone.press("登记")
    phone.synced()
    assert [each.op.kind for each in of_home(field, 1)] == ["visit"]
    phone.tab("记录")
    phone.press(re.compile("继续填写"), exact=False)
    assert typed(phone) == "没写完"


def test_a_retired_phone_sends_all_and_then_holds_nothing(field, at_home):
    phone = at_home
    field.no_line()
    phone.home(2)
    phone.press("没访成")
    phone.press("保存")
    field.put_away()
    field.line()
    exchange_until(phone, "本机资料已清除")
    assert len(of_home(field, 2)) == 1
    kept = phone.page.evaluate(COUNTS)
    assert [name for name in ("ops", "rows", "scopes", "parts", "photos", "drafts") if kept[name]] == []
    assert not {"vault", "session", "cursor"} & set(kept["meta"])


def test_a_stolen_phone_drops_its_households_and_keeps_what_only_it_has(field, at_home):
    phone = at_home
    field.no_line()
    phone.home(3)
    phone.press("没访成")
    phone.press("保存")
    field.put_away(DeviceState.STOLEN)
    field.line()
    exchange_until(phone, "这部手机已被停用")
    kept = phone.page.evaluate(COUNTS)
    assert (len(kept["rows"]), len(kept["ops"])) == (0, 1)
    assert not of_home(field, 3)


def test_a_draft_is_finished_in_the_version_it_was_begun_in(field, at_home):
    phone = at_home
    begin(phone, 4, "旧版")
    newer = field.publish("2")
    phone.press("返回")
    exchanged(phone, newer)
    phone.home(4)
    phone.press("继续填写")
    phone.sees("这份草稿用的是旧版表格")
    assert typed(phone) == "旧版"
    phone.press("下一页")
    phone.finish()
    phone.synced()
    [kept] = of_home(field, 4)
    document = field.services.forms.get(kept.op.form).document
    assert document["x-form"]["version"] == "1"


def test_a_new_version_of_the_app_takes_over_without_the_draft_losing_a_letter(app_copy, at_home):
    phone = at_home
    phone.page.evaluate(KEPT_FOR)
    phone.page.reload()  # the first worker replaces none: a page that began with one is asked
    phone.unlock()
    phone.sees("HJ-0008")
    begin(phone, 5, "更新以前")
    worker = app_copy / "sw.js"
    (app_copy / "sw.js.gz").unlink(missing_ok=True)
    worker.write_text(re.sub(r"ruhu-([0-9a-f]{16})", "ruhu-fedcba9876543210", worker.read_text()))
    phone.page.evaluate("navigator.serviceWorker.getRegistration().then((each) => each.update())")
    phone.sees("有新版本")
    phone.page.get_by_label("还有什么要记的").type("，更新当中")
    with phone.page.expect_navigation():
        phone.press(re.compile("更新"), exact=False)
    phone.unlock()
    expect(phone.page.get_by_label("还有什么要记的")).to_have_value("更新以前，更新当中")
    assert phone.page.evaluate("caches.keys()") == ["ruhu-fedcba9876543210"]


def test_a_full_disk_is_told_and_what_was_kept_stays(field, at_home):
    phone = at_home
    page = phone.page
    begin(phone, 6, "放得下")
    used = page.evaluate("navigator.storage.estimate().then((each) => each.usage)")
    session = page.context.new_cdp_session(page)
    quota = {"origin": field.proxy.url, "quotaSize": used + SPACE}
    page.goto("about:blank")
    page.wait_for_timeout(3000)  # until then the browser goes on with the space it found before
    session.send("Storage.overrideQuotaForOrigin", quota)
    page.goto(f"{field.proxy.url}/app/")
    phone.unlock()
    phone.press("下一页")
    large = {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": b"x" * (4 * SPACE)}
    page.locator("input[type=file]").set_input_files(large)  # type: ignore[arg-type] # a dict is one
    phone.sees("手机存储空间满了")
    session.send("Storage.overrideQuotaForOrigin", {"origin": field.proxy.url})
    phone.photograph(PICTURE)
    expect(page.get_by_text("手机存储空间满了")).to_have_count(0)
    page.wait_for_timeout(700)
    phone.kill()
    phone.start()
    phone.unlock()
    expect(phone.page.locator(".ruhu-form img")).to_be_visible()
    phone.press("上一页")
    expect(phone.page.get_by_label("还有什么要记的")).to_have_value("放得下")
