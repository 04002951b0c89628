"""Of an exception its kind and its lines are logged, never what it says and never what was being worked on."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_SCRIPT = """
import logging, sys
from api import logs
import structlog
logs.configure("info")
logging.basicConfig(format="%(message)s")

def fail(resident_id):
    try:
        int(resident_id)
    except ValueError as error:
        raise KeyError(resident_id) from error

try:
    fail("15062519800302123X")
except KeyError as error:
    {how}
"""
_CELERY = """
    said = {"exc": repr(error), "traceback": "15062519800302123X"}
    logging.getLogger("x").error("failed %(exc)s %(traceback)s", said, exc_info=True)
"""


@pytest.mark.parametrize(
    "how",
    [
        'structlog.get_logger().exception("failed")',
        'structlog.get_logger().error("failed", exc_info=error)',
        'logging.getLogger("x").exception("failed")',
        'logging.getLogger("x").error("failed: %s %r", error, error, exc_info=True)',
        _CELERY,
    ],
)
def test_an_exception_is_logged_without_what_it_says(how):
    run = subprocess.run(
        [sys.executable, "-c", _SCRIPT.replace("{how}", how)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "15062519800302123X" not in run.stdout + run.stderr
    assert "failed" in run.stderr
    assert "ValueError" in run.stderr
    assert "KeyError" in run.stderr
    assert ":10 fail" in run.stderr


def test_a_line_is_one_line_whatever_stands_in_it():
    how = 'structlog.get_logger().info("said", route="/a\\nb\\r{\\"event\\":\\"forged\\"}")'
    run = subprocess.run(
        [sys.executable, "-c", _SCRIPT.replace("{how}", how)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    (line,) = run.stderr.splitlines()
    assert json.loads(line)["event"] == "said"


def test_every_process_logs_so():
    for name in ("worker.py", "api/app.py", "api/cli/__init__.py"):
        assert "logs.configure(" in (ROOT / name).read_text(encoding="utf-8"), name
    assert logging.getLogRecordFactory() is not None
