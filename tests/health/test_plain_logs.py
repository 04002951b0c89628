"""What watches the logs of the whole run does see what it is there to see."""

import logging
import shutil
from pathlib import Path

import pytest
import structlog

from access import passwords, tokens
from tests.plain_logs import WATCH, Watch


def found(text: str, *secrets: str) -> list[str]:
    watch = Watch()
    watch.secrets |= set(secrets)
    watch.keep(text)
    watch.search(Path("/nonexistent"))
    return watch.found


@pytest.mark.parametrize(
    "text",
    [
        'duplicate key {"resident_id": "15062519800302123X"}',
        "called 13812345678 twice",
        "card 6222021234567890128",
        '{"getMore":4033747989969132603,"card":4033747989969132603}',
        '"name": "乌兰"',
        '"name": "\\u4e4c\\u5170"',
        "ᠣᠷᠳᠣᠰ",
        "code 7KQ2M-XR4TD",
        "Authorization: Bearer 0123456789abcdefghijKLMN",
        "a secret-of-this-run here",
        "correct horse 4!",
    ],
)
def test_what_is_secret_is_found(text):
    assert len(found(text, "secret-of-this-run", "correct horse 4")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "01a21265-4af6-73a8-a00d-b576ffd0147c",
        '{"ms":1790222947123,"c":"1.13812345678"}',
        "sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "2026-11-25T11:09:18.123Z request route=/api/v1/households/<household>",
        "not-secret-of-this-run-at-all",
        '{"minRecord":4033747989969132603,"cmd":{"getMore":4033747989969132603,"collection":"oplog.rs"}}',
    ],
)
def test_what_is_not_is_not(text):
    assert found(text, "secret-of-this-run") == []


def test_log_files_of_servers_are_searched(tmp_path):
    (tmp_path / "data" / "mongod").mkdir(parents=True)
    (tmp_path / "data" / "mongod.log").write_text('{"attr":{"filter":{"phone":"13812345678"}}}\n')
    watch = Watch()
    watch.search(tmp_path)
    assert watch.files == 1
    assert "a mobile number '13812345678'" in watch.found[0]
    shutil.rmtree(tmp_path)  # or this run would be found guilty at its end


def test_this_very_run_is_watched(request: pytest.FixtureRequest):
    watch = request.config.stash[WATCH]
    before = len(watch.lines)
    logging.getLogger("anyone").warning("said by logging")
    structlog.get_logger().info("said by structlog")
    assert [line for line in watch.lines[before:] if "said by logging" in line]
    assert [line for line in watch.lines[before:] if "said by structlog" in line]
    assert {tokens.new_token(), tokens.new_code()} <= watch.secrets
    passwords.verify(None, "a password that was tried")
    assert "a password that was tried" in watch.secrets
