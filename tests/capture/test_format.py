"""docs/capture-format.md says what is in the file."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from mqttx_tui.capture import schema
from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.packets import NEWEST, OLDER
from mqttx_tui.capture.sink import RAW_KEPT
from mqttx_tui.capture.store import EVENTS_KEPT
from mqttx_tui.model import message as flags
from mqttx_tui.model.message import OUTGOING, RETAIN, PacketRow
from tests.capture.support import capturing, connect, put, query

DOCUMENT = (Path(__file__).parents[2] / "docs" / "capture-format.md").read_text(encoding="utf-8")


def documented_tables() -> dict[str, list[tuple[str, str]]]:
    """Columns and types of each table, in the order of the document."""
    tables: dict[str, list[tuple[str, str]]] = {}
    name = ""
    for line in DOCUMENT.splitlines():
        if heading := re.fullmatch(r"### `(\w+)`", line):
            name = heading[1]
        elif line.startswith("## "):
            name = ""
        elif name and (row := re.match(r"\| `(\w+)` \|\s*([A-Z]*)\s*\|", line)):
            tables.setdefault(name, []).append((row[1], row[2]))
    return tables


async def test_every_column_is_documented(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path):
        pass
    names = [row[0] for row in query(path, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    real = {name: [(row[1], row[2]) for row in query(path, f"PRAGMA table_info({name})")] for name in names}
    assert documented_tables() == real


async def test_every_key_of_meta_is_documented(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path) as writer:
        put(connect(writer), "a", b"x")
    section = DOCUMENT.split("### `meta`")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    documented = {key for cell in rows for key in re.findall(r"`(\w+)`", cell)} - {"key", "value"}
    assert documented == {row[0] for row in query(path, "SELECT key FROM meta")}


def test_identification_flags_and_bounds_are_documented() -> None:
    assert f"0x{schema.APPLICATION_ID:08X}" in DOCUMENT
    assert schema.APPLICATION_ID.to_bytes(4, "big") == b"MQTX"
    assert f"`user_version` {schema.FORMAT}" in DOCUMENT
    assert str(schema.FIRST_OTHER_TOPIC) in DOCUMENT
    for number in (NEWEST, OLDER, EVENTS_KEPT, RAW_KEPT, Limits().topics):
        assert f"{number:,}" in DOCUMENT
    named = ("RETAIN", "DUP", "OUTGOING", "WEBSOCKET", "BINARY_FRAME", "PAYLOAD_CUT", "NOT_UTF8", "REPLAYED")
    values = [getattr(flags, name) for name in (*named, "QUEUED", "CHANGED")]
    documented = [int(value) for value in re.findall(r"^\| \d+ \| (\d+) \|", DOCUMENT, re.MULTILINE)]
    assert documented == values
    assert f"| {flags.QOS_MASK & 2}, {flags.QOS_MASK & 4} |" in DOCUMENT
    for kind in (flags.WS_FRAME, flags.SUMMARY, flags.DROPPED, flags.HTTP):
        assert f"{kind} " in DOCUMENT


async def test_every_query_runs_and_finds_something(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "site/7/state", b'{"temp": 19.5}', b"no json", b"\xff\xfe")
        put(sink, "site/7/retained", b"on", flags=RETAIN)
        sent = put(sink, "site/7/set", b"off", flags=OUTGOING | 2)
        sink.packet(PacketRow(1_000_000, 0, 1, 3, sent, 1))
        sink.packet(PacketRow(3_000_000, 0, 0, 4, sent, 1, 0))
    queries = re.findall(r"```sql\n(.*?)```", DOCUMENT, re.DOTALL)
    assert len(queries) == 8
    with closing(sqlite3.connect(path)) as database:
        database.text_factory = lambda text: text.decode("utf-8", "replace")
        results = [database.execute(sql).fetchall() for sql in queries]
    assert all(results)
    assert [row[1] for row in results[2]] == [19.5, None, None]
    assert results[5] == [("site/7/retained", "on")]
    assert results[6] == [(sent, "site/7/set", 0, 2.0)]
    assert results[7] == [("plant", 4, 0)]
