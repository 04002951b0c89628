"""Webhooks against a real server on the loopback: signed, sent again when it fails, let go of, driven again."""

import contextlib
import hashlib
import hmac
import json
import socket
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

import pytest
from bson.binary import Binary

from access.model import Act
from core.principal import Principal, Role
from core.problems import Conflict, NotFound, Unprocessable
from store.migrations import m0091_webhook_addresses
from sync.notify import deliver as delivering
from sync.notify import post
from sync.notify.deliver import MOST_TRIES, delay, deliver, purge, signature
from sync.notify.post import FailedError, target_of
from sync.notify.repository import WebhookRepository, Whither, masked
from sync.notify.webhooks import MOST_WEBHOOKS, WebhookPlan, Webhooks
from sync.services import Services
from tests.unit.sync.news import CASE, tell

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
ADMIN = Principal("admin", Role.ADMINISTRATOR, "1506")


class Receiver:
    """A server that notes what it is sent, and answers as it is told: a status, or `hang`, `drip`, `close`."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: str | int = 200
        self.released = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.got.append((dict(self.headers), body))
                owner.answer(self)

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        if self.answers == "hang":
            self.released.wait(30)
        elif self.answers == "drip":
            with contextlib.suppress(OSError):
                while not self.released.wait(0.05):
                    handler.wfile.write(b"H")
                    handler.wfile.flush()
        elif self.answers != "close":
            handler.send_response(int(self.answers))
            handler.send_header("Location", "http://127.0.0.1:1/elsewhere")
            handler.end_headers()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook?office=1"

    def stop(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture
def services(store, clock):
    return Services.build(store, clock, webhook_networks=LOOPBACK)


@pytest.fixture
def webhooks(services, clock):
    return Webhooks(services, Act(ADMIN, clock.now()))


def subscribe(webhooks, url, kinds=(), unit=None, region="1506"):
    return webhooks.create(WebhookPlan(url, kinds, unit, region))


def test_news_arrives_signed_and_holds_ids_only(services, webhooks, receiver, clock):
    webhook, secret = subscribe(webhooks, receiver.url)
    tell(services)
    assert deliver(services, 5) == 1
    ((headers, body),) = receiver.got
    told = json.loads(body)
    assert told.keys() == {
        "id",
        "at",
        "kind",
        "case",
        "unit",
        "region",
        "due",
        "step",
        "cooperating",
        "report",
        "month",
    }
    assert (told["case"], told["kind"]) == (CASE.id, "case-opened")
    # as docs/operations.md tells a receiver to verify it
    parts = dict(part.split("=", 1) for part in headers["Ruhu-Signature"].split(","))
    expected = hmac.new(secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(parts["v1"], expected)
    assert int(parts["t"]) == int(clock.now().timestamp())
    assert headers["Ruhu-Delivery"] == f"{told['id']}/{webhook.id}"
    assert headers["Host"] == receiver.url.split("/")[2]
    assert webhooks.counts(webhook) == {"waiting": 0, "done": 1, "dead": 0}
    assert deliver(services, 5) == 0
    assert len(receiver.got) == 1


def test_secret_and_address_are_sealed_and_a_list_shows_scheme_and_host(services, webhooks, receiver):
    url = receiver.url.replace("?office=1", "/T0KEN?key=hush")
    webhook, secret = subscribe(webhooks, url)
    kept = services.store["webhooks"].find_one({"_id": webhook.id})
    audited = str(list(services.store["audit"].find()))
    for hidden in (secret, "T0KEN", "hush"):
        assert hidden not in str({name: value for name, value in kept.items() if name != "sealed"})
        assert hidden.encode() not in bytes(kept["sealed"])
        assert hidden not in audited
    assert WebhookRepository(services.store).whither(webhook.id) == Whither(url, secret)
    assert WebhookRepository(services.store).whither("gone") is None
    ((listed, _),) = webhooks.page(limit=10, place=None)[0]
    assert listed == webhooks.get(webhook.id) == webhook
    assert listed.shown == f"http://127.0.0.1:{receiver.server.server_port}/…"
    assert (
        masked("https://hooks.example.org/")
        == masked("https://hooks.example.org")
        == "https://hooks.example.org/"
    )


def test_webhooks_of_before_are_sealed_by_the_migration_and_go_on(services, webhooks, receiver):
    webhook, secret = subscribe(webhooks, receiver.url)
    before = Binary(services.store.sealer.seal(f"webhook/{webhook.id}", secret))
    change = {"$set": {"url": receiver.url, "secret": before}, "$unset": {"sealed": "", "shown": ""}}
    services.store["webhooks"].update_one({"_id": webhook.id}, change)
    for _ in range(2):
        m0091_webhook_addresses.up(services.store)
    kept = services.store["webhooks"].find_one({"_id": webhook.id})
    assert not {"url", "secret"} & kept.keys()
    assert webhooks.get(webhook.id) == webhook
    tell(services)
    assert deliver(services, 5) == 1
    assert WebhookRepository(services.store).whither(webhook.id) == Whither(receiver.url, secret)


@pytest.mark.parametrize("answers", [500, 404, 301, "close"])
def test_what_fails_is_sent_again_after_a_growing_while_until_the_server_is_well(
    services, webhooks, receiver, clock, answers
):
    webhook, _ = subscribe(webhooks, receiver.url)
    tell(services)
    receiver.answers = answers
    for attempt in range(1, 4):
        assert deliver(services, 5) == 0
        assert len(receiver.got) == attempt
        assert deliver(services, 5) == 0, "it rests"
        assert len(receiver.got) == attempt
        clock.instant += delay(attempt) - timedelta(seconds=1)
        deliver(services, 5)
        assert len(receiver.got) == attempt, "a second too early"
        clock.instant += timedelta(seconds=1)
    receiver.answers = 204
    assert deliver(services, 5) == 1
    assert len({headers["Ruhu-Delivery"] for headers, _ in receiver.got}) == 1
    assert len({body for _, body in receiver.got}) == 1
    found = webhooks.get(webhook.id)
    assert (found.failures, found.rest_until) == (0, None)


def test_delays_double_up_to_six_hours():
    assert [delay(tries).total_seconds() for tries in (1, 2, 3, 9, 10, 11, 12, 99)] == [
        30, 60, 120, 7680, 15360, 21600, 21600, 21600,
    ]  # fmt: skip


def test_after_twelve_attempts_it_is_let_go_of_and_can_be_driven_again(services, webhooks, receiver, clock):
    webhook, _ = subscribe(webhooks, receiver.url)
    tell(services)
    receiver.answers = 503
    for attempt in range(1, MOST_TRIES + 1):
        deliver(services, 5)
        clock.instant += delay(attempt)
    assert len(receiver.got) == MOST_TRIES
    deliver(services, 5)
    assert len(receiver.got) == MOST_TRIES
    (dead,), _ = webhooks.deliveries(webhook.id, "dead", limit=5, place=None)
    assert (dead["tries"], dead["last"]["status"], dead["last"]["error"]) == (MOST_TRIES, 503, None)
    receiver.answers = 200
    later = Webhooks(services, Act(ADMIN, clock.now()))
    assert later.redrive(webhook.id) == 1
    assert deliver(services, 5) == 1
    assert later.counts(webhook) == {"waiting": 0, "done": 1, "dead": 0}
    assert later.redrive(webhook.id) == 0


def test_what_waited_a_week_is_let_go_of_however_often_it_was_tried(services, webhooks, receiver, clock):
    webhook, _ = subscribe(webhooks, receiver.url)
    tell(services)
    receiver.answers = 500
    deliver(services, 5)
    clock.instant += timedelta(days=7, seconds=1)
    deliver(services, 5)
    assert webhooks.counts(webhook)["dead"] == 1


@pytest.mark.parametrize("answers", ["hang", "drip"])
def test_a_server_that_does_not_end_is_cut_off_and_holds_up_no_other(
    services, webhooks, receiver, monkeypatch, answers
):
    monkeypatch.setattr(post, "LONGEST_S", 0.4)
    other = Receiver()
    try:
        slow, _ = subscribe(webhooks, receiver.url)
        subscribe(webhooks, other.url)
        receiver.answers = answers
        for _ in range(3):
            tell(services)
        started = time.monotonic()
        assert deliver(services, 5) == 3
        assert time.monotonic() - started < 3
        assert len(receiver.got) == 1, "it rests after its first failure"
        assert len(other.got) == 3
        (waiting, *_), _ = webhooks.deliveries(slow.id, "waiting", limit=5, place=None)
        failed = [
            each for each in webhooks.deliveries(slow.id, "waiting", limit=5, place=None)[0] if each["last"]
        ]
        assert [each["last"]["error"] for each in failed] == ["timeout"]
        assert waiting["state"] == "waiting"
    finally:
        other.stop()


def test_a_port_nobody_listens_on_is_a_failed_connection(services, webhooks):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    webhook, _ = subscribe(webhooks, f"http://127.0.0.1:{port}/")
    tell(services)
    deliver(services, 5)
    (waiting,), _ = webhooks.deliveries(webhook.id, "waiting", limit=5, place=None)
    assert waiting["last"]["error"] == "connection"


def test_a_sender_that_was_killed_leaves_its_delivery_to_the_next(
    services, webhooks, receiver, clock, monkeypatch
):
    subscribe(webhooks, receiver.url)
    tell(services)

    def killed(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(delivering, "post", killed)
    with pytest.raises(KeyboardInterrupt):
        deliver(services, 5)
    monkeypatch.undo()
    assert deliver(services, 5) == 0, "it is taken for two minutes"
    clock.instant += timedelta(minutes=2)
    assert deliver(services, 5) == 1


def test_news_is_handed_over_once_even_if_that_is_cut_short(services, webhooks, receiver):
    subscribe(webhooks, receiver.url)
    tell(services)
    repository = WebhookRepository(services.store)
    news = repository.unsent(10)
    for _ in range(2):
        repository.hand_over(news, repository.all(), services.clock.now())
    assert repository.unsent(10) == []
    assert deliver(services, 5) == 1
    assert len(receiver.got) == 1


def test_a_webhook_gets_what_it_asked_for_of_its_region_and_unit(services, webhooks, receiver):
    wanted = [
        subscribe(webhooks, receiver.url, kinds=["case-closed"])[0],
        subscribe(webhooks, receiver.url, unit="education")[0],
        subscribe(webhooks, receiver.url, region="150626")[0],
        subscribe(webhooks, receiver.url, region=CASE.region, unit=CASE.unit, kinds=["case-opened"])[0],
    ]
    tell(services)
    deliver(services, 5)
    assert [webhooks.counts(each)["done"] for each in wanted] == [0, 0, 0, 1]


def test_deleting_a_webhook_forgets_what_is_on_its_way(services, webhooks, receiver):
    webhook, _ = subscribe(webhooks, receiver.url)
    tell(services)
    receiver.answers = 500
    deliver(services, 5)
    webhooks.delete(webhook.id)
    assert services.store["deliveries"].find_one() is None
    with pytest.raises(NotFound):
        webhooks.get(webhook.id)
    assert deliver(services, 5) == 0


def test_there_are_fifty_at_most(webhooks, receiver):
    for _ in range(MOST_WEBHOOKS):
        subscribe(webhooks, receiver.url)
    with pytest.raises(Conflict):
        subscribe(webhooks, receiver.url)


def test_old_news_goes(services, webhooks, receiver, clock):
    subscribe(webhooks, receiver.url)
    tell(services)
    deliver(services, 5)
    assert purge(services, clock.now() + timedelta(days=29)) == 0
    assert purge(services, clock.now() + timedelta(days=31)) == 1
    assert services.store["notifications"].find_one() is not None
    assert purge(services, clock.now() + timedelta(days=181)) == 1
    assert services.store["notifications"].find_one() is None


def test_an_address_that_became_private_is_refused_when_it_is_sent_to(services, webhooks, receiver):
    webhook, _ = subscribe(webhooks, receiver.url)
    tell(services)
    object.__setattr__(services, "webhook_networks", ())
    assert deliver(services, 5) == 0
    assert receiver.got == []
    (waiting,), _ = webhooks.deliveries(webhook.id, "waiting", limit=5, place=None)
    assert waiting["last"]["error"] == "refused"
    with pytest.raises(Unprocessable):
        subscribe(webhooks, receiver.url)


def test_tls_to_a_server_that_has_none_fails(receiver):
    secure = receiver.url.replace("http:", "https:")
    with pytest.raises(FailedError, match="tls"):
        post.post(target_of(secure, LOOPBACK), b"{}", {})


def test_a_signature_is_of_the_moment_and_the_bytes():
    made = {
        signature("s", 1, b"a"),
        signature("s", 2, b"a"),
        signature("s", 1, b"b"),
        signature("t", 1, b"a"),
    }
    assert len(made) == 4
