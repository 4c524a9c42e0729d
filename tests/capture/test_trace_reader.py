"""The packet trace read from a capture: order, paging both ways, and flows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.capture.schema import create
from mqttx_tui.capture.trace import Entry, Place, TraceReader
from mqttx_tui.model.message import BINARY_FRAME, OUTGOING, WEBSOCKET, WS_FRAME
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import Connect

MQTT, WS = 1, 2
Packet = tuple[int, int, int, int | None, int | None, bytes]
"""(at, direction, type, message, packet id, raw)"""


def capture(messages: Sequence[tuple[int, int, int]], packets: Sequence[Packet]) -> TraceReader:
    """``messages``: (at, topic, flags); topic 1 is of the MQTT connection, topic 2 of the WebSocket."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    create(database)
    for ident in (MQTT, WS):
        database.execute(
            "INSERT INTO topic(id, connection, name) VALUES(?, ?, ?)", (ident, ident, f"t/{ident}")
        )
    rows: list[tuple[Any, ...]] = [(*message, 20, b"x") for message in messages]
    database.executemany("INSERT INTO message(at, topic, flags, size, payload) VALUES(?,?,?,?,?)", rows)
    database.executemany(
        "INSERT INTO packet(at, direction, type, message, packet_id, raw, connection, count, redacted, size)"
        " VALUES(?,?,?,?,?,?,1,1,0,4)",
        packets,
    )
    return TraceReader(database)


def keys(entries: Sequence[Entry]) -> list[tuple[int, int]]:
    return [entry.key for entry in entries]


moments = st.lists(st.integers(1, 6), max_size=25).map(sorted)
flags = st.sampled_from([0, 2, OUTGOING, WEBSOCKET, WEBSOCKET | OUTGOING, WEBSOCKET | BINARY_FRAME])


@given(moments, moments, st.data())
@settings(max_examples=150)
def test_pages_both_ways_give_everything_once_and_in_order(
    message_times: list[int], packet_times: list[int], data: st.DataObject
) -> None:
    kinds = [data.draw(flags) for _ in message_times]
    messages = [
        (at, WS if kind & WEBSOCKET else MQTT, kind) for at, kind in zip(message_times, kinds, strict=True)
    ]
    reader = capture(messages, [(at, 0, 4, None, None, b"") for at in packet_times])
    shown = [
        (at, 0, (0, ident))
        for ident, (at, _, kind) in enumerate(messages, 1)
        if kind & (OUTGOING | WEBSOCKET) != OUTGOING
    ]
    wanted = [
        key for *_, key in sorted(shown + [(at, 1, (row, 0)) for row, at in enumerate(packet_times, 1)])
    ]
    limit = data.draw(st.integers(1, 7))

    found, place = [], Place(1, 1)
    while True:
        page, after = reader.after(place, limit)
        assert len(page) <= limit
        found += page
        if after == place:
            break
        place = after
    assert keys(found) == wanted
    assert place == reader.end()

    backwards: list[Entry] = []
    while True:
        page, before = reader.before(place, limit)
        assert len(page) <= limit
        backwards = page + backwards
        if before == place:
            break
        place = before
    assert keys(backwards) == wanted
    for entry in found:
        again, _ = reader.after(entry.place, 1)
        assert keys(again) == [entry.key]


def test_without_messages_only_packets() -> None:
    reader = capture([(1, MQTT, 0)], [(2, 0, 13, None, None, b"")])
    assert keys(reader.before(reader.end(), 9, messages=False)[0]) == [(1, 0)]
    assert keys(reader.after(Place(1, 1), 9, messages=False)[0]) == [(1, 0)]


def test_what_an_entry_says() -> None:
    reader = capture([(1, MQTT, 2), (2, WS, WEBSOCKET | OUTGOING | BINARY_FRAME)], [])
    publish, frame = reader.after(Place(1, 1), 9)[0]
    assert (publish.type, publish.direction, publish.connection, publish.topic) == (3, 0, MQTT, "t/1")
    assert publish.received_publish
    assert (frame.type, frame.direction, frame.connection) == (WS_FRAME + 2, 1, WS)
    assert not frame.received_publish


@pytest.mark.parametrize(
    ("messages", "packets", "at", "flow"),
    [
        # Ours at QoS 2, beside another one under way.
        (
            [(1, MQTT, OUTGOING | 4), (1, MQTT, OUTGOING | 4)],
            [
                (1, 1, 3, 1, 7, b""),
                (1, 1, 3, 2, 8, b""),
                (2, 0, 5, 2, 8, b""),
                (2, 0, 5, 1, 7, b""),
                (3, 1, 6, 1, 7, b""),
                (4, 0, 7, 1, 7, b""),
            ],
            5,
            [(1, 1), (4, 1), (5, 1), (6, 1)],
        ),
        # Received at QoS 2: the message, and what answered it.
        (
            [(1, MQTT, 4)],
            [(1, 1, 5, 1, 9, b""), (2, 0, 6, None, 9, b""), (2, 1, 7, None, 9, b"")],
            2,
            [(0, 1), (1, 1), (2, 0), (3, 0)],
        ),
        # The same packet identifier again, later.
        (
            [],
            [
                (1, 1, 8, None, 3, b""),
                (2, 0, 9, None, 3, b""),
                (3, 1, 8, None, 3, b""),
                (4, 0, 9, None, 3, b""),
            ],
            4,
            [(3, 0), (4, 0)],
        ),
        ([], [(1, 1, 12, None, None, b""), (2, 0, 13, None, None, b"")], 1, [(1, 0), (2, 0)]),
        ([], [(1, 0, 14, None, None, b"")], 1, [(1, 0)]),
    ],
)
def test_flows(
    messages: list[tuple[int, int, int]], packets: list[Packet], at: int, flow: list[tuple[int, int]]
) -> None:
    reader = capture(messages, packets)
    [entry] = [entry for entry in reader.after(Place(1, 1), 99)[0] if entry.row == at]
    assert keys(reader.flow(entry)) == flow


@pytest.mark.parametrize("version", [3, 4, 5])
def test_the_protocol_level_is_that_of_the_connect_before(version: int) -> None:
    connect = encode(Connect("c", version), version)
    reader = capture(
        [(3, MQTT, 0)],
        [
            (1, 1, 1, None, None, encode(Connect("old", 4), 4)),
            (2, 1, 1, None, None, connect),
            (3, 0, 13, None, None, b""),
        ],
    )
    entries = reader.after(Place(1, 1), 9)[0]
    assert [reader.level(entry) for entry in entries] == [4, version, version, version]


def test_the_packet_identifier_of_a_received_message_is_that_of_its_acknowledgement() -> None:
    reader = capture([(1, MQTT, 2), (1, MQTT, 2)], [(1, 1, 4, 1, 5, b"")])
    assert (reader.packet_id_of(1), reader.packet_id_of(2)) == (5, None)
