"""A phone in a hand: the app in headless Chromium, driven by what is written on its buttons."""

import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect, sync_playwright

from tests.web.field import CHROMIUM

PIN = "274918"
SMALL = {"width": 360, "height": 640}
_ARGUMENTS = (
    "--no-sandbox", "--disable-dev-shm-usage", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
)  # fmt: skip


@dataclass
class Handset:
    """A phone: its browser with a profile on the disk, its page, and every address it ever asked for."""

    playwright: Playwright
    profile: Path
    url: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    context: BrowserContext | None = None

    def start(self) -> Page:
        """Open the browser and the app; the profile is what the phone remembers."""
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile), executable_path=CHROMIUM, args=list(_ARGUMENTS), viewport=SMALL,
            locale="zh-CN", timezone_id="Asia/Shanghai", permissions=["geolocation"],
            geolocation={"latitude": 39.83, "longitude": 108.72}, has_touch=True, service_workers="allow",
        )  # fmt: skip
        self.context.on("request", lambda request: self.asked.append(request.url))
        page = self.context.pages[0] if self.context.pages else self.context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._heard(message.text) if message.type == "error" else None)
        page.goto(f"{self.url}/app/")
        return page

    def _heard(self, text: str) -> None:
        if (
            "net::ERR_" not in text and "Failed to load resource" not in text
        ):  # the line is the test's own doing
            self.complaints.append(text)

    @property
    def page(self) -> Page:
        assert self.context is not None
        return self.context.pages[0]

    def kill(self) -> None:
        """Kill the browser's processes, all of this profile and no other, as an empty battery would."""
        for pid in _processes(self.profile):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(Error):
            if self.context is not None:
                self.context.close()
        self.context = None
        for name in ("SingletonLock", "SingletonCookie", "SingletonSocket"):
            (self.profile / name).unlink(missing_ok=True)

    def strangers(self) -> set[str]:
        """Return the hosts it asked that are not the server."""
        own = urlsplit(self.url).netloc
        return {
            parts.netloc
            for parts in map(urlsplit, self.asked)
            if parts.scheme not in {"blob", "data"} and parts.netloc != own
        }

    # --- what a hand does

    def press(self, name: str | re.Pattern[str], *, exact: bool = True, last: bool = False) -> None:
        found = self.page.get_by_role("button", name=name, exact=exact)
        (found.last if last else found.first).click()

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=20_000)

    def unlock(self, pin: str = PIN) -> None:
        self.page.get_by_label("输入密码解锁").fill(pin)
        self.press("解锁")

    def enrol(self, code: str) -> None:
        self.page.get_by_label("新密码").fill(PIN)
        self.page.get_by_label("再输一遍").fill(PIN)
        self.press("下一步")
        self.page.get_by_label("登记码").fill(code)
        self.press("登记")

    def tab(self, name: str) -> None:
        """Go to a tab, back from wherever one is."""
        back = self.page.get_by_role("button", name="返回", exact=True).first
        while not self.page.get_by_role("navigation", name="入户").is_visible():
            with suppress(Error):  # the page may have gone back by itself meanwhile
                back.click(timeout=1000)
        self.page.get_by_role("navigation", name="入户").get_by_role(
            "button", name=re.compile(f"{name}")
        ).click()

    def home(self, number: int) -> None:
        """Open a household by its register number."""
        self.tab("入户")
        self.page.get_by_label("找姓名、户编号、地址").fill(f"HJ-{number:04}")
        self.press(re.compile(f"HJ-{number:04}"), exact=False)

    def begin(self) -> None:
        self.press("开始")
        self.press("愿意，开始访问")

    def answer(self, rooms: int, remarks: str) -> None:
        """Fill the first page and go on."""
        self.page.get_by_label(re.compile("住几间房")).fill(str(rooms))
        self.page.get_by_label(re.compile("还有什么要记的")).fill(remarks)

    def photograph(self, content: bytes) -> None:
        file: Any = {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": content}
        self.page.locator("input[type=file]").set_input_files(file)
        expect(self.page.locator(".ruhu-form img")).to_be_visible()

    def finish(self) -> None:
        self.press("检查")
        self.press("完成")
        self.sees("已完成，会自动上传。")

    def sees_after_exchanges(self, tab: str, text: str, seconds: float = 30) -> None:
        """Press for exchanges until a tab shows a text."""

        def there() -> bool:
            self.tab("同步")
            self.press("现在同步")
            self.page.wait_for_timeout(500)
            self.tab(tab)
            return self.page.get_by_text(text).first.is_visible()

        wait_for(self.page, there, seconds)

    def synced(self, seconds: float = 90) -> None:
        """Press for an exchange until nothing waits."""
        self.tab("同步")
        wait_for(self.page, self._nothing_waits, seconds)

    def _nothing_waits(self) -> bool:
        text = self.page.locator("#waiting").inner_text()
        if text == "没有要上传的" and self.page.get_by_text("✓ 一切正常").is_visible():
            return True
        button = self.page.get_by_role("button", name="现在同步", exact=True)
        if button.is_visible() and button.is_enabled():
            button.click()
        return False


def wait_for(page: Page, true: Callable[[], bool], seconds: float) -> None:
    """Ask until it is true."""
    for _ in range(int(seconds / 0.3)):
        if true():
            return
        page.wait_for_timeout(300)
    raise AssertionError(page.inner_text("body"))


def _processes(profile: Path) -> Iterator[int]:
    """Yield the processes that this profile's browser consists of."""
    wanted = f"--user-data-dir={profile}".encode()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                if wanted in (folder / "cmdline").read_bytes():
                    yield int(folder.name)


@contextmanager
def handset(profile: Path, url: str) -> Iterator[Handset]:
    """A phone that asks a server; put away in the end, whatever became of it."""
    with sync_playwright() as playwright:
        phone = Handset(playwright, profile, url)
        try:
            yield phone
        finally:
            phone.kill()
            shutil.rmtree(profile, ignore_errors=True)
