"""Files: made, refused, gone on with, shared out, and broken under the writer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.capture.schema import APPLICATION_ID
from mqttx_tui.capture.writer import CaptureWriter
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import CHANGED, RETAIN, Row
from tests.capture.support import GENEROUS, capturing, connect, put, query
from tests.support.wait import eventually


async def test_ids_go_on_after_clear_and_after_opening_again(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path, kept=True) as writer:
        sink = connect(writer)
        put(sink, "a", b"1", b"2")
        writer.clear()
        await writer.flushed()
        with closing(CaptureReader(path)) as reader:
            assert (reader.bounds().floor, reader.bounds().last, reader.bounds().count) == (3, 2, 0)
            await eventually(lambda: [row.count for row in reader.topics(0)[1]] == [0])
        counters = writer.counters().connections[1]
        assert (counters.received, counters.kept, counters.evicted) == (2, 0, 2)
    async with capturing(path, kept=True) as writer:
        sink = connect(writer)
        assert put(sink, "a", b"3") == 3
        assert put(sink, "b", b"4") == 4
        await writer.flushed()
        counters = writer.counters().connections[1]
        assert (counters.received, counters.kept, counters.evicted) == (4, 2, 2)
    assert query(path, "SELECT id, topic FROM message") == [(3, 1), (4, 2)]


async def test_an_existing_capture_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path, kept=True) as writer:
        put(connect(writer, "one"), "a", b"same", flags=RETAIN)
        put(connect(writer, "two"), "a", b"x")
    async with capturing(path, kept=True) as writer:
        assert put(connect(writer, "two"), "a", b"x") == 3
        assert put(connect(writer, "three"), "a", b"x") == 4
        assert put(connect(writer, "one"), "a", b"same", b"other") == 5
    with closing(CaptureReader(path)) as reader:
        assert [m.connection for m in reader.messages(1, 9)] == [1, 2, 2, 3, 1, 1]
        assert [bool(m.flags & CHANGED) for m in reader.messages(1, 9)] == [False] * 5 + [True]
        one = next(row for row in reader.topics(0)[1] if row.connection == 1)
        assert (one.count, one.last_message, one.retained) == (3, 6, 1)
        assert reader.counters().connections[1].received == 3


async def test_a_file_has_one_writer(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db"):
        with pytest.raises(InputError, match="another"):
            CaptureWriter(tmp_path / "c.db", limits=GENEROUS, kept=True)
    async with capturing(tmp_path / "c.db"):
        pass


@pytest.mark.parametrize("content", [b"no capture at all", b"SQLite format 3\0 but broken" * 99])
async def test_no_capture_is_touched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "precious.txt"
    path.write_bytes(content)
    with pytest.raises(InputError):
        CaptureWriter(path, limits=GENEROUS, kept=True)
    assert path.read_bytes() == content


async def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        CaptureWriter(tmp_path / "missing" / "c.db", limits=GENEROUS, kept=True)
    assert caught.value.hint


async def test_the_file_is_private_and_identified(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path) as writer:
        put(connect(writer), "a", b"x")
        await writer.flushed()
        assert [each.stat().st_mode & 0o777 for each in tmp_path.iterdir()] == [0o600] * 3
    assert [each.name for each in tmp_path.iterdir()] == ["c.db"]
    assert query(path, "PRAGMA application_id") == [(APPLICATION_ID,)]


async def test_closing_deletes_a_private_capture(tmp_path: Path) -> None:
    writer = CaptureWriter(tmp_path / "c.db", limits=GENEROUS, kept=False)
    put(connect(writer), "a", b"x")
    await writer.close(delete=True)
    await writer.close(delete=True)
    assert not list(tmp_path.iterdir())


async def test_a_broken_database_costs_messages_and_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "a", b"x")
        await writer.flushed()
        with closing(sqlite3.connect(path)) as database:
            database.execute("ALTER TABLE message RENAME TO moved")
        put(sink, "a", b"1", b"2")
        put(sink, "new", b"3")
        await writer.flushed()
        assert writer.counters().lost == 3
        with closing(sqlite3.connect(path)) as database:
            database.execute("ALTER TABLE moved RENAME TO message")
        assert put(sink, "new", b"4") == 5
        await writer.flushed()
        with closing(CaptureReader(path)) as reader:
            assert [(m.id, m.topic) for m in reader.messages(1, 9)] == [(1, "a"), (5, "new")]
            (gap,) = reader.events()
            assert gap.kind == "gap"
            assert "ids 2 to 4" in gap.text
            counters = reader.counters().connections[1]
            assert (counters.received, counters.kept, counters.lost) == (5, 2, 3)


async def test_rows_that_make_no_sense_are_lost_and_the_writer_lives(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        put(sink, "a", b"x")
        await writer.flushed()
        sink.messages([Row(1, 999_999, 0, 1, b"", None)])
        await writer.flushed()
        sink.messages([Row(1, 1, 0, 1, None, None)])  # type: ignore[arg-type]
        await writer.flushed()
        put(sink, "a", b"y")
        await writer.flushed()
        assert writer.counters().lost == 2
        with closing(CaptureReader(tmp_path / "c.db")) as reader:
            assert [m.id for m in reader.messages(1, 9)] == [1, 4]
