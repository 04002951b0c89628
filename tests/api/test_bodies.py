"""Bodies that cannot be taken, each with its own problem, and never a 5xx."""

import base64
import gzip
import hashlib
import json
import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from api.body import RAW_LIMIT, _parse
from core.jsonvalue import loads
from core.problems import (
    BadCredentials,
    BadEncoding,
    DigestMismatch,
    MalformedRequest,
    TooLarge,
    Unprocessable,
    UnsupportedMediaType,
)

GOOD = json.dumps({"login": "nobody", "password": "x"}).encode()


NUMBERS = st.from_regex(r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,22})?([eE][-+]?[0-9]{1,3})?", fullmatch=True)
ESCAPES = st.from_regex(r'"(\\u[0-9a-fd]{4}|\\[nrt"/]|[a-z0-9\u4e00\U00010000])*"', fullmatch=True)


@given(
    st.text(max_size=12).map(json.dumps)
    | NUMBERS
    | ESCAPES
    | st.text('0123456789-.eE[]{},:nulNaI"\ufeff\x00 ')
)
@example("18446744073709551616")
@example("-9223372036854775809")
@example("1e999")
@example('{"a":1,"a":2}')
@example('"\\ud800"')
@example("\ufeff1")
def test_the_fast_reader_reads_what_the_strict_one_reads(text):
    raw = f'{{"a":[{text}]}}'.encode("utf-8", "surrogatepass")
    try:
        expected = repr(loads(raw))
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            _parse(raw)
    else:
        assert repr(_parse(raw)) == expected


def send(nobody, data, *, content_type="application/json", encoding=None, digest=None):
    headers = {"Content-Encoding": encoding} if encoding else {}
    if digest is not None:
        headers["Content-Digest"] = digest
    return nobody.post("/sessions", data=data, content_type=content_type, headers=headers)


def digest_of(data):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def test_a_body_that_can_be_read_is_read(nobody, assert_problem):
    packed = gzip.compress(GOOD)
    for answer in (
        send(nobody, GOOD),
        send(nobody, GOOD, content_type="application/json; charset=utf-8", digest=digest_of(GOOD)),
        send(nobody, packed, encoding="gzip", digest=digest_of(packed)),
        send(nobody, packed, encoding="GZIP", digest=f"unixsum=:MTA=:, {digest_of(packed)}"),
    ):
        assert_problem(answer, BadCredentials)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"login":}',
        b"\xff\xfe",
        b'{"login":"\xc3\x28"}',
        b'{"login":NaN}',
        b'{"login":-Infinity}',
        b"{} {}",
        b'{"login":' + b"9" * 5000 + b"}",
        b'{"login":"\\ud800"}',
        b'{"\\udfff":1}',
        b"[" * 100_000,
        GOOD.decode().encode("utf-16"),
    ],
)
def test_what_is_not_json_is_malformed(nobody, assert_problem, data):
    assert_problem(send(nobody, data), MalformedRequest)


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"login":1,"password":"x"}',
        b'{"login":["a"],"password":{}}',
        b'{"login":"a","password":"x","$where":"1"}',
        b'{"login":"a","password":"x","a.b":1}',
        b'{"login":"a","password":"x","a\\u0000":1}',
        b'{"login":"a","password":' + str(2**63).encode() + b"}",
        b'{"login":' + b"[" * 200 + b"]" * 200 + b"}",
    ],
)
def test_json_that_is_not_what_the_address_takes_is_unprocessable(nobody, assert_problem, data):
    body = assert_problem(send(nobody, data), Unprocessable)
    assert all({"at", "message"} == set(error) for error in body["errors"])
    assert body["errors"]


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "application/xml", "multipart/form-data; boundary=x"]
)
def test_another_type_is_not_taken(nobody, assert_problem, content_type):
    assert_problem(send(nobody, GOOD, content_type=content_type), UnsupportedMediaType)


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "x"])
def test_another_encoding_is_not_taken(nobody, assert_problem, encoding):
    assert_problem(send(nobody, GOOD, encoding=encoding), UnsupportedMediaType)


@pytest.mark.parametrize("digest", [digest_of(b"other"), "sha-256=:!:", "sha-256=", "sha-256=:eA==:"])
def test_a_body_that_was_changed_on_the_way_is_told_so(nobody, assert_problem, digest):
    assert_problem(send(nobody, GOOD, digest=digest), DigestMismatch)


def test_the_digest_is_of_the_content_as_received(nobody, assert_problem):
    packed = gzip.compress(GOOD)
    assert_problem(send(nobody, packed, encoding="gzip", digest=digest_of(GOOD)), DigestMismatch)


@pytest.mark.parametrize("cut", [1, 5, 12, 20, -1, -5, -9])
def test_a_gzip_stream_that_is_cut_off_is_told_so(nobody, assert_problem, cut):
    assert_problem(send(nobody, gzip.compress(GOOD)[:cut], encoding="gzip"), BadEncoding)


@pytest.mark.parametrize(
    "data",
    [gzip.compress(GOOD) + b"x", gzip.compress(GOOD) * 2, GOOD, zlib.compress(GOOD)],
    ids=["a byte after it", "two members", "not packed", "zlib"],
)
def test_bytes_that_are_not_one_gzip_member_are_told_so(nobody, assert_problem, data):
    assert_problem(send(nobody, data, encoding="gzip"), BadEncoding)


def test_a_gigabyte_in_a_megabyte_is_refused_without_being_unpacked(nobody, assert_problem):
    packer = zlib.compressobj(wbits=31)
    zeros = bytes(1024 * 1024)
    bomb = b"".join(packer.compress(zeros) for _ in range(1024)) + packer.flush()
    assert len(bomb) < 2 * 1024 * 1024
    assert assert_problem(send(nobody, bomb, encoding="gzip"), TooLarge)["limit"] == 32 * 1024 * 1024


def test_a_body_beyond_the_limit_is_refused_and_its_sender_is_told(nobody, assert_problem):
    assert assert_problem(send(nobody, b" " * (RAW_LIMIT + 1)), TooLarge)["limit"] == RAW_LIMIT
