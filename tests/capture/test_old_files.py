"""Captures of versions before frames were kept: read, saved, and gone on with."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.capture.save import save
from mqttx_tui.capture.schema import columns
from mqttx_tui.capture.trace import Place
from mqttx_tui.model.message import WS_FRAME, PacketRow
from tests.capture.support import capturing, connect, put, query

PING, PONG = WS_FRAME + 9, WS_FRAME + 10


async def old_file(path: Path) -> None:
    """A capture whose ``packet`` table has no ``frame``."""
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "a", b"1")
        sink.packet(PacketRow(5, 0, 1, PING, raw=b"x"))
        sink.packet(PacketRow(6, 0, 0, PONG, raw=b"x"))
    with closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE packet DROP COLUMN frame")
        database.commit()
        assert "frame" not in columns(database, "packet")


async def test_an_old_file_is_read(tmp_path: Path) -> None:
    await old_file(tmp_path / "c.db")
    reader = CaptureReader(tmp_path / "c.db")
    ping, pong, message = reader.trace.after(Place(1, 1), 9)[0]
    assert [(one.type, one.frame, one.head) for one in (ping, pong)] == [(PING, b"", b"x"), (PONG, b"", b"x")]
    assert reader.trace.answered(pong) is None  # of which connection was it?
    assert reader.trace.frames(message) == (b"", 1)
    reader.close()


async def test_an_old_file_is_saved(tmp_path: Path) -> None:
    await old_file(tmp_path / "c.db")
    assert save(tmp_path / "c.db", tmp_path / "copy.db") == 1
    assert query(tmp_path / "copy.db", "SELECT type, raw, frame FROM packet") == [
        (PING, b"x", None),
        (PONG, b"x", None),
    ]


async def test_an_old_file_goes_on(tmp_path: Path) -> None:
    await old_file(tmp_path / "c.db")
    async with capturing(tmp_path / "c.db") as writer:
        connect(writer).packet(PacketRow(7, 0, 0, PING, raw=b"y", frame=b"\x89\x01", size=3))
    found = query(tmp_path / "c.db", "SELECT raw, frame, size FROM packet ORDER BY id")
    assert found == [(b"x", None, 1), (b"x", None, 1), (b"y", b"\x89\x01", 3)]


async def test_a_saved_file_holds_the_frames(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        connect(writer).packet(PacketRow(7, 0, 0, PING, raw=b"y", frame=b"\x89\x01", size=3))
    save(tmp_path / "c.db", tmp_path / "copy.db")
    reader = CaptureReader(tmp_path / "copy.db")
    [ping] = reader.trace.after(Place(1, 1), 9)[0]
    assert ping.frame == b"\x89\x01"
    reader.close()
