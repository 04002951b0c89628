"""The coordinator of the demo: works through the public API with a session, as the console would."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from typing import Any


class Office:
    """A signed-in user of the HTTP API.

    Args:
        url: address of the web process.
        login, password: of the account.
    """

    def __init__(self, url: str, login: str, password: str) -> None:
        self._root = f"{url}/api/v1"
        self._token = ""
        self._token = str(self.post("/sessions", {"login": login, "password": password})["token"])

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a JSON body and return the answer."""
        return self._call(path, "POST", json.dumps(body).encode())

    def get(self, path: str) -> dict[str, Any]:
        """Read a resource."""
        return self._call(path, "GET", None)

    def pages(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield the items of all pages of a list."""
        joint = "&" if "?" in path else "?"
        following = f"{path}{joint}limit=200"
        while following:
            page = self.get(following)
            yield from page["items"]
            after = page.get("next")
            following = f"{path}{joint}limit=200&after={after}" if after else ""

    def work_list(self, round_id: str, title: str, region: str, user: str, forms: Sequence[str]) -> str:
        """Make a work list for one enumerator and return its id."""
        body = {
            "round": round_id,
            "title": title,
            "region": region,
            "assignees": [user],
            "forms": list(forms),
        }
        return str(self.post("/worklists", body)["id"])

    def _call(self, path: str, method: str, body: bytes | None) -> dict[str, Any]:
        request = urllib.request.Request(self._root + path, data=body, method=method)  # noqa: S310 - our own http address
        request.add_header("Content-Type", "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 - our own http address
                answer: dict[str, Any] = json.loads(response.read() or b"{}")
                return answer
        except urllib.error.HTTPError as error:
            with error:
                msg = f"{method} {path}: {error.read().decode(errors='replace')}"
            raise RuntimeError(msg) from error
