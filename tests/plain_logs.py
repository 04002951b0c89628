"""Nothing secret is ever logged: a pytest plugin that reads the logs of the whole run.

What this process logs is kept as it is written; what servers that tests start write stands in the log files of their
data folders, mongod's among them. At the end all of it is searched for the tokens, codes and passwords that were made
or tried in this process, and for whatever looks like a resident ID, a mobile number, a bank card, a token or a word in
Chinese or Mongolian: logs speak English and name people by ids, so any such word is somebody's name or answer.

Figures that tests record (`record_property("figures", …)`) are printed at the end, too.
"""

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from stdnum import luhn

from access import passwords, tokens
from api import logs

SHORTEST = 8
"""Passwords shorter than this stand in ordinary words by chance."""

_LEFT, _RIGHT = r"(?<![0-9A-Za-z_.-])", r"(?![0-9A-Za-z_-])"
_BIRTH = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_RESIDENT_ID = re.compile(_LEFT + r"[1-9]\d{5}" + _BIRTH + r"\d{3}[0-9Xx]" + _RIGHT)
_PHONE = re.compile(_LEFT + r"1[3-9]\d{9}" + _RIGHT)
_CARD = re.compile(_LEFT + r"[3-6]\d{15,18}" + _RIGHT)
_CODE = re.compile(_LEFT + r"[2-9A-HJKMNP-Z]{5}-[2-9A-HJKMNP-Z]{5}" + _RIGHT)
_BEARER = re.compile(r"(?i)bearer [A-Za-z0-9_-]{20,}")
_WORD = re.compile(r"[\u1800-\u18af\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]+")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_CURSOR = re.compile(r'"(?:getMore|cursorid|cursorId|minRecord|maxRecord)":-?\d+')
"""Random numbers of mongod's own, one in twenty of which could be a bank card's."""
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
WATCH = pytest.StashKey["Watch"]()
"""Where the run keeps its watch."""
_LOGS = ("*.log", "*.log.*")


class Watch:
    """What was logged, and what must not have been."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.secrets: set[str] = set()
        self.files = 0
        self.found: list[str] = []

    def keep(self, text: object) -> None:
        """Keep a line of this process."""
        self.lines.append(str(text))

    def search(self, folder: Path) -> None:
        """Search what was kept, and the log files below a folder."""
        self._search("this process", "\n".join(self.lines))
        for path in sorted({path for pattern in _LOGS for path in folder.rglob(pattern)}):
            self.files += 1
            self._search(path.name, path.read_text(encoding="utf-8", errors="replace"))

    def _search(self, where: str, text: str) -> None:
        text = _CURSOR.sub("", _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))
        for what, hit, start in self._hits(text):
            line = text[text.rfind("\n", 0, start) + 1 : start + 80][-200:]
            self.found.append(f"{where}: {what} {hit!r} in …{line}")

    def _hits(self, text: str) -> Iterator[tuple[str, str, int]]:
        words = set(_PLAIN.findall(text))
        for secret in self.secrets:
            if secret in words or (not _PLAIN.fullmatch(secret) and secret in text):
                yield "a secret of this run", secret, text.index(secret)
        for what, pattern, check in _SHAPES:
            for found in pattern.finditer(text):
                if check(found[0]):
                    yield what, found[0], found.start()


_SHAPES: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("a resident ID", _RESIDENT_ID, lambda _: True),
    ("a mobile number", _PHONE, lambda _: True),
    ("a bank card", _CARD, luhn.is_valid),
    ("an enrolment code", _CODE, lambda _: True),
    ("a bearer token", _BEARER, lambda _: True),
    ("a word that is no English", _WORD, lambda _: True),
)


class _Handler(logging.Handler):
    """Keeps what the standard library's loggers say."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.watch = watch
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.watch.keep(self.format(record))


def pytest_configure(config: pytest.Config) -> None:
    """Begin to watch: what is written, and what is made that must not be."""
    watch = config.stash[WATCH] = Watch()
    logging.getLogger().addHandler(_Handler(watch))
    for name in ("msg", "debug", "info", "warning", "error", "critical", "exception", "log", "fatal"):
        _also(structlog.PrintLogger, name, lambda *given: watch.keep(given[-2]))
    for name in ("new_token", "new_code"):
        _also(tokens, name, watch.secrets.add)
    _also(passwords, "_prepared", lambda *given: _password(watch, given[0]))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Begin each test as every process begins, whatever the one before did."""
    logs.configure("info")


def _also(owner: Any, name: str, told: Callable[..., object]) -> None:
    """Let a function tell what it was given and what it returned."""
    function = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        returned = function(*args, **kwargs)
        told(*args, returned)
        return returned

    setattr(owner, name, wrapped)


def _password(watch: Watch, tried: str) -> None:
    # `interview` or `case_events`, tried as a password, are names that logs may say.
    if len(tried) >= SHORTEST and not (tried.isascii() and tried.replace("_", "").isalpha()):
        watch.secrets.add(tried)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Search, where tests ran; fail the run for what was found."""
    config = session.config
    watch = config.stash[WATCH]
    if not hasattr(config, "workerinput") and getattr(config.option, "dist", "no") != "no":
        if watch.found:  # told by the workers
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        return
    factory = getattr(config, "_tmp_path_factory", None)  # pytest keeps where it put the run's files here
    if factory is not None:
        watch.search(factory.getbasetemp())
    if hasattr(config, "workeroutput"):
        config.workeroutput["logs"] = [len(watch.lines), watch.files, len(watch.secrets), watch.found]
    elif watch.found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker found."""
    watch = node.config.stash[WATCH]
    lines, files, secrets, found = getattr(node, "workeroutput", {}).get("logs", [0, 0, 0, []])
    watch.lines += [""] * lines
    watch.files += files
    watch.secrets |= {f"{node.gateway.id}/{n}" for n in range(secrets)}
    watch.found += found


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Tell what was searched and found, and the figures of tests."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, told in report.user_properties:
            if name == "figures" and report.when == "call":
                terminalreporter.write_line(told)
    watch = config.stash[WATCH]
    terminalreporter.write_line(
        f"logs: {len(watch.lines)} lines and {watch.files} files searched for {len(watch.secrets)} secrets "
        f"and what looks like one: {len(watch.found)} found"
    )
    for found in watch.found[:20]:
        terminalreporter.write_line(f"LOGGED {found}", red=True)
