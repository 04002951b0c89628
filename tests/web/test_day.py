"""A day in the field, in a browser: no line, eight interviews with photos, killed midway, then a line that breaks."""

import hashlib
import io
import random
from collections.abc import Iterator

import pytest
from PIL import Image

from forms.log import Logged
from tests.web.field import CHROMIUM, Field, at_work
from tests.web.handset import Handset, handset, wait_for

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium; apt-get install chromium")
INTERVIEWS = 8


def photo(number: int) -> bytes:
    """Return a picture that cannot be compressed, of some 60 kB."""
    noise = random.Random(number).randbytes(160 * 120 * 3)  # noqa: S311 - a picture, no secret
    written = io.BytesIO()
    Image.frombytes("RGB", (160, 120), noise).save(written, "JPEG", quality=98)
    return written.getvalue()


@pytest.fixture
def field(mongodb_uri, tmp_path) -> Iterator[Field]:
    with at_work(mongodb_uri, tmp_path) as made:
        yield made


@pytest.fixture
def phone(field, tmp_path) -> Iterator[Handset]:
    with handset(tmp_path / "profile", field.proxy.url) as made:
        yield made


def interviews(field: Field) -> list[Logged]:
    """Return the interviews that are in the log."""
    found = field.services.store["ops"].find({"kind": "interview"}, {"_id": 1})
    return [logged for each in found if (logged := field.services.log.get(each["_id"])) is not None]


def whole(field: Field, photos: dict[int, bytes]) -> list[Logged]:
    """Return the interviews of the day, each with the very photo that was taken."""
    stored = interviews(field)
    assert len(stored) == INTERVIEWS
    for logged in stored:
        taken = photos[logged.op.body["answers"]["rooms"]]
        named = logged.op.body["blobs"]
        assert [each["sha256"] for each in named] == [hashlib.sha256(taken).hexdigest()]
        blob = field.services.blobs.get(named[0]["sha256"])
        assert blob is not None
        assert field.services.blobs.open(blob).read() == taken
    return stored


def test_a_whole_day_is_on_the_server_and_nothing_was_asked_of_anybody_else(field, phone):
    page = phone.start()
    phone.enrol(field.code())
    phone.sees("HJ-0050")
    page.wait_for_function("navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready")
    page.wait_for_timeout(2000)  # its files are being kept

    field.no_line()
    photos = {number: photo(number) for number in range(1, INTERVIEWS + 1)}
    for number, content in photos.items():
        phone.home(number)
        phone.begin()
        phone.answer(number, f"第{number}户")
        if number == INTERVIEWS // 2:
            phone.page.wait_for_timeout(1000)  # a second after the last key press nothing may be lost
            phone.kill()
            phone.start()
            phone.unlock()
            assert phone.page.get_by_label("还有什么要记的").input_value() == f"第{number}户"
        phone.press("下一页")
        phone.photograph(content)
        phone.finish()
    assert not interviews(field)

    field.line(every=40_000)
    phone.synced()
    stored = whole(field, photos)
    first = next(each for each in stored if each.op.body["answers"]["rooms"] == 1)
    field.give_back(first.op.id, "房间数不对")
    phone.tab("同步")

    def returned() -> bool:
        phone.press("现在同步")
        phone.page.wait_for_timeout(700)
        phone.tab("记录")
        there = phone.page.get_by_text("负责人说：房间数不对").is_visible()
        if not there:
            phone.tab("同步")
        return there

    wait_for(phone.page, returned, 30)
    phone.press("打开修改")
    phone.page.get_by_label("住几间房").fill("9")
    phone.press("下一页")
    phone.finish()
    phone.synced()
    again = [each for each in interviews(field) if each.op.interview == first.op.interview]
    assert sorted(each.op.body["answers"]["rooms"] for each in again) == [1, 9]
    assert {each.op.parent for each in again} == {None, first.op.revision}
    assert phone.strangers() == set()
    assert not [address for address in phone.asked if "巴图" in address or "0190b000" in address]
    assert phone.complaints == []
