"""A killed writer leaves a file that reads, adds up, and goes on."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from mqttx_tui.capture.reader import CaptureReader
from tests.capture.support import capturing, connect, put, query
from tests.support.wait import until

WRITER = """
import asyncio, sys
from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.writer import CaptureWriter
from mqttx_tui.model.message import Row

async def main() -> None:
    writer = CaptureWriter(sys.argv[1], limits=Limits(messages=3_000), kept=sys.argv[2] == "kept")
    sink = writer.sink(writer.connection(name="a", letter="A", url="mqtt://a", protocol="mqtt"))
    number = 0
    while True:
        topic = sink.topic(f"t/{number % 50}")
        sink.messages([Row(sink.now(), topic, 0, 20, b"%d" % (number + i), None) for i in range(10)])
        number += 10
        await asyncio.sleep(0.001)

asyncio.run(main())
"""


def killed(path: Path, kept: str, enough: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path), kept])
    try:
        until(path.exists, "the file")

        def newest() -> bool:
            try:
                return bool((query(path, "SELECT max(id) FROM message")[0][0] or 0) > enough)
            except Exception:
                return False

        until(newest, "enough messages", 30)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def check(path: Path) -> None:
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
    with closing(CaptureReader(path)) as reader:
        bounds = reader.bounds()
        messages = reader.messages(bounds.floor, bounds.count)
        assert [message.id for message in messages] == list(range(bounds.floor, bounds.last + 1))
        assert all(message.payload == b"%d" % (message.id - 1) for message in messages)
        assert all(message.topic == f"t/{(message.id - 1) // 10 * 10 % 50}" for message in messages)
        each = reader.counters().connections[1]
        assert each.received == each.kept + each.evicted + each.excluded + each.lost == bounds.last
        assert each.kept == bounds.count + bounds.pinned


def test_a_private_capture_survives_kill_9(tmp_path: Path) -> None:
    killed(tmp_path / "c.db", "private", 2_000)
    check(tmp_path / "c.db")


def test_a_kept_capture_survives_kill_9_while_it_evicts(tmp_path: Path) -> None:
    killed(tmp_path / "c.db", "kept", 6_000)
    check(tmp_path / "c.db")


async def test_a_killed_capture_goes_on_with_its_statistics(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    killed(path, "kept", 2_000)
    last = query(path, "SELECT max(id) FROM message")[0][0]
    async with capturing(path, kept=True) as writer:
        ident = writer.connection(name="a", letter="A", url="mqtt://a", protocol="mqtt")
        assert put(writer.sink(ident), "t/0", b"new") == last + 1
        await writer.flushed()
        assert writer.counters().connections[1].received == last + 1
    with closing(CaptureReader(path)) as reader:
        assert sum(row.count for row in reader.topics(0)[1]) == last + 1
        newest = dict(query(path, "SELECT topic, max(id) FROM message GROUP BY topic"))
        assert {row.id: row.last_message for row in reader.topics(0)[1]} == newest


async def test_file_and_log_copied_away_read_the_same(tmp_path: Path) -> None:
    path, copy = tmp_path / "c.db", tmp_path / "elsewhere" / "c.db"
    copy.parent.mkdir()
    async with capturing(path) as writer:
        put(connect(writer), "a", b"x")
        await writer.flushed()
        shutil.copy(path, copy)
        shutil.copy(f"{path}-wal", f"{copy}-wal")
    with closing(CaptureReader(copy)) as reader:
        assert [m.payload for m in reader.messages(1, 9)] == [b"x"]
