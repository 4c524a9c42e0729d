"""From fields to a message to send, and from a captured message back to fields."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import BINARY_FRAME, WEBSOCKET, Message
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.ui.draft import Draft, from_message, outgoing

MQTT = ConnectionSnapshot(1, "home", "home", "A", "mqtt://h", "mqtt", "tcp", Phase.CONNECTED)
SOCKET = dataclasses.replace(MQTT, protocol="websocket", transport="ws")


def captured(payload: bytes, flags: int = 0) -> Message:
    return Message(7, 0, 3, 1, "site/7/set", flags, 20, payload, len(payload))


def test_what_is_typed_is_sent() -> None:
    message = outgoing(Draft("site/7/set", "01 ff", "hex", 2, True), MQTT)
    assert (message.topic, message.payload, message.qos, message.retain) == (
        "site/7/set",
        b"\x01\xff",
        2,
        True,
    )


@pytest.mark.parametrize("topic", ["site/+/set", "site/#", "", "a\0b"])
def test_a_topic_that_cannot_be_published_to_is_refused(topic: str) -> None:
    with pytest.raises(InputError):
        outgoing(Draft(topic, "ON"), MQTT)


def test_read_only_is_refused_with_its_place() -> None:
    text = "production is read-only (read_only = true in connections.toml, line 88)"
    target = dataclasses.replace(MQTT, read_only=True, read_only_text=text)
    with pytest.raises(InputError, match="line 88"):
        outgoing(Draft("a", "b"), target)


def test_qos_1_may_wait_for_a_connection_and_qos_0_may_not() -> None:
    down = dataclasses.replace(MQTT, phase=Phase.RETRYING)
    assert outgoing(Draft("a", "b", qos=1), down).qos == 1
    with pytest.raises(InputError, match="not connected"):
        outgoing(Draft("a", "b"), down)
    with pytest.raises(InputError):
        outgoing(Draft("a", "b"), None)


def test_a_raw_websocket_needs_no_topic() -> None:
    assert outgoing(Draft("", "hello"), SOCKET).binary is False
    assert outgoing(Draft("", "00ff", "hex"), SOCKET).binary is True
    assert outgoing(Draft("", "hello", fragments=4), SOCKET).fragments == 4


def test_the_kind_of_frame_may_be_chosen() -> None:
    assert outgoing(Draft("", '{"a":1}', "json", frame="binary"), SOCKET).binary is True
    nul = outgoing(Draft("", "41 43 4b 0a 0a 00", "hex", frame="text"), SOCKET)
    assert (nul.payload, nul.binary) == (b"ACK\n\n\0", False)


@given(st.binary(), st.sampled_from([0, WEBSOCKET, WEBSOCKET | BINARY_FRAME]))
def test_reuse_sends_the_same_bytes(payload: bytes, flags: int) -> None:
    try:
        payload.decode()
    except UnicodeDecodeError:
        flags |= BINARY_FRAME if flags else 0  # no text frame holds that
    sent = outgoing(from_message(captured(payload, flags)), SOCKET if flags else MQTT)
    assert (sent.payload, sent.binary) == (payload, bool(flags & BINARY_FRAME))


def test_control_characters_are_reused_as_hex() -> None:
    assert from_message(captured(b"a\x1b[2J")).format == "hex"
    assert from_message(captured(b'{"on": true}')).format == "json"
