"""Which addresses may be told of news: https to hosts of the world, or of networks that are allowed."""

import socket
from ipaddress import ip_network

import pytest

from core.principal import Principal, Role
from sync.notify import post
from sync.notify.post import RefusedError, target_of
from tests.unit.validators.test_findings import FINDING
from validators.cases import cases_of
from validators.policy import load_policy

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
(CASE,) = cases_of([FINDING], load_policy()).values()
ADMIN = Principal("admin", Role.ADMINISTRATOR, "1506")


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://10.1.2.3/", "https://192.168.0.1/", "https://172.16.0.9/", "https://[::1]/",
        "https://169.254.169.254/latest/meta-data/", "https://0.0.0.0/", "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/", "https://[fe80::1%25lo]/", "https://[fd00::1]/",
        "https://224.0.0.1/", "https://100.64.0.1/", "https://localhost/", "https://2130706433/", "https://0x7f.1/",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_however_they_are_written(url):
    with pytest.raises(RefusedError):
        target_of(url, ())


@pytest.mark.parametrize(
    "url",
    [
        "http://1.1.1.1/", "ftp://1.1.1.1/", "https://", "https://u:p@1.1.1.1/", "https://1.1.1.1/#x", "file:///etc/passwd",
        "https://1.1.1.1:99999/", "https://1.1.1.1/a b", "https://1.1.1.1/\r\nX: y", "javascript:alert(1)", "",
        "https://no-such-host.invalid/", "https://例.invalid/",
    ],
)  # fmt: skip
def test_only_https_to_a_host_that_is_there(url):
    with pytest.raises(RefusedError):
        target_of(url, LOOPBACK)


def test_what_is_allowed_is_allowed_and_nothing_beside_it():
    assert target_of("https://1.1.1.1/x?y=1", ()).address == "1.1.1.1"
    assert target_of("http://127.0.0.1:8080/", LOOPBACK).port == 8080
    assert target_of("https://10.20.1.1/", (ip_network("10.20.0.0/16"),)).secure
    for refused in ("http://10.20.1.1/", "https://10.21.1.1/"):
        with pytest.raises(RefusedError):
            target_of(refused, (ip_network("10.20.0.0/16"),))


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("1.1.1.1", "10.0.0.1")
    ]
    monkeypatch.setattr(post.socket, "getaddrinfo", lambda *_args, **_more: found)
    with pytest.raises(RefusedError):
        target_of("https://hook.example/", ())
