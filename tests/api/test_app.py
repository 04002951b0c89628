"""What every exchange shares."""

import gzip

import pytest
from pymongo.errors import AutoReconnect
from structlog.testing import capture_logs

from api.app import create_app
from core.problems import InternalError, MethodNotAllowed, NotFound, Unavailable
from store import Store
from sync.services import Services
from tests.keys import MASTER_KEY


def test_the_process_lives_and_is_ready(nobody):
    assert nobody.get("/health").get_json() == {"status": "live"}
    assert nobody.get("/health/ready").get_json() == {"status": "ready"}


def test_without_a_database_it_lives_and_is_unavailable(clock, assert_problem):
    away = Store("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=1&replicaSet=none", "none", MASTER_KEY)
    client = create_app(Services.build(away, clock)).test_client()
    assert client.get("/api/v1/health").status_code == 200
    answer = client.get("/api/v1/health/ready")
    assert_problem(answer, Unavailable)
    assert answer.headers["Retry-After"] == "5"
    assert_problem(client.get("/api/v1/users", headers={"Authorization": "Bearer x"}), Unavailable)
    away.close()


def test_an_address_that_is_not_there_and_a_method_that_is_not_taken_are_problems(nobody, assert_problem):
    assert_problem(nobody.get("/nothing"), NotFound)
    answer = nobody("DELETE", "/health")
    assert_problem(answer, MethodNotAllowed)
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("error", "kind"), [(RuntimeError("secret"), InternalError), (AutoReconnect("x"), Unavailable)]
)
def test_the_unexpected_is_told_by_a_number_that_is_in_the_log(services, assert_problem, error, kind):
    def fail():
        raise error

    app = create_app(services)
    app.add_url_rule("/fail", view_func=fail)
    with capture_logs() as logs:
        body = assert_problem(app.test_client().get("/fail"), kind)
    assert "secret" not in str(body)
    if kind is InternalError:
        assert [entry["incident"] for entry in logs if entry["event"] == "incident"] == [body["incident"]]


def test_every_answer_carries_the_security_headers_and_its_number(nobody):
    for path in ("/health", "/nothing", "/users", "/openapi.json"):
        headers = nobody.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Request-Id"]


def test_the_access_log_holds_neither_bodies_nor_tokens_nor_names(nobody, coordinator):
    with capture_logs() as logs:
        nobody.post("/sessions", {"login": "secret-login", "password": "secret-password"})
        coordinator.get("/users?after=secret")
    assert [entry["route"] for entry in logs] == ["/api/v1/sessions", "/api/v1/users"]
    assert logs[1]["user"] == coordinator.user.id
    assert "secret" not in str(logs)
    assert coordinator.token not in str(logs)


def test_a_long_answer_is_packed_for_who_takes_it(nobody):
    plain = nobody.get("/openapi.json")
    packed = nobody.get("/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_the_page_of_the_document_loads_nothing_from_elsewhere(app):
    client = app.test_client()
    page = client.get("/api/docs")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "https://" not in page.get_data(as_text=True)
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js", "page.css", "favicon-32x32.png"):
        assert f"/api/docs/{name}" in page.get_data(as_text=True)
        with client.get(f"/api/docs/{name}") as asset:
            assert asset.status_code == 200
    assert client.get("/api/docs/index.html").status_code == 404
    assert client.get("/api/docs/..%2f__init__.py").status_code == 404
