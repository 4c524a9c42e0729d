"""WebSocket frames and upgrades in the trace: what belongs together, and what carried a message."""

from __future__ import annotations

from pathlib import Path

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.capture.trace import IN, OUT, Entry, Place
from mqttx_tui.model.message import HTTP, OUTGOING, WEBSOCKET, WS_FRAME, PacketRow
from tests.capture.support import capturing, connect, put, query

TEXT, CLOSE, PING, PONG = WS_FRAME + 1, WS_FRAME + 8, WS_FRAME + 9, WS_FRAME + 10
HEAD = b"\x88\x00"


async def reading(path: Path, *packets: PacketRow) -> CaptureReader:
    async with capturing(path) as writer:
        sink, other = connect(writer), connect(writer, "other")
        put(sink, "", b"abcdef", flags=WEBSOCKET | OUTGOING)
        for packet in packets:
            (other if packet.count == 2 else sink).packet(packet)
    return CaptureReader(path)


def flow(reader: CaptureReader, row: int) -> list[int]:
    entries = [entry for entry in reader.trace.after(Place(1, 1), 99)[0] if entry.row]
    [entry] = [entry for entry in entries if entry.row == row]
    return [one.row for one in reader.trace.flow(entry)]


def packet(direction: int, kind: int, raw: bytes = b"", *, other: bool = False) -> PacketRow:
    """``other``: of the other connection."""
    frame = b"" if kind == HTTP else HEAD
    return PacketRow(5, 0, direction, kind, raw=raw, frame=frame, count=2 if other else 1)


async def test_a_pong_answers_the_ping_with_its_payload(tmp_path: Path) -> None:
    reader = await reading(
        tmp_path / "c.db",
        packet(OUT, PING, b"1"),
        packet(OUT, PING, b"2"),
        packet(IN, PING, b"1"),
        packet(OUT, PONG, b"1"),
        packet(IN, PONG, b"1", other=True),
        packet(IN, PONG, b"1"),
        packet(IN, PONG, b"unasked"),
    )
    assert [flow(reader, row) for row in range(1, 8)] == [[1, 6], [2], [3, 4], [3, 4], [5], [1, 6], [7]]
    reader.close()


async def test_what_happened_on_an_earlier_connection_is_not_answered_by_a_later_one(tmp_path: Path) -> None:
    def one() -> list[PacketRow]:
        return [
            packet(OUT, HTTP),
            packet(IN, HTTP),
            packet(OUT, PING, b"mqttx-tui 1"),
            packet(OUT, CLOSE),
            packet(IN, CLOSE),
        ]

    reader = await reading(
        tmp_path / "c.db", *one(), *one()[:2], packet(IN, PONG, b"mqttx-tui 1"), *one()[3:]
    )
    assert [flow(reader, row) for row in range(1, 11)] == [
        *([1, 2], [1, 2], [3], [4, 5], [4, 5]),
        *([6, 7], [6, 7], [8], [9, 10], [9, 10]),
    ]
    reader.close()


async def test_frames_of_a_message_are_no_entries_of_their_own(tmp_path: Path) -> None:
    heads = b"\x01\x82KEY1\x80\x84KEY2"
    frames = PacketRow(5, 0, OUT, TEXT, 1, count=2, frame=heads, size=18)
    reader = await reading(tmp_path / "c.db", frames, packet(IN, PING, b"x"))
    entries: list[Entry] = reader.trace.after(Place(1, 1), 99)[0]
    assert [entry.type for entry in entries] == [PING, TEXT]
    assert [entry.type for entry in reader.trace.before(reader.trace.end(), 99)[0]] == [PING, TEXT]
    assert reader.trace.frames(entries[1]) == (heads, 2)
    reader.close()


async def test_a_frame_that_announces_more_than_a_column_takes_costs_no_message(tmp_path: Path) -> None:
    head = b"\x81\x7f" + b"\xff" * 8
    reader = await reading(
        tmp_path / "c.db", PacketRow(5, 0, 0, TEXT, frame=head, size=2**64 - 1 + len(head))
    )
    assert [message.payload for message in reader.messages(1, 10)] == [b"abcdef"]
    reader.close()
    assert query(tmp_path / "c.db", "SELECT frame, size FROM packet") == [(head, 2**63 - 1)]
