"""Reading: parts of payloads, look-back, times, fates, and files that are not what they seem."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from mqttx_tui.capture import opening
from mqttx_tui.capture.reader import TOPICS_A_CALL, CaptureReader
from mqttx_tui.capture.schema import APPLICATION_ID, FORMAT
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import DROPPED, OUTGOING, QUEUED, PacketRow, Row
from tests.capture.support import capturing, connect, put, query
from tests.support.wait import eventually


def fastest(call: Callable[[], object]) -> float:
    """Seconds of the fastest of five calls."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return min(times)


async def test_parts_of_a_huge_payload_cost_little(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    payload = os.urandom(1_000_000) * 50
    async with capturing(path) as writer:
        put(connect(writer), "a", b"small", payload, b"after")
        await writer.flushed()
        with closing(CaptureReader(path)) as reader:
            first_page = fastest(lambda: reader.messages(1, 3, payload=300))
            _, huge, after = reader.messages(1, 3, payload=300)
            assert (huge.payload, huge.payload_size) == (payload[:300], 50_000_000)
            assert after.payload == b"after"
            assert first_page < fastest(lambda: reader.payload(2)) / 5
            found = reader.message(2)
            assert found is not None
            assert found.payload == payload[:65_536]
            bare = reader.message(2, payload=0)
            assert bare is not None
            assert (bare.payload, bare.payload_size) == (b"", 50_000_000)
            assert reader.payload(2, 49_999_990) == payload[-10:]
            assert reader.payload(2, 12_345_678, 1_000) == payload[12_345_678:12_346_678]
            assert reader.payload(2, 50_000_000, 10) == b""
            assert reader.payload(99) == b""
            assert reader.payload(2) == payload


async def test_by_ids_keeps_the_order_and_leaves_out_what_is_gone(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        put(connect(writer), "a", b"1", b"2", b"3")
        await writer.flushed()
        with closing(CaptureReader(tmp_path / "c.db")) as reader:
            assert [m.id for m in reader.by_ids([3, 99, 1, 3])] == [3, 1, 3]
            assert reader.by_ids([]) == []
            assert reader.message(99) is None


async def test_an_empty_capture(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db"):
        with closing(CaptureReader(tmp_path / "c.db")) as reader:
            assert (reader.bounds().floor, reader.bounds().last, reader.bounds().count) == (1, 0, 0)
            assert reader.messages(1, 100) == []
            assert reader.topics(0) == (0, [])
            assert reader.id_at(5) is None
            assert reader.history(1) == []
            assert reader.counters().received == 0


async def test_history_goes_back_through_everything(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        put(sink, "rare", b"0")
        for number in range(1, 4):
            put(sink, "common", *[b"x"] * 30_000)
            put(sink, "rare", b"%d" % number)
            await sink.drained()
        await writer.flushed()
        with closing(CaptureReader(tmp_path / "c.db")) as reader:
            rare = sink.topic("rare")
            assert rare is not None
            assert [m.payload for m in reader.history(rare)] == [b"3", b"2", b"1", b"0"]
            assert [m.payload for m in reader.history(rare, limit=2)] == [b"3", b"2"]
            oldest_of_two = reader.history(rare, limit=2)[-1].id
            assert [m.payload for m in reader.history(rare, before=oldest_of_two)] == [b"1", b"0"]
            put(sink, "rare", b"4")
            await writer.flushed()
            steps = 0

            def step() -> None:
                nonlocal steps
                steps += 1

            reader._database.set_progress_handler(step, 100)
            assert [m.payload for m in reader.history(rare, limit=3)] == [b"4", b"3", b"2"]
            assert steps < 50, "what was read before is remembered"
            reader._database.set_progress_handler(None, 0)
            assert len(reader.history(2, limit=500)) == 500


async def test_a_message_that_is_near_is_found_without_looking_further(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        put(sink, "rare", b"0", b"1")
        put(sink, "common", *[b"x"] * 50)
        put(sink, "rare", b"2")
        await writer.flushed()
        with closing(CaptureReader(tmp_path / "c.db")) as reader:
            rare = sink.topic("rare")
            assert rare is not None
            newest, before, first = (message.id for message in reader.history(rare))
            assert reader.near(rare, newest, 51) == before
            assert reader.near(rare, newest, 50) is None
            assert reader.near(rare, before, 1) == first
            assert reader.near(rare, first, 100) is None


async def test_the_next_newer_message_of_a_topic(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        for number in range(3):
            put(sink, "rare", b"%d" % number)
            put(sink, "common", *[b"x"] * 30_000)
            await sink.drained()
        await writer.flushed()
        with closing(CaptureReader(tmp_path / "c.db")) as reader:
            rare = sink.topic("rare")
            assert rare is not None
            expected = [1, 30_002, 60_003, None]
            for looked_back in (False, True):
                if looked_back:
                    assert reader.topic_ids(rare) == [60_003, 30_002, 1]
                for ident, newer in pairwise(expected):
                    assert ident is not None
                    assert reader.after(rare, ident) == newer
            put(sink, "rare", b"3")
            await writer.flushed()
            assert reader.after(rare, 60_003) == 90_004


async def test_topics_come_in_parts_without_gaps(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        total = 2 * TOPICS_A_CALL + 500
        for number in range(total):
            put(sink, f"t/{number}", b"x")
        await writer._in_thread(writer._store.flush_all_topics)
        with closing(CaptureReader(tmp_path / "c.db")) as reader:
            revision, names = 0, set()
            while True:
                revision, rows = reader.topics(revision)
                if not rows:
                    break
                assert len(rows) <= TOPICS_A_CALL
                names |= {row.name for row in rows}
            assert len(names) == total


async def test_jump_to_time_searches_each_stretch_of_the_clock(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        topic = sink.topic("a")
        assert topic is not None
        sink.messages([Row(1_000 + i * 10, topic, 0, 1, b"", None) for i in range(1_000)])
        writer.event(0, "clock", "the clock was set back")
        sink.messages([Row(500 + i * 10, topic, 0, 1, b"", None) for i in range(100)])
        writer.event(0, "clock", "the clock was set forward")
        sink.messages([Row(1_000_000 + i, topic, 0, 1, b"", None) for i in range(100)])
        await writer.flushed()
        with closing(CaptureReader(tmp_path / "c.db")) as reader:
            assert reader.id_at(1_000_050) == 1_151
            assert reader.id_at(600) == 1_011
            assert reader.id_at(1_200) == 1_071, "the newest stretch that spans it"
            assert reader.id_at(5_005) == 402
            assert reader.id_at(0) == 1
            assert reader.id_at(2_000_000) == 1_200
            assert reader.id_at(20_000) == 1_101


async def test_fates_follow_the_packets(tmp_path: Path) -> None:
    ms = 1_000_000
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        direct = put(sink, "a", b"qos 0", flags=OUTGOING)
        waiting = put(sink, "a", b"queued", flags=OUTGOING | QUEUED | 2)
        acknowledged = put(sink, "a", b"1", flags=OUTGOING | QUEUED | 2)
        refused = put(sink, "a", b"2", flags=OUTGOING | 2)
        exactly_once = put(sink, "a", b"3", flags=OUTGOING | 4)
        received = put(sink, "a", b"3", flags=4)
        halfway = put(sink, "a", b"4", flags=OUTGOING | 4)
        dropped = put(sink, "a", b"5", flags=OUTGOING | QUEUED | 2)
        packets = [
            *((acknowledged, 1, 3, None, 10 * ms), (acknowledged, 0, 4, 0x10, 22 * ms)),
            *((refused, 1, 3, None, 10 * ms), (refused, 0, 4, 0x87, 11 * ms)),
            *((exactly_once, 1, 3, None, 10 * ms), (exactly_once, 0, 5, 0, 11 * ms)),
            *((exactly_once, 1, 6, None, 12 * ms), (exactly_once, 0, 7, 0, 13 * ms)),
            *((halfway, 1, 3, None, 10 * ms), (halfway, 0, 5, 0, 11 * ms)),
            (received, 1, 4, None, 10 * ms),
            (dropped, 1, DROPPED, None, 10 * ms),
        ]
        for message, direction, kind, reason, at in packets:
            sink.packet(PacketRow(at, 0, direction, kind, message, 7, reason))
        await writer.flushed()
        with closing(CaptureReader(tmp_path / "c.db")) as reader:
            fates = reader.fates(range(1, 20))
            assert {ident: (f.state, f.reason, f.milliseconds) for ident, f in fates.items()} == {
                direct: ("sent", None, None),
                waiting: ("queued", None, None),
                acknowledged: ("acknowledged", 0x10, 12.0),
                refused: ("refused", 0x87, 1.0),
                exactly_once: ("acknowledged", 0, 3.0),
                halfway: ("sent", None, None),
                dropped: ("dropped", None, None),
            }
            assert [row.type for _, row in reader.packets(message=exactly_once)] == [3, 5, 6, 7]
            assert reader.packets(connection=2) == []
            plan = query(
                tmp_path / "c.db",
                "EXPLAIN QUERY PLAN SELECT * FROM packet"
                " WHERE message IN (SELECT value FROM json_each('[1]')) AND message IS NOT NULL",
            )
            assert "packet_message" in str(plan)


async def test_no_reader_keeps_the_log_from_shrinking(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    largest = 0
    stop = threading.Event()

    def poll() -> None:
        with closing(CaptureReader(path)) as reader:
            revision = 0
            while not stop.is_set():
                bounds = reader.bounds()
                reader.messages(bounds.last - 200, 200)
                revision, _ = reader.topics(revision)

    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "a", b"x")
        await writer.flushed()
        thread = threading.Thread(target=poll)
        thread.start()
        try:
            for number in range(150):
                put(sink, f"t/{number}", *[bytes(500)] * 1_000)
                if sink.full:
                    await sink.drained()
                await asyncio.sleep(0)
                largest = max(largest, os.stat(f"{path}-wal").st_size)
            await writer.flushed()
        finally:
            stop.set()
            thread.join()
        assert path.stat().st_size > 70_000_000
        assert largest < 64_000_000
        await eventually(lambda: os.stat(f"{path}-wal").st_size == 0, "the log to be emptied in a pause")


async def test_a_log_that_a_reader_held_is_cut_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("mqttx_tui.capture.log.TOO_LARGE", 4_000_000)
    monkeypatch.setattr("mqttx_tui.capture.thread.IDLE_SECONDS", 0.01)
    path = tmp_path / "c.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "a", b"x")
        await writer.flushed()
        with closing(sqlite3.connect(path)) as database:
            cursor = database.execute("SELECT * FROM message UNION ALL SELECT * FROM message")
            cursor.fetchone()
            for _ in range(20):
                put(sink, "a", *[bytes(1_000)] * 500)
                await writer.flushed()
            cursor.close()
        assert os.stat(f"{path}-wal").st_size > 4_000_000
        assert "keeps the write-ahead log" in caplog.text
        put(sink, "a", b"x")
        await eventually(lambda: os.stat(f"{path}-wal").st_size < 1_000_000)


async def test_interrupt_ends_a_call_in_another_thread(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path) as writer:
        put(connect(writer), "a", *[b"x"] * 60_000)
        await writer.flushed()
        ready, errors = threading.Event(), []
        readers: list[CaptureReader] = []

        def work() -> None:
            with closing(CaptureReader(path)) as reader:
                readers.append(reader)
                ready.set()
                try:
                    while True:
                        reader.messages(1, 60_000)
                except sqlite3.OperationalError as error:
                    errors.append(error.sqlite_errorname)

        thread = threading.Thread(target=work)
        thread.start()
        ready.wait()
        while thread.is_alive():
            if readers and not errors:
                readers[0].interrupt()
            thread.join(0.01)
        assert errors == ["SQLITE_INTERRUPT"]


def test_missing_and_foreign_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        CaptureReader(tmp_path / "missing.db")
    text = tmp_path / "notes.txt"
    text.write_text("not a database, although it is long enough to look at " * 40)
    with pytest.raises(InputError, match="not a capture"):
        CaptureReader(text)
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as database:
        database.execute("CREATE TABLE message(id)")
    with pytest.raises(InputError, match="not a capture") as caught:
        CaptureReader(other)
    assert caught.value.hint
    empty = tmp_path / "empty.db"
    empty.touch()
    with pytest.raises(InputError, match="not a capture"):
        CaptureReader(empty)


async def test_a_newer_format_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path):
        pass
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {FORMAT + 1}")
        assert database.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    with pytest.raises(InputError, match=f"format {FORMAT + 1}") as caught:
        CaptureReader(path)
    assert "newer" in caught.value.hint
    with pytest.raises(InputError, match=f"format {FORMAT + 1}"):
        async with capturing(path):
            pass


async def test_a_private_copy_is_read_where_nothing_can_be_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a read-only directory without shared memory does, also to root."""

    def refuse(path: str) -> sqlite3.Connection:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(opening, "_connect", refuse)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "copies"))
    (tmp_path / "copies").mkdir()
    async with capturing(tmp_path / "c.db") as writer:
        put(connect(writer), "a", b"in the log")
        await writer.flushed()
        with closing(CaptureReader(tmp_path / "c.db")) as reader:
            (copy,) = (tmp_path / "copies").iterdir()
            assert copy.stat().st_mode & 0o777 == 0o700
            assert [m.payload for m in reader.messages(1, 9)] == [b"in the log"]
            with pytest.raises(sqlite3.OperationalError):
                reader._database.execute("DELETE FROM message")
        assert not list((tmp_path / "copies").iterdir())
