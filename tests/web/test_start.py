"""The app starts without a line at once on a slow phone; measured as test_speed.py measures."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession

from tests.web.field import CHROMIUM, at_work
from tests.web.handset import PIN, handset
from tests.web.test_speed import SLOWER, busy

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium")
START_MS, STARTS = 1500, 5
# Resolves when the service worker has kept all that the app consists of, and answers for the page.
KEPT = """async () => {
  await navigator.serviceWorker.ready;
  while (!navigator.serviceWorker.controller) await new Promise((done) => setTimeout(done, 50));
}"""


def timed(act: Callable[[], object]) -> float:
    """Return how many milliseconds something took."""
    began = time.monotonic()
    act()
    return (time.monotonic() - began) * 1000


def processed(session: CDPSession, act: Callable[[], object]) -> float:
    """Return milliseconds of processor time of the page's process: its thread, the service worker's, all others."""

    def taken() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return sum(each["value"] for each in metrics if each["name"] == "ProcessTime") * 1000

    before = taken()
    act()
    return taken() - before


def test_the_app_starts_without_a_line_at_once(mongodb_uri, tmp_path, capsys):
    with at_work(mongodb_uri, tmp_path) as field, handset(tmp_path / "profile", field.proxy.url) as phone:
        page = phone.start()
        phone.enrol(field.code())
        phone.sees("HJ-0050")
        page.evaluate(KEPT)
        field.no_line()
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")

        def start() -> None:
            page.reload(wait_until="commit")
            page.get_by_label("输入密码解锁").wait_for()

        start()  # warm
        work = [processed(session, start) * SLOWER for _ in range(STARTS)]
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        waited = [timed(start) for _ in range(STARTS)]
        page.get_by_label("输入密码解锁").fill(PIN)
        opened = timed(lambda: (phone.press("解锁"), phone.sees("HJ-0050")))
    with capsys.disabled():
        print(  # noqa: T201 - the figures
            f"\nstart without a line, slowest of {STARTS}: {max(work):.0f} ms of work at a sixth, "
            f"{max(waited):.0f} ms to the PIN (at most {START_MS}); {opened:.0f} ms from the PIN to fifty households"
        )
    assert max(work) <= START_MS
    assert max(waited) <= START_MS or busy()
