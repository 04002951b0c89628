"""The OpenAPI document is honest: whatever is asked, nothing is answered that it does not tell of.

Cases are drawn from the document by schemathesis, good ones and bad ones, for each role and a phone. Ids in addresses
and ETags are real ones half of the time, or nothing behind them would ever be reached. What a case destroys of those
who call (a session that is ended, an account that is disabled) is put back before the next.

`FUZZ_TIMES` multiplies the number of cases, and draws others at each run.
"""

import base64
import gzip
import hashlib
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup

from api.app import create_app
from api.rates import RATES
from core.principal import Role
from reports.orders.work import work
from store import Document, Store
from sync.services import Services
from sync.settle import settle
from tests.api.builders import exchange, interview_body, op
from tests.api.conftest import Caller
from tests.api.test_forms import DRAFT

TIMES = int(os.environ.get("FUZZ_TIMES", "0"))
CASES = 6 * (TIMES or 1)
"""Cases of an operation, each sent by every caller."""

PARTS = 4
"""The operations are dealt out to so many tests, which run side by side."""

load_all_checks()
CONFORMS = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
SOUGHT = settings(
    max_examples=CASES,
    derandomize=not TIMES,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
PIECE = b"no picture, but a photo all the same" * 20
PUT_BACK = ("users", "tokens", "devices")
FORGOTTEN = ("attempts",)
"""What is emptied before each case: one who fails often waits."""


@dataclass
class Ring:
    """The application, who calls it, and what there is to ask for."""

    app: Flask
    callers: Mapping[str, Caller]
    store: Store
    ids: Mapping[str, list[str]]
    kept: Mapping[str, list[Document]]
    statuses: dict[str, Counter[int]]
    wrong: list[str]

    def put_back(self) -> None:
        """Undo what a case did to those who call."""
        for name in FORGOTTEN:
            self.store[name].delete_many({})
        for name, documents in self.kept.items():
            for document in documents:
                self.store[name].replace_one({"_id": document["_id"]}, document, upsert=True)

    def ask(self, who: str, case: Case, etag_of: str | None) -> None:
        """Send a case as somebody, and compare the answer with the document."""
        if etag_of is not None:
            case.headers["If-Match"] = self.callers[who].get(etag_of).headers.get("ETag", '"none"')
        response = unpacked(case.call())
        self.statuses[who][response.status_code] += 1
        try:
            case.validate_response(response, checks=CONFORMS)
        except (Failure, FailureGroup) as told:
            self.wrong.append(f"{who}, {case.operation.label}: {told}")


@pytest.fixture
def ring(  # noqa: PLR0913 - one fixture for each thing there is
    services: Services, store: Store, as_role, phone, register, coordinator, form,
) -> Ring:  # fmt: skip
    """Return a banner in which there is one of everything, and one caller of each kind."""
    household = register()
    fielder = phone()
    user = fielder.user.id
    pushed = op(1, "interview", interview_body(household, form, {"site": "锡尼镇"}))
    assert exchange(fielder, pushed).get_json()["results"][0]["status"] == "stored"
    settle(services)
    photo = _send_photo(fielder)
    about = {"entity": "site", "facts": {"name": "一号点"}}
    coordinator.post("/sites", {"id": "site:s1", "region": "150625", "row": about})
    settle(services)
    opened = coordinator.post("/rounds", {"title": "秋", "region": "150625"}).get_json()["id"]
    plan = {"title": "一", "round": opened, "region": "150625", "forms": ["short"], "assignees": [user]}
    worklist = coordinator.post("/worklists", plan).get_json()["id"]
    coordinator.post(f"/worklists/{worklist}/households", {"households": [household]})
    frozen = {"month": "2020-08", "region": "150625"}
    order = coordinator.post("/reports", frozen).get_json()["id"]
    assert work(services) == 1
    report = coordinator.get(f"/reports/orders/{order}").get_json()["report"]
    ends = (services.clock.now() + timedelta(days=9)).isoformat()
    asked = {"name": "钥匙", "actions": ["users:read"], "expires_at": ends}
    key = coordinator.post("/keys", asked).get_json()
    administrator = as_role(Role.ADMINISTRATOR, login="hooks")
    webhook = administrator.post("/webhooks", {"url": "https://1.1.1.1/", "region": "150625"}).get_json()
    callers = {role.value: as_role(role, login=f"fuzz-{role.value}") for role in Role} | {"device": fielder}
    ids = {
        "household": [household],
        "site": ["site:s1"],
        "user_id": [caller.user.id for caller in callers.values()],
        "device_id": [each["_id"] for each in store["devices"].find()],
        "form_id": ["short"],
        "sha256": [form],
        "earlier": [form],
        "op_id": [pushed["id"], *(each["_id"] for each in store["ops"].find())],
        "finding_id": [each["_id"] for each in store["findings"].find()],
        "case": [each["_id"] for each in store["cases"].find()],
        "order_id": [order],
        "webhook": [webhook["id"]],
        "region": ["150625", "150625100"],
        "round_id": [opened],
        "worklist": [worklist],
        "name": [f"sha-256:{photo}", "sha-256:" + "0" * 64],
        "token": [each["_id"] for each in store["tokens"].find()],
        "key": [key["id"]],
        "report_id": [report],
        "indicator": ["12"],
        "part": ["lapsed"],
        "scope": [f"w-{worklist}", f"u-{user}", "ref"],
    }
    app = create_app(services, {rate.name: "1000000 per minute" for rate in RATES})
    for caller in callers.values():
        caller.client = app.test_client()
    kept = {name: list(store[name].find()) for name in PUT_BACK}
    return Ring(app, callers, store, ids, kept, {who: Counter() for who in callers}, [])


def _send_photo(fielder: Caller) -> str:
    digest = hashlib.sha256(PIECE)
    headers = {
        "Content-Type": "application/partial-upload",
        "Content-Digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
        "Upload-Offset": "0",
        "Upload-Length": str(len(PIECE)),
        "Upload-Complete": "?1",
    }
    answer = fielder("PATCH", f"/blobs/sha-256:{digest.hexdigest()}", data=PIECE, headers=headers)
    assert answer.status_code == 201, answer.text
    return digest.hexdigest()


@schemathesis.serializer(
    "application/partial-upload",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
def _as_it_is(_context: Any, value: Any) -> bytes:
    """Tell schemathesis how a chunk is sent."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@pytest.fixture
def form(coordinator) -> str:
    """Return the digest of a published form."""
    return str(coordinator.post("/forms", DRAFT).get_json()["sha256"])


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_answered_that_the_document_does_not_tell_of(part, ring, record_property):
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", ring.app)
    operations = [found.ok() for found in document.get_all_operations()]
    for operation in operations[part::PARTS]:
        _try(operation, ring)
    statuses = sum(ring.statuses.values(), Counter())
    told = ", ".join(f"{status}: {number}" for status, number in sorted(statuses.items()))
    record_property(
        "figures",
        f"OpenAPI, part {part}: {len(operations[part::PARTS])} operations, {len(ring.statuses)} kinds of callers, "
        f"{statuses.total()} cases ({told}), {len(ring.wrong)} off the document",
    )
    assert not ring.wrong, "\n\n".join(dict.fromkeys(ring.wrong))
    assert max(statuses) < 500
    assert statuses[200] > 50


def _try(operation: Any, ring: Ring) -> None:
    drawn = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @SOUGHT
    @given(drawn, st.data())
    def conforms(case: Case, data: st.DataObject) -> None:
        etag_of = aim(ring, case, data)
        for who, caller in ring.callers.items():
            ring.put_back()
            if data.draw(st.integers(0, 15)):  # now and then the token is as schemathesis would have it
                case.headers["Authorization"] = f"Bearer {caller.token}"
            ring.ask(who, case, etag_of)

    conforms()


def unpacked(response: Response) -> Response:
    """Unpack what came as gzip, as every client does but this one."""
    if response.headers.pop("content-encoding", None) == ["gzip"]:
        response.content = gzip.decompress(response.content)
    return response


def aim(ring: Ring, case: Case, data: st.DataObject) -> str | None:
    """Name something that is there half of the time; return the address whose ETag is to be shown, if one is."""
    case.headers = case.headers or {}
    if not data.draw(st.booleans()):
        return None
    for name in case.path_parameters or {}:
        case.path_parameters[name] = data.draw(st.sampled_from(ring.ids[name]))
    if "If-Match" not in case.headers:
        return None
    path = case.formatted_path.removeprefix("/api/v1")
    return path.removesuffix("/corrections").removesuffix("/replies")
