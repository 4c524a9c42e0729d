"""AUTH both ways, on the wire and in the trace, as tshark decodes it (MQTT 5.0 §3.15, §4.12)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.capture.trace import IN, Place
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.profile import ConnectProperties, PacketProperties, Profile
from mqttx_tui.model.state import Phase
from mqttx_tui.ui.trace_rows import open_entry
from mqttx_tui.wire.describe import describe
from mqttx_tui.wire.framing import Splitter
from mqttx_tui.wire.packets import Connack, PacketType
from mqttx_tui.wire.redact import MASK, redact
from tests.engine.fakes import Told, no_answer
from tests.support.scram_peer import USERS, accept_again, accept_scram
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import eventually
from tests.trace.wireshark import Seen, capturing, missing, packets, stream

METHODS = ("SCRAM-SHA-256", "SCRAM-SHA-512")
AUTH_REASONS = {"0x18 Continue authentication", "0x19 Re-authenticate", "0x00 Success"}


class Client:
    """From which port the client came whose CONNECT was taken."""

    port = 0


async def exchange(path: Path, broker: ScriptedBroker, method: str) -> None:
    """SCRAM with CONNECT, and once more."""
    engine = LocalEngine(path, listener=Told(), ask=no_answer, kept=True)
    more = {"reason_string": "it is me", "user": (("a", "1"), ("a", "2"))}
    profile = Profile(
        "traced",
        broker.url,
        mqtt="5",
        username="maria",
        password=USERS["maria"],
        properties=ConnectProperties(authentication_method=method, user=(("k", "v"),)),
        packet_properties=PacketProperties(auth=more),
    )
    connection = await engine.connect(profile)
    await eventually(lambda: engine.snapshots()[0].phase is Phase.CONNECTED, "connected")
    assert await engine.authenticate(connection) > 0
    await engine.disconnect(connection)
    await engine.writer.flushed()
    await engine.shutdown(keep=True)


def traced(path: Path) -> tuple[list[bytes], list[bytes], list[str]]:
    """Packets from and to the broker as the capture keeps them, and the reasons of AUTH in their order."""
    reader = CaptureReader(path)
    try:
        entries, _ = reader.trace.after(Place(1, 1), 1_000)
        both: tuple[list[bytes], list[bytes]] = ([], [])
        reasons = []
        for entry in entries:
            opened = open_entry(entry, reader.trace, b"", 0, None)
            both[entry.direction != IN].append(opened.raw)
            if entry.type == PacketType.AUTH:
                reasons += [str(one.value) for one in opened.fields if one.name == "reason"]
        return (*both, reasons)
    finally:
        reader.close()


def agree(wire: Sequence[bytes], theirs: Sequence[Seen]) -> None:
    """Every field that tshark names stands at the same bytes in ours."""
    assert [(raw[0], len(raw)) for raw in wire] == [(one.first, one.size) for one in theirs]
    for raw, seen in zip(wire, theirs, strict=True):
        names = {name for name, _, _ in seen.spans}
        ours = sorted((one.name, one.start, one.end) for one in describe(raw, 5) if one.name in names)
        assert ours == sorted(seen.spans), raw.hex(" ")


@pytest.mark.parametrize("method", METHODS)
async def test_auth_is_what_tshark_decodes(tmp_path: Path, method: str) -> None:
    if why := await asyncio.to_thread(missing):
        pytest.skip(why)
    file = tmp_path / "loopback.pcapng"
    client = Client()

    async def script(peer: Peer) -> None:
        await accept_scram(peer, Connack(properties={"topic_alias_maximum": 3}))
        client.port = peer.port
        await accept_again(peer)
        await peer.serve()

    async with ScriptedBroker(script) as broker:
        begin = capturing(broker.port, file)
        await asyncio.to_thread(begin.__enter__)
        try:
            await exchange(tmp_path / "capture.db", broker, method)
        finally:
            await asyncio.to_thread(begin.__exit__, None, None, None)
        wire_in, wire_out = await asyncio.to_thread(stream, file, broker.port, client.port)
        theirs_in, theirs_out = await asyncio.to_thread(packets, file, broker.port, client.port)
    came, went = list(Splitter().feed(wire_in)), list(Splitter().feed(wire_out))
    agree(came, theirs_in)
    agree(went, theirs_out)
    for kinds, theirs in (((2, 15), theirs_in), ((1, 14, 15), theirs_out)):
        assert set(kinds) <= {one.first >> 4 for one in theirs}
    auths = [one for one in (*theirs_in, *theirs_out) if one.first >> 4 == PacketType.AUTH]
    assert len(auths) == 6
    for name in ("reason", "authentication_method", "authentication_data"):
        assert sum(name in {span[0] for span in one.spans} for one in auths) == 6, name

    kept_in, kept_out, reasons = await asyncio.to_thread(traced, tmp_path / "capture.db")
    assert kept_in == [redact(raw, 5)[0] for raw in came], "as on the wire, but for the secrets"
    assert kept_out == [redact(raw, 5)[0] for raw in went]
    assert all(MASK in raw for raw in (*kept_in, *kept_out) if raw[0] >> 4 == PacketType.AUTH)
    assert set(reasons) == AUTH_REASONS
    assert len(reasons) == 6
