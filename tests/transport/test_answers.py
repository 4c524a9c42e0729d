"""Telling from the first bytes what answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.close_codes import check_close
from mqttx_tui.model.endpoint import parse_url
from mqttx_tui.model.errors import InputError, LinkError
from mqttx_tui.model.visible import visible
from mqttx_tui.transport.answers import explain_first_bytes
from mqttx_tui.transport.close_codes import explain_close
from mqttx_tui.transport.failures import FAILURES
from mqttx_tui.transport.upgrade import explain_no_http, explain_status, parse_head

PLAIN = parse_url("mqtt://broker.lab")
SECURE = parse_url("mqtts://broker.lab")
SOCKET = parse_url("mqtt+ws://broker.lab/mqtt?token=geheim-1")


@pytest.mark.parametrize(
    ("data", "title", "hint"),
    [
        (b"\x15", "TLS on this port", "try mqtts://broker.lab:1883"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "TLS on this port", "try mqtts://broker.lab:1883"),
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port",
            "TLS on this port",
            "try mqtts://broker.lab:1883",
        ),
        (b"HTTP/1.0 400 Bad Request\r\n", "A web server answered", "mqtt+ws://broker.lab:1883/mqtt"),
        (b"SSH-2.0-OpenSSH", "Not an MQTT server", "check the port"),
        (b"AMQP\x00\x00\x09\x01", "Not an MQTT server", "check the port"),
        (b"\x30\x03\x00\x01a", "Not an MQTT server", "check the port"),
        (b"", "Closed without an answer", "a TLS port? try mqtts://broker.lab:1883"),
    ],
)
def test_what_answered_is_named(data: bytes, title: str, hint: str) -> None:
    error = explain_first_bytes(data, PLAIN)
    assert error is not None
    assert (error.stage, error.title) == ("mqtt", title)
    assert hint in error.hint


@pytest.mark.parametrize("data", [b"\x20\x02\x00\x00", b"\x20", b"\xf0\x02\x18\x00", b"\xe0\x01\x8b"])
def test_what_may_be_mqtt_is_left_to_the_decoder(data: bytes) -> None:
    assert explain_first_bytes(data, PLAIN) is None


def test_the_advice_fits_the_transport() -> None:
    error = explain_first_bytes(b"", SECURE)
    assert error is not None
    assert "tls.cert" in error.hint
    assert "mqtts://" not in error.hint


def harmless(error: LinkError) -> bool:
    """Nothing in it could move a cursor or change a colour."""
    text = error.title + error.message + error.hint
    return visible(text) == text


@given(st.binary(max_size=300))
def test_any_bytes_are_explained_without_control_characters(data: bytes) -> None:
    for endpoint in (PLAIN, SECURE, SOCKET):
        error = explain_first_bytes(data, endpoint)
        if error is not None:
            assert harmless(error)
    assert harmless(explain_no_http(data, SOCKET))


_LINE = st.text(st.characters(max_codepoint=0xFF, exclude_characters="\r\n"), max_size=40)


@given(st.integers(100, 599), _LINE, st.lists(st.tuples(_LINE, _LINE), max_size=5), st.binary(max_size=40))
def test_any_http_answer_is_explained(
    status: int, phrase: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    lines = [
        f"HTTP/1.1 {status} {phrase}",
        *(f"{name}: {value}" for name, value in headers),
        "Location: /a?b=c",
    ]
    head = parse_head("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
    assert head is not None
    assert (head.status, head.phrase) == (status, phrase)
    if status != 101:
        error = explain_status(head, SOCKET, mqtt=True)
        assert harmless(error)
        assert "geheim-1" not in error.message + error.hint
        assert error.stage == "upgrade"


@given(st.integers(0, 65_535), st.text(max_size=130))
def test_any_close_is_explained(code: int, reason: str) -> None:
    error = explain_close(code, reason)
    assert error.code == code
    assert harmless(error)


def test_every_kind_of_failure_has_a_title_and_says_what_it_needs() -> None:
    for name, row in FAILURES.items():
        assert row.title
        assert not row.title.endswith(".")
        assert row.stage == name.partition(".")[0] or name.startswith("ws.")


@pytest.mark.parametrize("code", [1000, 1003, 1007, 1014, 3000, 4999])
def test_codes_that_may_be_sent(code: int) -> None:
    check_close(code, "x" * 123)


@pytest.mark.parametrize("code", [-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000])
def test_codes_that_may_not_be_sent(code: int) -> None:
    with pytest.raises(InputError, match=f"{code}.* may not be sent"):
        check_close(code, "")


def test_a_reason_is_counted_in_bytes() -> None:
    check_close(1000, "é" * 61)
    with pytest.raises(InputError, match="124 bytes, 123 fit"):
        check_close(1000, "é" * 62)
    with pytest.raises(InputError, match="124"):
        check_close(1000, "x" * 124)
