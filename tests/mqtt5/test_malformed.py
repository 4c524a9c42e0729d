"""What MQTT does not allow, from a broker, in a running engine: it ends with its reason and its place.

MQTT 5.0 §4.13: a DISCONNECT says why; below MQTT 5 a client can only close. No task dies of it, and the
engine works on.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import NamedTuple

import pytest

from mqttx_tui.model.profile import MqttVersion, Profile, Subscription
from mqttx_tui.wire.packets import Disconnect, Publish
from tests.mqtt5.engines import patient
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import FACTOR, eventually


class Bad(NamedTuple):
    """What comes, and what is said of it. ``versions`` are those in which it is wrong."""

    what: str
    raw: str
    reason: int
    place: int
    words: str
    versions: tuple[int, ...] = (3, 4, 5)


BAD = [
    # Types and flags (§2.1.2, §2.1.3)
    Bad("type 0", "00 00", 0x81, 0, "a packet type"),
    Bad("flags of SUBACK", "91 04 0001 00 00", 0x81, 0, "flags 0 for SUBACK"),
    Bad("flags of PUBREL", "60 02 0001", 0x81, 0, "flags 2 for PUBREL"),
    Bad("flags of PINGRESP", "d4 00", 0x81, 0, "flags 0 for PINGRESP"),
    Bad("QoS 3", "36 06 0001 61 0001 00", 0x81, 0, "QoS of 0, 1 or 2"),
    Bad("DUP with QoS 0", "38 04 0001 61 00", 0x81, 0, "no DUP flag"),
    Bad("a packet of clients", "82 07 0001 00 0001 61 00", 0x82, 0, "no SUBSCRIBE from a broker"),
    Bad("AUTH below MQTT 5", "f0 00", 0x81, 0, "a packet type, not 15", (3, 4)),
    Bad("DISCONNECT below MQTT 5", "e0 00", 0x82, 0, "no DISCONNECT from a broker", (3, 4)),
    # Lengths (§2.1.4)
    Bad("a length in five bytes", "30 ff ff ff ff 01", 0x81, 1, "four bytes at most"),
    Bad("a topic longer than its packet", "30 04 0009 61 00", 0x81, 4, "topic (9 bytes)"),
    Bad("no packet id", "32 04 0001 61 00", 0x81, 5, "packet id (2 bytes)"),
    Bad("PINGRESP with a body", "d0 01 00", 0x81, 2, "the end of the packet"),
    Bad("PUBACK with half an identifier", "40 01 00", 0x81, 2, "packet id (2 bytes)"),
    Bad("properties longer than their packet", "30 04 0001 61 09", 0x81, 6, "9 bytes of properties", (5,)),
    Bad("a padded property length", "30 06 0001 61 80 00 78", 0x81, 5, "fewest bytes", (5,)),
    # Text (§1.5.4) and topic names (§4.7)
    Bad("a topic that is not UTF-8", "30 06 0003 c32861 00", 0x81, 4, "valid UTF-8"),
    Bad("a surrogate", "30 06 0003 eda080 00", 0x81, 4, "valid UTF-8"),
    Bad("U+0000", "30 06 0003 610062 00", 0x81, 5, "no U+0000"),
    Bad("a wildcard", "30 06 0003 612f23 00", 0x90, 6, "without wildcards"),
    Bad("no topic", "30 03 0000 00", 0x82, 2, "a topic name"),
    Bad("a content type that is not UTF-8", "30 09 0001 61 05 03 0002 c328", 0x81, 9, "content_type", (5,)),
    # Identifiers (§2.2.1)
    Bad("packet id 0 of PUBLISH", "32 06 0001 61 0000 00", 0x82, 5, "identifier other than 0"),
    Bad("packet id 0 of PUBACK", "40 02 0000", 0x82, 2, "identifier other than 0"),
    Bad("packet id 0 of PUBREL", "62 02 0000", 0x82, 2, "identifier other than 0"),
    # Properties (§2.2.2)
    Bad("no such property", "30 06 0001 61 02 04 00", 0x81, 6, "0x04 is none", (5,)),
    Bad("a property of CONNACK", "30 07 0001 61 03 21 0001", 0x82, 6, "no receive_maximum here", (5,)),
    Bad("a property twice", "30 08 0001 61 04 01 00 01 00", 0x82, 8, "payload_format_indicator once", (5,)),
    Bad("a format that is none", "30 06 0001 61 02 01 02", 0x82, 7, "of 0 or 1", (5,)),
    Bad("subscription identifier 0", "30 06 0001 61 02 0b 00", 0x82, 7, "other than 0", (5,)),
    Bad("topic alias 0", "30 07 0001 61 03 23 0000", 0x94, 7, "topic_alias other than 0", (5,)),
    Bad("a property that is cut", "30 06 0001 61 02 23 00", 0x81, 7, "topic_alias (2 bytes)", (5,)),
    Bad("an alias beyond what we allow", "30 07 0001 61 03 23 0005", 0x94, 6, "topic alias", (5,)),
    # Reason codes (§2.4)
    Bad("a reason that is none", "40 03 0001 05", 0x82, 4, "not 0x05", (5,)),
    Bad("a reason of another packet", "40 03 0001 18", 0x82, 4, "a reason code of PUBACK, not 0x18", (5,)),
    Bad("QoS 3 granted", "90 04 0001 00 03", 0x82, 5, "a reason code of SUBACK", (5,)),
    Bad("return code 3", "90 03 0001 03", 0x81, 4, "0, 1, 2 or 128", (3, 4)),
    # Out of place (§3.2, §4.12)
    Bad("a second CONNACK", "20 03 00 00 00", 0x82, 0, "one CONNACK only", (5,)),
    Bad("AUTH that nobody asked for", "f0 00", 0x82, 0, "no AUTH without", (5,)),
]
NAMES: dict[int, MqttVersion] = {3: "3.1", 4: "3.1.1", 5: "5"}
CASES = [pytest.param(bad, version, id=f"{bad.what}-{version}") for bad in BAD for version in bad.versions]


def raw_of(bad: Bad, version: int) -> bytes:
    """Below MQTT 5 a PUBLISH has no property length, which is the last byte of those for all versions."""
    raw = bytes.fromhex(bad.raw)
    if version < 5 and raw[0] >> 4 == 3 and raw[1] < 0x80:
        return bytes((raw[0], raw[1] - 1)) + raw[2:-1]
    return raw


@pytest.mark.parametrize(("bad", "version"), CASES)
async def test_it_ends_with_its_reason_and_its_place(bad: Bad, version: int, tmp_path: Path) -> None:
    left: list[Disconnect | None] = []

    async def script(peer: Peer) -> None:
        await peer.accept()
        peer.send(Publish("a", b"good"))
        peer.send_raw(raw_of(bad, version))
        try:
            left.append(await peer.expect(Disconnect))
        finally:
            left.append(None)

    async with ScriptedBroker(script) as broker, patient(tmp_path / "c.db") as one:
        wanted = Profile("bad", broker.url, mqtt=NAMES[version], subscriptions=(Subscription("a"),))
        state = await one.ends(wanted)
        assert state.error is not None
        assert f"the broker sent what MQTT does not allow, byte {bad.place}: expected" in state.error.message
        assert bad.words in state.error.message
        assert state.error.title
        await eventually(lambda: left, "our end of it")
        assert left[0] == (Disconnect(bad.reason) if version == 5 else None)
        assert any(bad.words in text for text in await one.events())
        await one.still_works()


async def test_instead_of_connack(tmp_path: Path) -> None:
    """Nothing is said to a broker that has not let us in; the place is told all the same."""

    async def script(peer: Peer) -> None:
        await peer.next()
        peer.send_raw(bytes.fromhex("20 03 02 00 00"))
        await peer.next()

    async with ScriptedBroker(script) as broker, patient(tmp_path / "c.db") as one:
        state = await asyncio.wait_for(one.ends(Profile("bad", broker.url, mqtt="5")), 20 * FACTOR)
        assert state.error is not None
        assert "byte 2: expected the reserved acknowledge flags to be 0" in state.error.message
        assert not [packet for packet in broker.peers[0].seen if isinstance(packet, Disconnect)]
        await one.still_works()
