"""``record`` in real processes."""

from __future__ import annotations

import asyncio
import re
import signal
import sqlite3
import sys
import uuid
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from mqttx_tui.capture.reader import CaptureReader
from tests.cli.commands import mosquitto_pub, run, started, url
from tests.support.mosquitto import Mosquitto


def rows(path: Path) -> list[tuple[str, bytes]]:
    """Topic and payload of every message in a capture."""
    database = sqlite3.connect(path)
    found = database.execute(
        "SELECT topic.name, payload FROM message JOIN topic ON topic.id = message.topic ORDER BY message.id"
    ).fetchall()
    database.close()
    return found


def test_exactly_count_messages(mosquitto: Mosquitto, tmp_path: Path) -> None:
    topic, path = f"rec/{uuid.uuid4().hex}", tmp_path / "capture.db"
    with started(
        "record", url(mosquitto), "-t", f"{topic}/#", "--capture", str(path), "--count", "500"
    ) as own:
        own.says("subscribed")
        mosquitto_pub(mosquitto, "-t", f"{topic}/a", "-l", data=b"\n".join(b"%d" % n for n in range(700)))
        assert own.end() == 0
        assert b"recorded 500 messages" in own.err
    assert rows(path) == [(f"{topic}/a", b"%d" % number) for number in range(500)]
    assert path.stat().st_mode & 0o777 == 0o600
    assert not path.with_name("capture.db-wal").exists()


def test_a_file_is_added_to(mosquitto: Mosquitto, tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    for number in range(2):
        topic = f"rec/{uuid.uuid4().hex}"
        with started("record", url(mosquitto), "-t", topic, "--capture", str(path), "-C", "1") as own:
            own.says("subscribed")
            mosquitto_pub(mosquitto, "-t", topic, "-m", str(number))
            assert own.end() == 0
    assert [payload for _, payload in rows(path)] == [b"0", b"1"]


def test_what_is_left_out_moves_no_acknowledgement_to_another_message(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    topic, path = f"rec/{uuid.uuid4().hex}", tmp_path / "capture.db"
    options = ["-t", topic, "-q", "1", "--where", "changed and conn == A", "--capture", str(path), "-C", "2"]
    with started("record", url(mosquitto), *options) as own:
        own.says("subscribed")
        lines = b"\n".join([b"first", b"first", b"second", b"second", b"third"])
        mosquitto_pub(mosquitto, "-t", topic, "-q", "1", "-l", data=lines)
        assert own.end() == 0
    assert rows(path) == [(topic, b"second"), (topic, b"third")]
    database = sqlite3.connect(path)
    named = database.execute("SELECT message FROM packet WHERE type = 4 AND direction = 1").fetchall()
    database.close()
    assert named
    assert set(named) == {(None,)}


def test_only_what_matches(mosquitto: Mosquitto, tmp_path: Path) -> None:
    topic, path = f"rec/{uuid.uuid4().hex}", tmp_path / "capture.db"
    options = ["-t", topic, "--where", ".v > 20", "--capture", str(path), "-C", "2"]
    with started("record", url(mosquitto), *options) as own:
        own.says("subscribed")
        for value in (10, 30, 15, 40):
            mosquitto_pub(mosquitto, "-t", topic, "-m", f'{{"v":{value}}}')
        assert own.end() == 0
    assert [payload for _, payload in rows(path)] == [b'{"v":30}', b'{"v":40}']


def test_interrupt_keeps_what_was_recorded(mosquitto: Mosquitto, tmp_path: Path) -> None:
    topic, path = f"rec/{uuid.uuid4().hex}", tmp_path / "capture.db"
    with (
        started("sub", url(mosquitto), "-t", topic, "-C", "1") as other,
        started("record", url(mosquitto), "-t", topic, "--capture", str(path)) as own,
    ):
        own.says("subscribed")
        other.says("subscribed")
        mosquitto_pub(mosquitto, "-t", topic, "-m", "kept", "-q", "1")
        assert other.end() == 0
        own.process.send_signal(signal.SIGINT)
        assert own.end() == 130
    assert rows(path) == [(topic, b"kept")]


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--count", "1"], 1)])
def test_time(mosquitto: Mosquitto, tmp_path: Path, options: list[str], code: int) -> None:
    path = str(tmp_path / "capture.db")
    done = run("record", url(mosquitto), "-t", "silence", "--capture", path, "-W", "0.2", *options)
    assert done.returncode == code


async def test_mqtt_and_a_raw_web_socket_in_one_file(mosquitto: Mosquitto, tmp_path: Path) -> None:
    async def greet(connection: ServerConnection) -> None:
        await connection.send("frame")
        await connection.wait_closed()

    topic, path = f"rec/{uuid.uuid4().hex}", tmp_path / "capture.db"
    mosquitto_pub(mosquitto, "-t", topic, "-m", "message", "-r")
    config = tmp_path / "connections.toml"
    async with serve(greet, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        config.write_text(
            f'schema = 1\n[connections.lab]\nurl = "{url(mosquitto)}"\nsubscriptions = ["{topic}"]\n'
            f'[connections.chat]\nurl = "ws://127.0.0.1:{port}/"\nprotocol = "websocket"\n'
        )
        arguments = ["record", "lab", "chat", "--config", str(config), "--capture", str(path), "--count", "2"]
        done = await asyncio.to_thread(run, *arguments)
    assert done.returncode == 0, done.stderr
    assert sorted(rows(path)) == [("", b"frame"), (topic, b"message")]
    database = sqlite3.connect(path)
    assert database.execute("SELECT name, letter FROM connection").fetchall() == [("lab", "A"), ("chat", "B")]
    database.close()
    mosquitto_pub(mosquitto, "-t", topic, "-n", "-r")


def test_a_file_system_without_shared_memory_gets_a_copy_at_the_end(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    topic, path = f"rec/{uuid.uuid4().hex}", tmp_path / "capture.db"
    code = (
        "import mqttx_tui.capture.place as place; place.file_system = lambda path: 'nfs4'; "
        "from mqttx_tui.cli.main import main; raise SystemExit(main())"
    )
    arguments = ["record", url(mosquitto), "-t", topic, "--capture", str(path), "-C", "1"]
    with started(*arguments, program=[sys.executable, "-c", code]) as own:
        own.says("is on nfs4: captured in memory, saved there at the end")
        own.says("subscribed")
        assert not path.exists()
        mosquitto_pub(mosquitto, "-t", topic, "-m", "copied")
        assert own.end() == 0
    assert rows(path) == [(topic, b"copied")]


def test_the_same_target_twice(tmp_path: Path) -> None:
    done = run("record", "mqtt://lab", "mqtt://lab", "-t", "#", "--capture", str(tmp_path / "capture.db"))
    assert done.returncode == 2
    assert b"named twice" in done.stderr
    assert not (tmp_path / "capture.db").exists()


def test_bad_places(mosquitto: Mosquitto, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no capture at all " * 100)
    for path in (tmp_path / "text", tmp_path / "missing" / "capture.db"):
        done = run("record", url(mosquitto), "-t", "a", "--capture", str(path), "-W", "1")
        assert done.returncode == 2
        assert str(path) in done.stderr.decode() or str(path.parent) in done.stderr.decode()
        assert b"Traceback" not in done.stderr
    assert (tmp_path / "text").read_text().startswith("no capture")


def test_a_full_disk_is_said_while_it_is_full_and_in_all(
    start_mosquitto: Callable[..., Mosquitto], small_disk: Path
) -> None:
    """24 MB hold only the newest of 40 MB: nothing is lost, and what was deleted is said."""
    broker = start_mosquitto(options=["allow_anonymous true", "max_queued_messages 0"])
    topic, path, count = f"rec/{uuid.uuid4().hex}", small_disk / "capture.db", 40_000
    with started(
        "record", url(broker), "-t", topic, "-q", "1", "--capture", str(path), "-C", str(count)
    ) as own:
        own.says("subscribed")
        lines = b"\n".join(b"%06d %s" % (number, b"x" * 1000) for number in range(count))
        mosquitto_pub(broker, "-t", topic, "-q", "1", "-l", data=lines)
        own.says("the disk is full: the oldest messages make room for new ones")
        assert own.end(60) == 0
    deleted = re.search(rb"(\d+) messages were deleted again", own.err)
    assert deleted
    assert b"could not be written" not in own.err
    stored = rows(path)
    assert len(stored) == count - int(deleted[1])
    assert stored[-1] == (topic, lines.splitlines()[-1])


def test_excluded_messages_are_counted_in_the_file_and_at_the_end(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    topic, path, config = f"rec/{uuid.uuid4().hex}", tmp_path / "capture.db", tmp_path / "connections.toml"
    config.write_text(
        f'[connections.lab]\nurl = "{url(mosquitto)}"\n'
        f'subscriptions = ["{topic}/#"]\nexclude = ["{topic}/noisy/#"]\n'
    )
    with started("--config", str(config), "record", "lab", "--capture", str(path), "-C", "2") as own:
        own.says("subscribed")
        for name in ("a", "noisy/1", "noisy/2/x", "b"):
            mosquitto_pub(mosquitto, "-t", f"{topic}/{name}", "-m", name)
        assert own.end() == 0
    assert b"2 messages were left out, as asked" in own.err
    assert [payload for _, payload in rows(path)] == [b"a", b"b"]
    with closing(CaptureReader(path)) as reader:
        (each,) = reader.counters().connections.values()
    assert (each.received, each.kept, each.evicted, each.excluded, each.lost) == (4, 2, 0, 2, 0)
