"""No secret byte reaches the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mqttx_tui.model.message import WS_FRAME, PacketRow
from tests.capture.support import capturing, connect, query

SECRET = "hunter2-geheim-ß"


def everything(path: Path) -> bytes:
    """Every byte of the file and what lies beside it."""
    return b"".join(each.read_bytes() for each in path.parent.iterdir())


async def test_packets_are_redacted_before_they_are_stored(tmp_path: Path) -> None:
    seen: list[tuple[PacketRow, Sequence[str]]] = []

    def redact(row: PacketRow, secrets: tuple[str, ...]) -> tuple[bytes, bool]:
        seen.append((row, secrets))
        raw = row.raw
        for secret in secrets:
            raw = raw.replace(secret.encode(), b"*" * 8)
        return raw, raw != row.raw

    async with capturing(tmp_path / "c.db", redact=redact) as writer:
        sink = connect(writer, secrets=lambda: (SECRET,))
        connect_packet = PacketRow(1, 0, 1, 1, raw=b"\x10MQTT" + SECRET.encode())
        sink.packet(connect_packet)
        sink.packet(PacketRow(2, 0, 0, 2, raw=b"\x20\0\0\0"))
        await writer.flushed()
        assert SECRET.encode() not in everything(tmp_path / "c.db")
    assert seen[0] == (replace(connect_packet, connection=1), (SECRET,))
    assert SECRET.encode() not in everything(tmp_path / "c.db")
    rows = query(tmp_path / "c.db", "SELECT raw, redacted, size FROM packet ORDER BY id")
    assert rows == [(b"\x10MQTT********", 1, len(connect_packet.raw)), (b"\x20\0\0\0", 0, 4)]


async def test_what_redaction_misses_is_left_out_whole(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db", redact=lambda row, secrets: (row.raw, False)) as writer:
        sink = connect(writer, secrets=lambda: ["", "ab", SECRET])
        sink.packet(PacketRow(1, 0, 1, WS_FRAME + 8, raw=b"bye " + SECRET.encode()))
        sink.packet(PacketRow(1, 0, 1, 12, raw=b"ab by chance"))
    rows = query(tmp_path / "c.db", "SELECT raw, redacted FROM packet ORDER BY id")
    assert rows == [(b"", 1), (b"ab by chance", 0)]


async def test_without_a_redaction_login_packets_have_no_bytes(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        for kind in (1, 15, 12):
            sink.packet(PacketRow(1, 0, 1, kind, raw=b"bytes"))
        sink.packet(PacketRow(1, 0, 1, 1, redacted=True, raw=b"made unreadable before"))
    rows = query(tmp_path / "c.db", "SELECT raw, redacted FROM packet ORDER BY id")
    assert rows == [(b"", 1), (b"", 1), (b"bytes", 0), (b"made unreadable before", 1)]


async def test_long_packets_are_cut(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        connect(writer).packet(PacketRow(1, 0, 1, 3, raw=bytes(200_000)))
    assert query(tmp_path / "c.db", "SELECT length(raw), size FROM packet") == [(65_536, 200_000)]
