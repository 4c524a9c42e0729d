"""The writer: what comes in is in the file, at once, in order and counted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from mqttx_tui.capture.limits import QUEUE_ROWS
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.clock import Clock
from mqttx_tui.model.message import CHANGED, NOT_UTF8, OUTGOING, QUEUED, RETAIN, PacketRow, Row
from tests.capture.support import capturing, connect, put, query
from tests.support.wait import eventually


async def test_rows_come_back_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    payloads = [b"", b"\0\xff", "grün".encode(), b"x" * 100_000]
    async with capturing(path) as writer:
        sink = connect(writer)
        topic = sink.topic("/halle 7/🌡 temp")
        assert topic is not None
        rows = [
            Row(
                1_000 + index,
                topic,
                NOT_UTF8 | index,
                7 + len(payload),
                payload,
                b"\x01\x02" if index else None,
            )
            for index, payload in enumerate(payloads)
        ]
        assert sink.messages(rows) == 1
        await writer.flushed()
        reader = CaptureReader(path)
        found = reader.messages(1, 10, payload=200_000)
        assert [message.payload for message in found] == payloads
        assert [message.payload_size for message in found] == [len(payload) for payload in payloads]
        assert [message.at for message in found] == [1000, 1001, 1002, 1003]
        assert [message.properties for message in found] == [None, b"\x01\x02", b"\x01\x02", b"\x01\x02"]
        assert [message.flags & ~CHANGED for message in found] == [NOT_UTF8 | index for index in range(4)]
        assert {(message.topic, message.connection, message.topic_id) for message in found} == {
            ("/halle 7/🌡 temp", 1, topic)
        }
        assert [message.size for message in found] == [7 + len(payload) for payload in payloads]
        reader.close()


async def test_plain_tuples_serve_as_rows(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        topic = sink.topic("a")
        sink.messages([(5, topic, 0, 12, b"x", None)])  # type: ignore[list-item]
        await writer.flushed()
    assert query(tmp_path / "c.db", "SELECT at, size, payload FROM message") == [(5, 12, b"x")]


async def test_two_connections_share_one_sequence(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        one, two = connect(writer, "one"), connect(writer, "two")
        assert [put(sink, "same/name", b"x") for sink in (one, two, one, two)] == [1, 2, 3, 4]
        await writer.flushed()
        reader = CaptureReader(path)
        assert [message.connection for message in reader.messages(1, 9)] == [1, 2, 1, 2]
        assert {ident: row.name for ident, row in reader.connections().items()} == {1: "one", 2: "two"}
        assert len({message.topic_id for message in reader.messages(1, 9)}) == 2
        reader.close()


async def test_the_first_message_after_a_pause_is_written_at_once(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        seen: asyncio.Queue[float] = asyncio.Queue()
        writer.listen(lambda first, rows: seen.put_nowait(loop.time()))
        delays = []
        for _ in range(5):
            await writer.flushed()
            await asyncio.sleep(0.06)  # longer than a batch: the pause that the test is about
            started = loop.time()
            put(sink, "a", b"x")
            delays.append(await seen.get() - started)
        assert min(delays) < 0.02


async def test_listeners_get_committed_batches_in_order(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    seen: list[tuple[int, int, int]] = []

    def listener(first: int, rows: Sequence[Row]) -> None:
        written = query(path, "SELECT max(id) FROM message")[0][0]
        seen.append((first, len(rows), written))

    async with capturing(path) as writer:
        sink = connect(writer)
        writer.listen(listener)
        for size in (3, 1, 5):
            put(sink, "a", *[b"x"] * size)
        await eventually(lambda: len(seen) == 3)
    assert [entry[:2] for entry in seen] == [(1, 3), (4, 1), (5, 5)]
    assert all(written >= first + count - 1 for first, count, written in seen)


async def test_back_pressure_rises_and_falls(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        assert not sink.full
        put(sink, "a", *[b"x"] * (QUEUE_ROWS + 1))
        assert sink.full
        assert writer.counters().received == QUEUE_ROWS + 1
        waiting = asyncio.create_task(sink.drained())
        await asyncio.sleep(0)
        assert writer.counters().paused_reading
        await waiting
        assert not sink.full
        assert writer._queued()[0] <= QUEUE_ROWS // 4
        assert writer.counters().connections[1].paused_seconds > 0
        assert not writer.counters().paused_reading


async def test_a_huge_payload_is_back_pressure_too(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        put(sink, "a", bytes(50_000_000))
        assert sink.full
        await sink.drained()
        assert not sink.full


async def test_counters(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer, exclude=["noisy/#"])
        assert sink.topic("noisy/a") is None
        sink.excluded(4)
        put(sink, "a", b"12345", b"")
        put(sink, "a", b"abc", flags=OUTGOING)
        sink.cut_off()
        sink.too_large()
        await writer.flushed()
        mine = writer.counters().connections[1]
        assert (mine.received, mine.sent, mine.kept, mine.excluded) == (6, 1, 2, 4)
        assert (mine.bytes_in, mine.bytes_out, mine.cut_off, mine.too_large) == (25, 13, 1, 1)
        with closing_reader(tmp_path / "c.db") as reader:
            assert reader.counters().connections[1] == mine


def closing_reader(path: Path) -> closing[CaptureReader]:
    return closing(CaptureReader(path))


async def test_changed_marks_a_payload_that_differs_from_the_topics_last(tmp_path: Path) -> None:
    large = bytes(70_000)
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        put(sink, "a", b"1", b"1", b"2")
        put(sink, "b", b"2", large, large, large[:-1] + b"\1")
        await writer.flushed()
        put(sink, "a", b"2", b"", b"")
    flags = [row[0] & CHANGED for row in query(tmp_path / "c.db", "SELECT flags FROM message ORDER BY id")]
    assert [bool(each) for each in flags] == [
        *(False, False, True),
        *(False, True, False, True),
        *(False, True, False),
    ]


async def test_topic_rows_follow(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "a", b"1", flags=RETAIN)
        put(sink, "a", b"2")
        put(sink, "b", b"x", flags=RETAIN)
        put(sink, "b", b"", flags=RETAIN)
        with closing_reader(path) as reader:
            await eventually(lambda: {row.name: row.count for row in reader.topics(0)[1]} == {"a": 2, "b": 2})
            revision, rows = reader.topics(0)
            by_name = {row.name: row for row in rows}
            assert (by_name["a"].last_message, by_name["a"].retained, by_name["a"].bytes) == (2, 1, 22)
            assert (by_name["b"].last_message, by_name["b"].retained) == (4, None)
            assert by_name["a"].first_at <= by_name["a"].last_at
            assert by_name["a"].rate > 0
            assert reader.topics(revision) == (revision, [])
            put(sink, "b", b"y")
            await eventually(lambda: [row.name for row in reader.topics(revision)[1]] == ["b"])


async def test_rates_are_messages_a_second(tmp_path: Path) -> None:
    second = 1_000_000_000
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        steady, slowing = sink.topic("steady"), sink.topic("slowing")
        assert steady is not None
        assert slowing is not None
        for tick in range(600):
            rows = [Row(tick * second // 20, steady, 0, 1, b"", None)] * 5
            if tick < 200:
                rows += [Row(tick * second // 20, slowing, 0, 1, b"", None)] * 5
            sink.messages(rows)
            await writer.flushed()
        sink.messages([Row(30 * second, slowing, 0, 1, b"", None)])
    rates = dict(query(tmp_path / "c.db", "SELECT name, rate FROM topic"))
    assert rates["steady"] == pytest.approx(100, rel=0.05)
    assert rates["slowing"] < 5


async def test_a_step_of_the_clock_is_an_event(tmp_path: Path) -> None:
    offset = 0
    monotonic = 1_000

    def tick() -> int:
        nonlocal monotonic
        monotonic += 1
        return monotonic

    clock = Clock(wall=lambda: 1_700_000_000_000_000_000 + offset + monotonic, monotonic=tick)
    async with capturing(tmp_path / "c.db", clock=clock) as writer:
        sink = connect(writer)
        put(sink, "a", b"1", b"2")
        offset = -3_600_000_000_000
        writer._ticker.cancel()
        writer._tick()
        put(sink, "a", b"3")
        await writer.flushed()
        with closing_reader(tmp_path / "c.db") as reader:
            (event,) = reader.events()
            assert (event.kind, event.connection, event.message) == ("clock", 0, 2)
            assert event.text == "the clock was set back by 3600.0 s"
            before, after = reader.message(2), reader.message(3)
            assert before is not None
            assert after is not None
            assert before.at - after.at > 3_599_000_000_000


async def test_hostile_names_do_no_harm(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        ident = writer.connection(name="[/]\udc80", letter="A", url="mqtt://\x1b]0;", protocol="mqtt")
        sink = writer.sink(ident)
        put(sink, "a\udcff/\x00'; DROP TABLE message; --", b"x")
        sink.event("weird", "\udc80\x1b")
        await writer.flushed()
        assert writer.counters().lost == 0
        with closing_reader(tmp_path / "c.db") as reader:
            assert reader.messages(1, 1)[0].topic.startswith("a?/")


async def test_acknowledgements_go_before_the_packets_that_tell_a_fate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mqttx_tui.capture.packets.NEWEST", 10)
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        for number in range(25):
            sink.packet(PacketRow(number, 99, 1, 4, raw=b""))
            sink.packet(PacketRow(number, 99, 0, 6, raw=b""))
            if number in (3, 5):
                await writer.flushed()
                sink.packet(PacketRow(number, 99, 0, 4, message=number, raw=b"\x40"))
        await writer.flushed()
        with closing_reader(tmp_path / "c.db") as reader:
            rows = [row for _, row in reader.packets()]
            assert [row.at for row in rows if row.message is not None] == [3, 5]
            assert [row.at for row in rows if row.message is None] == sorted([*range(20, 25)] * 2)
            assert {row.connection for row in rows} == {1}


@pytest.mark.parametrize("again", [False, True])
async def test_packets_that_tell_a_fate_are_bounded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    monkeypatch.setattr("mqttx_tui.capture.packets.NEWEST", 10)
    monkeypatch.setattr("mqttx_tui.capture.packets.OLDER", 7)
    async with capturing(tmp_path / "c.db") as writer:
        sink = connect(writer)
        for number in range(20):
            sink.packet(PacketRow(number, 99, 0, 13, raw=b"\xd0\x00"))
            await writer.flushed()
    if again:
        async with capturing(tmp_path / "c.db") as writer:
            connect(writer).packet(PacketRow(20, 99, 0, 13, raw=b"\xd0\x00"))
    with closing_reader(tmp_path / "c.db") as reader:
        newest = 21 if again else 20
        assert [row.at for _, row in reader.packets()] == list(range(newest - 17, newest))


async def test_the_thread_may_finish_while_somebody_begins_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        queued = iter([(1 << 30, 1 << 30), (0, 0)])

        def finish_meanwhile() -> tuple[int, int]:
            left = next(queued)
            writer._report(())
            return left

        monkeypatch.setattr(writer, "_queued", finish_meanwhile)
        await asyncio.wait_for(writer.drained(), 5)
        assert not writer.counters().paused_reading


async def test_flags_of_outgoing_messages_stay(tmp_path: Path) -> None:
    async with capturing(tmp_path / "c.db") as writer:
        put(connect(writer), "a", b"x", flags=OUTGOING | QUEUED | 2)
    assert query(tmp_path / "c.db", "SELECT flags FROM message") == [(OUTGOING | QUEUED | 2,)]
