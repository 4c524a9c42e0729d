"""Heads of HTTP messages, line by line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.wire.http_heads import describe_http, header

REQUEST = b"GET /mqtt?a=b HTTP/1.1\r\nHost: h:1\r\nX-Odd:v\r\nEmpty:\r\n\r\n"
ANSWER = b"HTTP/1.1 302 Found\r\nLocation: ws://h:2/there\r\n\r\nbody: no header"


def test_a_request() -> None:
    fields = describe_http(REQUEST)
    assert [field[:2] for field in fields] == [
        ("request", "GET /mqtt?a=b HTTP/1.1"),
        ("Host", "h:1"),
        ("X-Odd", "v"),
        ("Empty", ""),
    ]
    assert [REQUEST[field.start : field.end] for field in fields][1:3] == [b"Host: h:1", b"X-Odd:v"]


def test_an_answer_ends_where_its_head_ends() -> None:
    fields = describe_http(ANSWER)
    assert [field[:2] for field in fields] == [("status", "302 Found"), ("Location", "ws://h:2/there")]
    assert (header(fields, "location"), header(fields, "body")) == ("ws://h:2/there", "")


def test_what_is_no_http() -> None:
    assert [field[:2] for field in describe_http(b"\x15\x03\x01")] == [("no HTTP", "\x15\x03\x01")]


@given(st.binary(max_size=80))
def test_any_bytes_are_borne(data: bytes) -> None:
    assert all(0 <= field.start <= field.end <= len(data) for field in describe_http(data))
