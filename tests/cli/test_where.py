"""``--where`` says the same as the app's filter about the same messages."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters.scan import Scan
from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.schema import create
from mqttx_tui.capture.writer import CaptureWriter
from mqttx_tui.cli import patience
from mqttx_tui.cli import selection as selecting
from mqttx_tui.cli.gate import Topics
from mqttx_tui.cli.selection import Pace, selection
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import RETAIN, Row
from mqttx_tui.wire.properties import decode_properties, encode_properties
from tests.cli.commands import run
from tests.support.wait import until

NOON = 1_795_262_400_000_000_000
SECOND = 1_000_000_000
TRAFFIC: list[tuple[str, bytes, int, bytes | None]] = [
    ("site/7/temp", b'{"value": 19, "unit": "C"}', RETAIN, None),
    ("site/7/temp", b'{"value": 21}', 0, None),
    ("site/7/temp", b'{"value": 21}', 2, None),
    ("site/8/temp", b'{"value": "offline"}', 0, None),
    ("site/8/temp", b'{"value": [{"v": 1}, {"v": 30}]}', 0, None),
    ("home/a/temp", b"21.4", 0, None),
    ("home/a/state", b"ON", RETAIN, None),
    ("home/a/state", b"", 0, None),
    ("home/a/raw", b"\xff\x01\x03", 0, None),
    ("door/1", "Ärger".encode(), 0, encode_properties({"user": (("k", "a"),), "content_type": "text/x"})),
]
SAME = [
    "site/+/temp .value > 20",
    ". > 20",
    "not .value",
    ".value != 21",
    ".value[*].v > 20",
    "changed",
    "not changed retained",
    "qos == 1",
    "size > 10B or empty",
    "binary",
    'payload contains x"01 03"',
    "ärger",
    "topic == site/7/temp",
    "topic ~ ^home",
    "user.k == a",
    "prop.content_type ~ text",
    "conn == A",
    "conn == lab",
    "received dir == in",
    "sent",
    "json",
    f"at >= {'2026-11-21T12:00:03Z'}",
    "wire > 40",
    "kind == mqtt",
    "sub == site/#",
]


def rows(topics: Topics) -> list[Row]:
    """The traffic, a second apart, as a session hands it on."""
    numbers: dict[str, int] = {}
    found = []
    for index, (topic, payload, flags, properties) in enumerate(TRAFFIC):
        number = numbers.setdefault(topic, len(numbers) + 1)
        topics.add(number, topic, 1)
        size = len(payload) + len(topic) + 4
        found.append(Row(NOON + index * SECOND, number, flags, size, payload, properties))
    return found


@pytest.mark.parametrize("text", SAME)
async def test_the_same_messages_as_in_the_app(text: str, tmp_path: Path) -> None:
    topics = Topics()
    select = selection(text, no_retained=False, topics=topics, label="lab", letter="A")
    assert select is not None
    traffic = rows(topics)
    headless = [traffic.index(row) + 1 for row in select(traffic)]
    writer = CaptureWriter(tmp_path / "capture.db", limits=Limits(), kept=False)
    try:
        connection = writer.connection(name="lab", letter="A", url="mqtt://lab", protocol="mqtt")
        sink = writer.sink(connection)
        known = {row.topic: sink.topic(topics.names[row.topic]) or 0 for row in traffic}
        sink.messages([row._replace(topic=known[row.topic]) for row in traffic])
        await writer.flushed()
        scan = Scan(tmp_path / "capture.db", parse(text), decode_properties=decode_properties, follow=False)
        until(lambda: scan.wait(0.05), "the scan")
        assert list(scan.ids()) == headless
        assert not scan.progress().error
    finally:
        await writer.close(delete=True)


def test_count_and_rate_are_those_of_the_topic_so_far() -> None:
    topics = Topics()
    topics.add(1, "a", 1)
    topics.add(2, "b", 1)
    busy = [Row(NOON + n * SECOND // 10, 1, 0, 5, b"%d" % n, None) for n in range(100)]
    calm = [Row(NOON + n * 2 * SECOND, 2, 0, 5, b"%d" % n, None) for n in range(6)]
    traffic = sorted([*busy, *calm])

    def found(text: str) -> list[tuple[int, bytes]]:
        select = selection(text, no_retained=False, topics=topics)
        assert select is not None
        return [(row.topic, row.payload) for row in select(traffic)]

    assert found("count > 98") == [(1, b"98"), (1, b"99")]
    assert found("count == 2") == [(1, b"1"), (2, b"1")]
    assert {topic for topic, _ in found("rate > 5/s")} == {1}
    assert (2, b"5") in found("rate < 1/s")


def test_a_steady_rate_is_measured() -> None:
    pace = Pace(NOON)
    for number in range(200):
        pace.take(NOON + number * SECOND // 10)
    assert pace.rate == pytest.approx(10, rel=0.05)
    assert pace.count == 200


@pytest.mark.parametrize("text", ["reason >= 0x80", "a/# and not error", "(packet == puback or x)"])
@pytest.mark.parametrize("command", [("sub",), ("record", "--capture", "never.db")])
def test_what_sent_messages_were_answered_is_refused(text: str, command: tuple[str, ...]) -> None:
    done = run(*command, "mqtt://127.0.0.1:1", "-t", "a", "--where", text)
    assert done.returncode == 2
    assert b"asks what a sent message was answered" in done.stderr
    assert not Path("never.db").exists()
    with pytest.raises(InputError, match="received messages"):
        selection(text, no_retained=False, topics=Topics())


def test_open_refuses_a_filter_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    with contextlib.closing(sqlite3.connect(path)) as database:
        create(database)
    done = run("open", str(path), "--where", "temp > 20")
    assert done.returncode == 2
    assert b"column 1: temp is not a field; did you mean .temp" in done.stderr


def test_a_pattern_without_end_leaves_the_message_out_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.2)
    topics = Topics()
    topics.add(1, "t", 1)
    select = selection('payload ~ "(a|aa)+$"', no_retained=False, topics=topics)
    assert select is not None
    trap = Row(NOON, 1, 0, 5, b"a" * 200 + b"!", None)
    fine = Row(NOON, 1, 0, 5, b"aaa", None)
    assert select([trap, fine, trap]) == [fine]
    assert capsys.readouterr().err.count("took the pattern too long") == 1


def test_more_topics_than_are_remembered_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(selecting, "_REMEMBERED", 2)
    topics = Topics()
    select = selection("changed", no_retained=False, topics=topics, label="lab", letter="A")
    assert select is not None
    select([Row(NOON, number % 5 + 1, 0, 9, b"%d" % number, None) for number in range(20)])
    assert capsys.readouterr().err.count("more than 2 topics: changed, count and rate begin anew") == 1
