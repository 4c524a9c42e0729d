"""Secrets leave nothing behind, and what is left still decodes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import Auth, Connack, Connect, Packet, Pingreq, Publish, Will
from mqttx_tui.wire.redact import redact, redact_headers, redact_http
from tests.wire.strategies import packets_with_version

SECRET = "correct horse"


@pytest.mark.parametrize("version", [3, 4, 5])
def test_password(version: int) -> None:
    raw = encode(Connect("me", version, username="u", password=SECRET.encode()), version)
    clean, changed = redact(raw, version)
    assert changed
    assert SECRET.encode() not in clean
    packet = decode(clean, version)
    assert packet == Connect("me", version, username="u", password=b"********")


AUTHENTICATION = {"authentication_method": "M", "authentication_data": SECRET.encode()}


@pytest.mark.parametrize(
    "packet",
    [
        Auth(0x18, AUTHENTICATION),
        Connack(0, False, AUTHENTICATION),
        Connect("", 5, properties=AUTHENTICATION),
    ],
    ids=["AUTH", "CONNACK", "CONNECT"],
)
def test_authentication_data(packet: Auth | Connack | Connect) -> None:
    clean, changed = redact(encode(packet, 5), 5)
    assert changed
    assert SECRET.encode() not in clean
    decoded = decode(clean, 5)
    assert isinstance(decoded, Auth | Connack | Connect)
    assert decoded.properties == {**AUTHENTICATION, "authentication_data": b"********"}


def test_nothing_to_hide_stays_byte_for_byte() -> None:
    for packet in (Connect("me"), Publish("a", b"b"), Pingreq()):
        raw = encode(packet, 4)
        assert redact(raw, 4, ["unused"]) == (raw, False)


def test_literal_secrets_anywhere() -> None:
    packet = Connect(
        f"id-{SECRET}",
        5,
        username=SECRET,
        will=Will(SECRET, f"<{SECRET}>".encode()),
        properties={"user": ((SECRET, "x"),)},
    )
    clean, changed = redact(encode(packet, 5), 5, [SECRET])
    assert changed
    assert SECRET.encode() not in clean
    decoded = decode(clean, 5)
    assert isinstance(decoded, Connect)
    assert decoded.client_id == "id-********"
    assert decoded.will == Will("********", b"<********>")


def test_a_connect_that_does_not_decode_keeps_nothing() -> None:
    raw = encode(Connect("me", 4, username="u", password=SECRET.encode()), 4)[:-1]
    clean, changed = redact(raw, 4)
    assert changed
    assert b"horse"[:4] not in clean
    assert clean[0] == raw[0]


@given(packets_with_version(), st.text(st.characters(codec="utf-8"), min_size=3, max_size=8))
@settings(max_examples=200, deadline=None)
def test_no_secret_survives(case: tuple[Packet, int], secret: str) -> None:
    packet, version = case
    raw = encode(packet, version)
    if "*" in secret:
        return
    clean, _changed = redact(raw, version, [secret])
    assert secret.encode() not in clean


def test_http_head() -> None:
    head = (
        b"GET /mqtt?token=tok-1&x=y HTTP/1.1\r\nHost: example.org\r\n"
        b"AUTHORIZATION: Bearer tok-2\r\n continued tok-3\r\n"
        b"Proxy-Authorization:Basic tok-4\r\nCookie: a=tok-5; b=tok-6\r\n"
        b"Origin: https://user:tok-7@example.org/path?tok-8\r\nX-Own: tok-9\r\n\r\n"
    )
    clean, changed = redact_http(head, ["tok-9"])
    assert changed
    assert b"tok-" not in clean
    assert b"GET /mqtt?token=********&x=******** HTTP/1.1\r\nHost: example.org\r\n" in clean
    assert b"Origin: https://********@example.org/path?********\r\nX-Own: ********" in clean


def test_http_head_without_secrets_is_unchanged() -> None:
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"
    assert redact_http(head) == (head, False)


def test_headers_are_hidden_by_their_name() -> None:
    head = (
        b"GET / HTTP/1.1\r\nHost: x-key.org:80\r\n"
        b"X-Key: tok-1\r\n  tok-2\r\nOther : tok\r\nEmpty-Key:\r\n\r\n"
    )
    clean, changed = redact_headers(head, lambda name: name.lower().endswith("key"))
    assert changed
    assert clean == (
        b"GET / HTTP/1.1\r\nHost: x-key.org:80\r\nX-Key: ********\r\nOther : tok\r\nEmpty-Key:\r\n\r\n"
    )
    assert redact_headers(head, lambda name: False) == (head, False)
