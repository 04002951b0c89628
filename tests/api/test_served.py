"""What WSGI does not show: a real web process, spoken to byte by byte."""

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.cli.processes import answers
from store import Store, migrate
from tests.keys import MASTER_KEY
from tests.served import served

IMPATIENT = """
from api import serving
from api.serving import *
serving.GRACE_S, serving.SILENCE_S, serving.LEAST_RATE = 1.5, 1.0, 200
bind = "127.0.0.1:{port}"
workers, threads = 1, 4
"""
HEAD = b"POST /api/v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
HEALTH = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n"
DOCS = "http://127.0.0.1:{port}/api/docs"


@pytest.fixture(scope="module")
def port(tmp_path_factory, mongodb_uri) -> Iterator[int]:
    """Serve as `ruhu serve` does, with four threads and less patience."""
    folder = tmp_path_factory.mktemp("served")
    store = Store(mongodb_uri, "served", MASTER_KEY)
    migrate(store)
    try:
        with served(mongodb_uri, "served", folder, IMPATIENT) as number:
            yield number
    finally:
        store.client.drop_database("served")
        store.close()


def say(port: int, *parts: bytes, pause: float = 0.0) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are; return status, headers and body, or 0 if the connection was closed without a word."""
    with socket.create_connection(("127.0.0.1", port), timeout=15) as wire:
        for part in parts:
            try:
                wire.sendall(part)
            except (BrokenPipeError, ConnectionResetError):
                break
            time.sleep(pause)
        return _answer(wire)


def _answer(wire: socket.socket) -> tuple[int, dict[str, str], bytes]:
    try:
        with wire.makefile("rb") as stream:
            status = stream.readline().split(b" ")
            if len(status) < 2:
                return 0, {}, b""
            headers = {}
            while line := stream.readline().strip():
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            return int(status[1]), headers, stream.read(int(headers.get("content-length", 0)))
    except ConnectionResetError:
        return 0, {}, b""


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([HEAD, b"Content-Length: 2\r\n\r\n{}"], 422),
        ([HEAD, b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"], 422),
        ([HEAD, b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n"], 408),
        ([HEAD, b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n"], 408),
        ([HEAD, b"Transfer-Encoding: chunked\r\n\r\n10\r\n{}"], 408),
        ([HEAD, b"Content-Length: 20\r\n\r\n{}"], 408),
        ([HEAD, b"Content-Length: 900000000000\r\n\r\n{}"], 408),
        ([HEAD, b"Content-Length: -2\r\n\r\n{}"], 400),
        ([HEAD, b"Content-Length: 2, 3\r\n\r\n{}"], 400),
        ([HEAD, b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"], 400),
        ([HEAD, b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"], 400),
        ([HEAD, b"Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n"], 400),
        ([HEAD, b"Transfer-Encoding : chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"], 400),
        ([HEALTH, b" Folded: x\r\n\r\n"], 400),
        ([HEALTH, b"X: a\x00b\r\n\r\n"], 400),
        ([HEALTH, b"".join(b"X-%d: y\r\n" % n for n in range(200)), b"\r\n"], 431),
        ([HEALTH, b"X: " + b"y" * 20_000 + b"\r\n\r\n"], 431),
        ([b"GET /api/v1/health?" + b"a=1&" * 3000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"], 414),
        ([b"GET /api/v1/health HTTP/9.9\r\nHost: localhost\r\n\r\n"], 400),
        ([b"TRACE /api/v1/health HTTP/1.1\r\nHost: localhost\r\nX: secret\r\n\r\n"], 405),
        ([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"], 400),
    ],
)  # fmt: skip
def test_requests_that_lie_about_themselves_are_refused_and_never_a_fault(port, parts, status):
    told, headers, body = say(port, *parts)
    assert told == status
    assert b"secret" not in body
    assert b"Traceback" not in body
    assert answers(f"http://127.0.0.1:{port}")
    if status in {405, 408, 422}:
        assert headers["content-type"] == "application/problem+json"
        assert json.loads(body)["status"] == status


def test_a_chunked_body_beyond_the_limit_is_refused_and_its_sender_is_told(port):
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    status, _, body = say(port, HEAD, b"Transfer-Encoding: chunked\r\n\r\n", *([chunk] * 9), b"0\r\n\r\n")
    assert (status, json.loads(body)["limit"]) == (413, 8 * 1024 * 1024)


def test_senders_that_fall_silent_or_drip_hold_no_thread_for_long(port):
    """As many as there are threads, twice over: in headers, in bodies, silent, and a byte now and then."""
    drip = [b"x"] * 8
    senders = [
        (HEALTH,),
        (HEAD, b"Content-Length: 100\r\n\r\n{"),
        (HEALTH, b"X: ", *drip),
        (HEAD, b"Content-Length: 100\r\n\r\n", *drip),
    ] * 2
    with ThreadPoolExecutor(len(senders)) as pool:
        began = time.monotonic()
        slow = [pool.submit(say, port, *parts, pause=0.5) for parts in senders]
        time.sleep(1)  # all of them hold their threads now
        status, _, _ = say(port, HEALTH, b"\r\n")
        waited = time.monotonic() - began
        statuses = {each.result()[0] for each in slow}
    assert status == 200
    assert waited < 10
    assert statuses <= {0, 408}


def test_one_connection_serves_on_after_refusals(port):
    with socket.create_connection(("127.0.0.1", port), timeout=15) as wire:
        for _ in range(3):
            wire.sendall(HEAD + b"Content-Length: 2\r\n\r\n{}")
            assert _answer(wire)[0] == 422
        time.sleep(2)  # longer than a request's patience: between requests a connection may be silent
        wire.sendall(HEALTH + b"\r\n")
        assert _answer(wire)[0] == 200


def test_nobody_is_believed_about_the_scheme_who_was_not_named(port):
    status, headers, _ = say(port, HEALTH, b"X-Forwarded-Proto: https\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n")
    assert status == 200
    assert "strict-transport-security" not in headers
    assert headers["server"] == "gunicorn", "the name and no version"


def test_the_page_of_the_document_works_under_its_policy(port):
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("there is no Chromium; apt-get install chromium")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:  # its own logs are none of ours
        run = subprocess.run(
            [
                browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                f"--user-data-dir={profile}", "--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom",
                DOCS.format(port=port),
            ],
            capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
    assert run.stdout.count('opblock-summary-path"') > 40
    assert "CONSOLE" not in run.stderr, run.stderr
    assert "Content Security Policy" not in run.stderr
