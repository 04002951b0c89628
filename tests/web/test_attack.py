"""What one finds who looks into the phone, and what a form cannot do to it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Error

from tests.web.field import CHROMIUM, Field, at_work
from tests.web.handset import Handset, handset

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium")
# All that the browser keeps for the app, as text: values of the database with their bytes, caches, storages, history.
KEPT = """async () => {
  const written = (value) => {
    if (value instanceof Uint8Array) return new TextDecoder().decode(value);
    if (value === null || typeof value !== 'object') return String(value);
    return Object.entries(value).map(([name, each]) => name + written(each)).join();
  };
  const opened = indexedDB.open('ruhu');
  const database = await new Promise((done) => { opened.onsuccess = () => done(opened.result); });
  const found = {};
  for (const name of database.objectStoreNames) {
    const asked = database.transaction(name).objectStore(name).getAll();
    found[name] = written(await new Promise((done) => { asked.onsuccess = () => done(asked.result); }));
  }
  database.close();
  for (const name of await caches.keys()) {
    for (const each of await (await caches.open(name)).keys()) found[each.url] = each.url;
  }
  const state = JSON.stringify([localStorage, sessionStorage, history.state]);
  return {...found, state, cookies: document.cookie, address: location.href, title: document.title};
}"""
HOSTILE = "<img src=x onerror='window.run = 1'><script>window.run = 1</script>"


@pytest.fixture(scope="module")
def field(mongodb_uri, tmp_path_factory) -> Iterator[Field]:
    with at_work(mongodb_uri, tmp_path_factory.mktemp("attack"), households=2) as made:
        yield made


@pytest.fixture
def phone(field, tmp_path) -> Iterator[Handset]:
    with handset(tmp_path / "profile", field.proxy.url) as made:
        made.start()
        made.enrol(field.code())
        made.sees("HJ-0002")
        yield made


def test_who_copies_what_the_browser_keeps_reads_nothing_of_anybody(phone):
    heard: list[str] = []
    phone.page.on("console", lambda message: heard.append(message.text))
    phone.home(1)
    phone.begin()
    phone.answer(3, "不能让人看见的话")
    phone.page.wait_for_timeout(700)
    phone.tab("入户")
    phone.home(2)
    phone.press("没访成")
    phone.press("保存")
    phone.tab("入户")
    kept = phone.page.evaluate(KEPT)
    kept["console"] = " ".join(heard)
    secrets = (
        "不能让人",
        "巴图",
        "1380000",
        "锡尼镇",
        "HJ-000",
        "乌兰",
        "wulan",
        "1980-03-02",
        "nobody_home",
    )
    assert [(where, each) for where, text in kept.items() for each in secrets if each in text] == []
    assert kept["drafts"]
    assert kept["ops"]


def test_markup_in_words_is_words_and_no_script_comes_from_data(phone):
    phone.home(1)
    phone.begin()
    phone.answer(3, HOSTILE)
    phone.press("下一页")
    phone.press("填写")
    phone.page.locator("#q-members-0-name").fill(HOSTILE)
    phone.press("这一项好了")
    phone.sees(HOSTILE)
    assert phone.page.evaluate("window.run") is None


@pytest.mark.parametrize(
    "script",
    [
        "document.body.innerHTML = '<b>x</b>'",
        "trustedTypes.createPolicy('other', {createHTML: (text) => text})",
        "trustedTypes.createPolicy('ruhu', {createScriptURL: (text) => text})",
        "document.head.append(Object.assign(document.createElement('script'), {src: '/app/other.js'}))",
        "navigator.serviceWorker.register('/app/other.js')",
    ],
)
def test_trusted_types_let_no_text_become_code(phone, script):
    with pytest.raises(Error, match="TypeError"):
        phone.page.evaluate(script)
