"""A browser that shows one form by itself, from a server that sends the policy that the web process sends."""

import functools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from api.web import POLICY

ROOT = Path(__file__).parents[2]
# Each process of a parallel run has its own: a build empties the folder that another's browser reads.
BUILT = ROOT / "web" / "node_modules" / f".stage-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
CHROMIUM = "/usr/bin/chromium"
SMALL = {"width": 360, "height": 640}


class _Handler(SimpleHTTPRequestHandler):
    given = "{}"

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def do_GET(self) -> None:
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
            return
        if not self.path.endswith("/given.json"):
            super().do_GET()
            return
        body = self.given.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: a test's output is its own."""


def build() -> None:
    """Build the page that shows a form by itself."""
    done = subprocess.run(
        [
            ROOT / "web/build/npm.sh", sys.prefix, "--prefix", "web", "run", "--silent", "stage",
            "--", "--outDir", BUILT,
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


@contextmanager
def browser() -> Iterator[Browser]:
    """Run the machine's chromium without a window."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield running
        running.close()


@contextmanager
def stage(running: Browser, **given: Any) -> Iterator[Page]:
    """Show a form; whatever the page complains about, or asks of another host, fails the test."""
    handler = functools.partial(
        type("Handler", (_Handler,), {"given": json.dumps(given)}), directory=str(BUILT)
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = running.new_page(viewport=SMALL)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: said.append(request.url) if "127.0.0.1" not in request.url else None)
    try:
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        page.wait_for_selector(".ruhu-form h1")
        yield page
        assert said == []
    finally:
        page.close()
        server.shutdown()
        server.server_close()
