"""Reason codes: every name of the standard's table, and one plain sentence for each packet."""

from __future__ import annotations

import pytest

from mqttx_tui.wire.packets import PacketType as P
from mqttx_tui.wire.reasons import KNOWN_REASONS, may_hold, reason_name, reason_sentence

ACKS = (P.PUBACK, P.PUBREC)
RELEASES = (P.PUBREL, P.PUBCOMP)
SUBS = (P.SUBACK, P.UNSUBACK)
TABLE: dict[int, tuple[str, tuple[P, ...]]] = {
    0x00: ("Success", (P.CONNACK, *ACKS, *RELEASES, P.UNSUBACK, P.AUTH)),
    0x01: ("Granted QoS 1", (P.SUBACK,)),
    0x02: ("Granted QoS 2", (P.SUBACK,)),
    0x04: ("Disconnect with Will Message", (P.DISCONNECT,)),
    0x10: ("No matching subscribers", ACKS),
    0x11: ("No subscription existed", (P.UNSUBACK,)),
    0x18: ("Continue authentication", (P.AUTH,)),
    0x19: ("Re-authenticate", (P.AUTH,)),
    0x80: ("Unspecified error", (P.CONNACK, *ACKS, *SUBS, P.DISCONNECT)),
    0x81: ("Malformed Packet", (P.CONNACK, P.DISCONNECT)),
    0x82: ("Protocol Error", (P.CONNACK, P.DISCONNECT)),
    0x83: ("Implementation specific error", (P.CONNACK, *ACKS, *SUBS, P.DISCONNECT)),
    0x84: ("Unsupported Protocol Version", (P.CONNACK,)),
    0x85: ("Client Identifier not valid", (P.CONNACK,)),
    0x86: ("Bad User Name or Password", (P.CONNACK,)),
    0x87: ("Not authorized", (P.CONNACK, *ACKS, *SUBS, P.DISCONNECT)),
    0x88: ("Server unavailable", (P.CONNACK,)),
    0x89: ("Server busy", (P.CONNACK, P.DISCONNECT)),
    0x8A: ("Banned", (P.CONNACK,)),
    0x8B: ("Server shutting down", (P.DISCONNECT,)),
    0x8C: ("Bad authentication method", (P.CONNACK, P.DISCONNECT)),
    0x8D: ("Keep Alive timeout", (P.DISCONNECT,)),
    0x8E: ("Session taken over", (P.DISCONNECT,)),
    0x8F: ("Topic Filter invalid", (*SUBS, P.DISCONNECT)),
    0x90: ("Topic Name invalid", (P.CONNACK, *ACKS, P.DISCONNECT)),
    0x91: ("Packet Identifier in use", (*ACKS, *SUBS)),
    0x92: ("Packet Identifier not found", RELEASES),
    0x93: ("Receive Maximum exceeded", (P.DISCONNECT,)),
    0x94: ("Topic Alias invalid", (P.DISCONNECT,)),
    0x95: ("Packet too large", (P.CONNACK, P.DISCONNECT)),
    0x96: ("Message rate too high", (P.DISCONNECT,)),
    0x97: ("Quota exceeded", (P.CONNACK, *ACKS, P.SUBACK, P.DISCONNECT)),
    0x98: ("Administrative action", (P.DISCONNECT,)),
    0x99: ("Payload format invalid", (P.CONNACK, *ACKS, P.DISCONNECT)),
    0x9A: ("Retain not supported", (P.CONNACK, P.DISCONNECT)),
    0x9B: ("QoS not supported", (P.CONNACK, P.DISCONNECT)),
    0x9C: ("Use another server", (P.CONNACK, P.DISCONNECT)),
    0x9D: ("Server moved", (P.CONNACK, P.DISCONNECT)),
    0x9E: ("Shared Subscriptions not supported", (P.SUBACK, P.DISCONNECT)),
    0x9F: ("Connection rate exceeded", (P.CONNACK, P.DISCONNECT)),
    0xA0: ("Maximum connect time", (P.DISCONNECT,)),
    0xA1: ("Subscription Identifiers not supported", (P.SUBACK, P.DISCONNECT)),
    0xA2: ("Wildcard Subscriptions not supported", (P.SUBACK, P.DISCONNECT)),
}
"""MQTT 5.0 §2.4, Table 2-6: code, name, and the packets that carry it."""
OTHER_NAMES = {(P.SUBACK, 0x00): "Granted QoS 0", (P.DISCONNECT, 0x00): "Normal disconnection"}
EVERY = [(code, packet) for code, (_, packets) in TABLE.items() for packet in packets]
EVERY += [(code, packet) for packet, code in OTHER_NAMES]


def test_the_table_is_whole() -> None:
    assert set(TABLE) == KNOWN_REASONS


@pytest.mark.parametrize(("code", "packet"), EVERY)
def test_every_code_has_its_name_and_one_plain_sentence(code: int, packet: P) -> None:
    assert reason_name(code, packet) == OTHER_NAMES.get((packet, code), TABLE[code][0])
    sentence = reason_sentence(code, packet)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert ". " not in sentence, "one sentence"
    assert sentence.isascii()
    assert may_hold(packet, code)


@pytest.mark.parametrize("code", [code for code in range(256) if code not in TABLE])
def test_unknown_codes_are_told_by_number(code: int) -> None:
    for packet in (0, *P):
        assert reason_name(code, packet) == f"Unknown reason 0x{code:02X}"
        assert reason_sentence(code, packet) == "The standard does not know this code."


@pytest.mark.parametrize(
    ("code", "packets"),
    [
        (
            0x00,
            (P.CONNACK, P.PUBACK, P.PUBREC, P.PUBREL, P.PUBCOMP, P.SUBACK, P.UNSUBACK, P.DISCONNECT, P.AUTH),
        ),
        (0x80, (P.CONNACK, P.SUBACK, P.DISCONNECT)),
        (0x82, (P.CONNACK, P.DISCONNECT)),
        (0x83, (P.CONNACK, P.PUBACK, P.SUBACK, P.UNSUBACK, P.DISCONNECT)),
        (0x87, (P.CONNACK, P.PUBACK, P.SUBACK, P.UNSUBACK, P.DISCONNECT)),
        (0x90, (P.CONNACK, P.PUBACK)),
        (0x95, (P.CONNACK, P.DISCONNECT)),
        (0x99, (P.CONNACK, P.PUBACK)),
        (0x9A, (P.CONNACK, P.DISCONNECT)),
        (0x9B, (P.CONNACK, P.DISCONNECT)),
    ],
)
def test_where_the_packet_gives_the_code_a_meaning_of_its_own(code: int, packets: tuple[P, ...]) -> None:
    assert len({reason_sentence(code, packet) for packet in packets}) == len(packets)


@pytest.mark.parametrize(
    ("code", "packet", "words"),
    [
        (0x90, P.CONNACK, "will's topic"),
        (0x99, P.CONNACK, "will's payload"),
        (0x9A, P.CONNACK, "the will asks"),
        (0x9B, P.CONNACK, "QoS of the will"),
        (0x87, P.CONNACK, "may not connect"),
        (0x87, P.PUBACK, "may not publish"),
        (0x87, P.PUBREC, "may not publish"),
        (0x87, P.SUBACK, "may not subscribe"),
        (0x92, P.PUBCOMP, "no error"),
    ],
)
def test_what_is_meant(code: int, packet: P, words: str) -> None:
    assert words in reason_sentence(code, packet)
