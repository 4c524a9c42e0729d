"""Messages in a capture in memory, and what the SQL back end finds there."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from mqttx_tui.capture import schema
from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters.evaluate import FilterMessage
from mqttx_tui.capture.filters.sql import compile_filter
from mqttx_tui.wire.properties import decode_properties
from tests.filters.generated import CONTEXT


def capture(messages: list[FilterMessage]) -> sqlite3.Connection:
    """A capture in memory that holds these messages with ids from 1 on."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    database.executescript(schema.TABLES)
    connections: dict[str, int] = {}
    topics: dict[tuple[str, str], int] = {}
    for number, message in enumerate(messages, 1):
        if message.connection not in connections:
            connections[message.connection] = len(connections) + 1
            database.execute(
                "INSERT INTO connection VALUES(?, ?, ?, '', '', '')",
                (connections[message.connection], message.connection_name, message.connection),
            )
        key = (message.connection, message.topic)
        if key not in topics:
            # Every other topic is one past the limit, whose ids begin elsewhere.
            start = schema.FIRST_OTHER_TOPIC if len(topics) % 2 else 1
            topics[key] = start + len(topics)
            database.execute(
                "INSERT INTO topic(id, connection, name, count, rate) VALUES(?, ?, ?, ?, ?)",
                (topics[key], connections[message.connection], message.topic, message.count, message.rate),
            )
        database.execute(
            "INSERT INTO message VALUES(?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                message.at,
                topics[key],
                message.flags,
                message.size,
                message.properties,
                message.payload,
            ),
        )
        for packet in message.packets:
            database.execute(
                "INSERT INTO packet VALUES(NULL, 0, 1, 0, ?, ?, ?, ?, 1, 0, 0, x'', NULL)",
                (packet.type, number, packet.packet_id, packet.reason),
            )
    return database


def found_by_sql(text: str, messages: list[FilterMessage]) -> list[bool]:
    """Which messages the SQL back end finds."""
    with closing(capture(messages)) as database:
        return asked(text, database)


def asked(text: str, database: sqlite3.Connection) -> list[bool]:
    """Which messages of a capture the SQL back end finds, by id."""
    compiled = compile_filter(parse(text), database, context=CONTEXT, decode_properties=decode_properties)
    while not compiled.refresh(database):
        pass
    rows = database.execute(
        f"SELECT m.id, {compiled.where} FROM message m ORDER BY m.id", compiled.parameters
    ).fetchall()
    assert all(row[1] in (0, 1) for row in rows), f"not two-valued: {rows} for {compiled.where}"
    return [bool(row[1]) for row in rows]
