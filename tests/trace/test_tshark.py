"""The trace of a recorded exchange is what tshark decodes from the same loopback traffic."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.capture.trace import IN, Entry, Place
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import ConnectProperties, MqttVersion, Profile, Subscription, Will
from mqttx_tui.model.state import Phase
from mqttx_tui.session.base import Delivery
from mqttx_tui.ui.trace_layers import Opened
from mqttx_tui.ui.trace_rows import open_entry
from mqttx_tui.wire.packets import PacketType
from tests.engine.fakes import Told, no_answer
from tests.support.mosquitto import Mosquitto
from tests.support.wait import eventually
from tests.trace.wireshark import Seen, capturing, missing, packets, stream

CLIENT = "traced-client"
PROPERTIES: dict[str, Any] = {
    "payload_format_indicator": 1,
    "message_expiry_interval": 600,
    "content_type": "text/plain",
    "response_topic": "answers",
    "correlation_data": b"c-1",
    "user": (("a", "1"), ("a", "2")),
}


def profile(broker: Mosquitto, version: MqttVersion) -> Profile:
    return Profile(
        "traced",
        f"mqtt://127.0.0.1:{broker.port}",
        mqtt=version,
        client_id=CLIENT,
        username="somebody",
        will=Will("will/topic", "gone", 1, True),
        properties=ConnectProperties(receive_maximum=30, topic_alias_maximum=5, user=(("k", "v"),)),
        subscriptions=(Subscription("t/#", 2), Subscription("other", 0)),
    )


async def exchange(path: Path, broker: Mosquitto, version: MqttVersion) -> None:
    """Every packet of a client's life, but AUTH: mosquitto has no method for it."""
    told = Told()
    engine = LocalEngine(path, listener=told, ask=no_answer, kept=True)
    connection = await engine.connect(profile(broker, version))

    def stands() -> bool:
        state = told.newest(connection)
        return bool(
            state
            and state.phase is Phase.CONNECTED
            and state.round_trip_ms is not None
            and all(one.granted is not None for one in state.subscriptions)
        )

    await eventually(stands, "connected and subscribed")
    deliveries: list[Delivery] = []
    for qos in (0, 1, 2):
        given = PROPERTIES if version == "5" else {}
        deliveries.append(
            engine.deliver(connection, Outgoing(f"t/{qos}", b"payload \xff", qos, properties=given))
        )
    deliveries.append(engine.deliver(connection, Outgoing("nobody", b"", 1)))
    deliveries.append(engine.deliver(connection, Outgoing("t/large", bytes(300), 0, retain=True)))
    for delivery in deliveries:
        await asyncio.wait_for(asyncio.shield(delivery.done), 20)
    await eventually(lambda: engine.counted().received >= 4, "everything came back")
    await engine.unsubscribe(connection, "t/#")
    cleared = engine.deliver(connection, Outgoing("t/large", b"", 1, retain=True))
    await asyncio.wait_for(asyncio.shield(cleared.done), 20)
    await engine.disconnect(connection)
    await engine.writer.flushed()
    await engine.shutdown(keep=True)


def taken_apart(path: Path) -> tuple[list[Opened], list[Opened]]:
    """What the trace holds of each direction: from the broker, to the broker."""
    reader = CaptureReader(path)
    entries, _ = reader.trace.after(Place(1, 1), 1_000)
    both: tuple[list[Opened], list[Opened]] = ([], [])
    for entry in entries:
        both[entry.direction != IN].append(opened(reader, entry))
    reader.close()
    return both


def opened(reader: CaptureReader, entry: Entry) -> Opened:
    message = reader.message(entry.message) if entry.received_publish and entry.message else None
    if message is None:
        return open_entry(entry, reader.trace, b"", 0, None)
    return open_entry(entry, reader.trace, message.payload, message.flags, message.properties)


def spans(found: Opened, wanted: set[str]) -> list[tuple[str, int, int]]:
    return sorted((one.name, one.start, one.end) for one in found.fields if one.name in wanted)


def compare(ours: Sequence[Opened], theirs: Sequence[Seen]) -> None:
    """Every field that tshark names stands at the same bytes."""
    assert [(one.raw[0], len(one.raw)) for one in ours] == [(one.first, one.size) for one in theirs]
    for mine, seen in zip(ours, theirs, strict=True):
        names = {name for name, _, _ in seen.spans}
        assert spans(mine, names) == sorted(seen.spans), f"{mine.raw.hex(' ')}"


@pytest.mark.mosquitto
@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_the_trace_is_what_tshark_decodes(
    mosquitto: Mosquitto, tmp_path: Path, version: MqttVersion
) -> None:
    if why := await asyncio.to_thread(missing):
        pytest.skip(why)
    file = tmp_path / "loopback.pcapng"
    with capturing(mosquitto.port, file):
        await exchange(tmp_path / "capture.db", mosquitto, version)
    client = client_port(mosquitto)
    came, went = await asyncio.to_thread(taken_apart, tmp_path / "capture.db")

    wire_in, wire_out = await asyncio.to_thread(stream, file, mosquitto.port, client)
    assert b"".join(one.raw for one in went) == wire_out
    assert Counter(one.raw for one in came) == Counter(split(wire_in)), (
        "the order of acknowledgements may differ"
    )

    theirs_in, theirs_out = await asyncio.to_thread(packets, file, mosquitto.port, client)
    compare(went, theirs_out)
    by_bytes = sorted(came, key=lambda one: one.raw)
    compare(
        by_bytes,
        [seen for _, seen in sorted(zip(split(wire_in), theirs_in, strict=True), key=lambda pair: pair[0])],
    )
    kinds = {PacketType(one.raw[0] >> 4) for one in (*came, *went)}
    assert kinds == set(PacketType) - {PacketType.AUTH}
    assert not [note for one in (*came, *went) for note in one.notes]


def split(data: bytes) -> list[bytes]:
    """The packets of a stream."""
    from mqttx_tui.wire.framing import Splitter

    return list(Splitter().feed(data))


def client_port(broker: Mosquitto) -> int:
    """From which port our client came, by ``New client connected from 127.0.0.1:PORT as NAME``."""
    found = [line for line in broker.log.splitlines() if f"as {CLIENT} " in line and "connected from" in line]
    return int(found[-1].split("connected from ")[1].split(" ")[0].rsplit(":", 1)[1])
