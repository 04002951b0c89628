"""Every page of the phone app, one after another, in a language: by the words on its buttons."""

import json
from collections.abc import Iterator

from playwright.sync_api import Locator, Page, expect

from tests.web.field import Field
from tests.web.handset import PIN, Handset
from tests.web.stage import ROOT

LANGUAGES = {"zh-Hans": "中文", "mn-Mong": "ᠮᠣᠩᠭᠣᠯ", "en": "English"}
CODE = "enrol.code"


class Walk:
    """A phone and the words of one language.

    Args:
        field: the server's side.
        phone: a handset that was never started.
        language: a key of `LANGUAGES`.
    """

    def __init__(self, field: Field, phone: Handset, language: str) -> None:
        self.field, self.phone, self.language = field, phone, language
        own, words = (
            json.loads((ROOT / "web" / "words" / f"{each}.json").read_text("utf-8"))
            for each in (language, "zh-Hans")
        )
        self.words: dict[str, str] = words | own

    @property
    def page(self) -> Page:
        return self.phone.page

    def button(self, word: str) -> Locator:
        return self.page.get_by_role("button", name=self.words[word], exact=True).first

    def press(self, *words: str) -> None:
        for word in words:
            self.button(word).click()

    def fill(self, word: str, text: str) -> None:
        self.page.get_by_label(self.words[word], exact=True).fill(text)

    def heading(self, word: str) -> None:
        """Wait for the page of a title."""
        expect(self.page.locator("header h1")).to_have_text(self.words[word])

    def tab(self, word: str) -> None:
        self.page.locator("nav").get_by_role("button", name=self.words[word]).first.click()
        self.heading(word)

    def pages(self) -> Iterator[str]:
        """Yield the name of each page while it is shown."""
        yield from self._begin()
        yield from self._place()
        yield from self._home()
        yield from self._interview()
        yield from self._tabs()
        yield from self._end()

    def _begin(self) -> Iterator[str]:
        self.phone.start()
        self.page.get_by_role("button", name=LANGUAGES[self.language], exact=True).click()
        self.heading("pin.choose")
        yield "choose-pin"
        self.fill("pin.new", PIN)
        self.fill("pin.again", PIN)
        self.press("next")
        self.heading("enrol")
        yield "enrol"
        self.fill(CODE, self.field.code())
        self.press("enrol.send")
        expect(self.page.get_by_text("HJ-0001")).to_be_visible()
        yield "work"

    def _place(self) -> Iterator[str]:
        self.press("filter.places")
        self.page.get_by_role("button", name="一号点").click()
        expect(self.button("reply")).to_be_visible()
        yield "site"
        self.press("back", "filter.all")

    def _home(self) -> Iterator[str]:
        self.page.get_by_role("button", name="HJ-0001").click()
        expect(self.button("reply")).to_be_visible()
        yield "household"
        self.press("visit")
        self.heading("visit")
        yield "visit"
        self.press("back", "reply")
        yield "finding"
        self.press("back")

    def _interview(self) -> Iterator[str]:
        self.press("form.start")
        self.heading("consent")
        yield "consent"
        self.press("consent.yes")
        expect(self.page.locator("#q-rooms")).to_be_visible()
        yield "form"
        self.press("form.next")
        expect(self.page.locator(".problems")).to_be_visible()
        yield "form-problems"
        self.page.locator("#q-rooms").fill("3")
        self.press("form.next")
        expect(self.page.locator("#q-members")).to_be_visible()
        yield "form-page"
        self.press("form.edit")
        expect(self.page.locator("#q-members-0-name")).to_be_visible()
        yield "form-row"
        self.press("form.rowDone", "form.review")
        expect(self.button("form.finish")).to_be_visible()
        yield "form-review"
        self.press("back", "back")

    def _tabs(self) -> Iterator[str]:
        for tab in ("records", "sync", "settings"):
            self.tab(tab)
            yield tab
        for word, title in (("pin.change", "pin.change"), ("enrol.again", "enrol.again"), ("erase", "erase")):
            self.press(word)
            self.heading(title)
            yield {"pin.change": "change-pin", "enrol.again": "enrol-again"}.get(word, word)
            self.press("back")

    def _end(self) -> Iterator[str]:
        self.press("lock")
        expect(self.button("unlock")).to_be_visible()
        yield "unlock"
        self.field.put_away()
        self.fill("pin.enter", PIN)
        self.press("unlock")
        self.heading("wiped")
        yield "wiped"
