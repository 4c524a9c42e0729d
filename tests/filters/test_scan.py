"""Scans over real captures: order, progress, narrowing, what comes later, eviction, cancelling."""

from __future__ import annotations

import asyncio
import threading
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters.results import Results
from mqttx_tui.capture.filters.scan import Scan
from mqttx_tui.capture.filters.topicsets import Subtree, topic_pattern
from mqttx_tui.capture.limits import Limits
from mqttx_tui.model.message import OUTGOING, PacketRow, Row
from mqttx_tui.model.topics import filter_matches
from mqttx_tui.wire.properties import decode_properties, encode_properties
from tests.capture.support import capturing, connect, put
from tests.support.wait import eventually


@contextmanager
def scanning(path: Path, text: str, within: Subtree | None = None, *, follow: bool = True) -> Iterator[Scan]:
    """A scan that is ended with the block."""
    scan = Scan(path, parse(text), within=within, decode_properties=decode_properties, follow=follow)
    try:
        yield scan
    finally:
        scan.cancel(wait=True)


def found(path: Path, text: str, within: Subtree | None = None) -> list[int]:
    """Everything that a scan to the end finds."""
    with scanning(path, text, within, follow=False) as scan:
        assert scan.wait(20)
        assert scan.progress().error == ""
        return list(scan.ids())


async def test_a_scan_finds_everything_in_order_and_counts(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        for number in range(30):
            put(sink, f"site/{number % 3}/temp", *(b'{"value":%d}' % value for value in range(100)))
        await writer.flushed()
        with scanning(path, ".value >= 50 site/1/+") as scan:
            await eventually(lambda: scan.progress().done)
            ids = list(scan.ids())
            progress = scan.progress()
    assert ids == sorted(ids)
    assert len(ids) == 500
    assert (progress.scanned, progress.matched, progress.total) == (3000, 500, 3000)


async def test_narrowing_to_a_subtree_and_a_connection(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        first, second = connect(writer, "one"), connect(writer, "two")
        temp = put(first, "site/7/temp", b"1")
        exact = put(first, "site/7", b"2")
        put(first, "site/70/temp", b"3")
        other = put(second, "site/7/temp", b"1")
        await writer.flushed()
        connections = {"one": 1, "two": 2}
    assert found(path, "", Subtree(None, "site/7")) == [temp, exact, other]
    assert found(path, "", Subtree(connections["one"], "site/7")) == [temp, exact]
    assert found(path, "", Subtree(None, "site/7", exact=True)) == [exact]
    assert found(path, "", Subtree(connections["two"])) == [other]
    assert found(path, ". == 1", Subtree(connections["one"], "site/7")) == [temp]


async def test_messages_and_topics_that_come_later_are_found(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        old = put(sink, "a/temp", b"hit", b"miss")
        await writer.flushed()
        with scanning(path, "+/temp hit") as scan:
            await eventually(lambda: scan.progress().done)
            assert list(scan.ids()) == [old]
            before = scan.revision
            new = put(sink, "b/temp", b"miss", b"hit")
            await writer.flushed()
            scan.poke()
            await eventually(lambda: list(scan.ids()) == [old, new + 1])
            assert scan.revision > before


async def test_a_refusal_that_comes_after_its_message_is_found(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        sent = put(sink, "a", b"1", b"2", flags=OUTGOING | 2)
        await writer.flushed()
        with scanning(path, "sent and reason >= 0x80") as scan, scanning(path, "sent not error") as fine:
            await eventually(lambda: scan.progress().done and fine.progress().done)
            assert list(scan.ids()) == []
            assert list(fine.ids()) == [sent, sent + 1]
            sink.packet(PacketRow(sink.now(), 1, 0, 4, message=sent, packet_id=7, reason=0x87))
            await writer.flushed()
            await eventually(lambda: list(scan.ids()) == [sent])
            await eventually(lambda: list(fine.ids()) == [sent + 1])


async def test_properties_are_decoded_by_the_function_that_is_passed_in(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        topic = sink.topic("a")
        assert topic is not None
        properties = encode_properties({"user": (("k", "v"),)})
        first = sink.messages(
            [Row(sink.now(), topic, 0, 9, b"", properties), Row(sink.now(), topic, 0, 9, b"", None)]
        )
        await writer.flushed()
    assert found(path, "user.k == v") == [first]
    assert found(path, "not user.k") == [first + 1]


async def test_evicted_messages_leave_the_result(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path, Limits(messages=6_000, bytes=10**9, topics=100)) as writer:
        sink = connect(writer)
        put(sink, "a", *([b"x"] * 6_000))
        await writer.flushed()
        with scanning(path, "x") as scan:
            await eventually(lambda: scan.progress().done)
            assert len(scan.ids()) == 6_000
            snapshot = scan.ids()
            for _ in range(20):
                last = put(sink, "a", *([b"x"] * 500)) + 499
                await writer.flushed()
            scan.poke()
            await eventually(lambda: last in scan.ids()[-1:] and scan.ids()[0] > 6_000)
            assert scan.progress().total <= 6_000 + 1
            assert list(snapshot) == list(range(1, 6_001)), "what a paused view holds does not change"


async def test_the_newest_matches_come_first(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        for _ in range(20):
            put(sink, "a", *([b'{"v":[1,2,3]}'] * 5_000))
        await writer.flushed()
        with scanning(path, ".v[*] == 3") as scan:
            partial = await eventually(lambda: not scan.progress().done and scan.ids())
            assert isinstance(partial, array)
            assert partial[-1] == 100_000
            assert len(partial) < 100_000
            await eventually(lambda: scan.progress().done, timeout=60)
            assert len(scan.ids()) == 100_000


async def test_cancelling_ends_the_thread_within_a_slice(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "a", *([b'{"v":[1,2,3]}'] * 50_000))
        await writer.flushed()
        scan = Scan(path, parse(".v[*] == 3"))
        await eventually(lambda: scan.progress().scanned)
        await asyncio.to_thread(scan.cancel, wait=True)
        progress = scan.progress()
        assert not any(thread.name == "filter-scan" for thread in threading.enumerate())
        assert progress.scanned < 50_000
        assert progress.error == ""


def test_a_capture_that_is_not_there_is_told(tmp_path: Path) -> None:
    with scanning(tmp_path / "none.db", "a") as scan:
        assert scan.wait(10)
        assert "no such file" in scan.progress().error


@given(
    st.lists(st.sampled_from(["+", "a", "b", "", "$SYS", "ä.*"]), min_size=1, max_size=4),
    st.booleans(),
    st.lists(st.sampled_from(["a", "b", "", "$SYS", "ä.*", "x\ny"]), min_size=1, max_size=4),
)
def test_topic_patterns_say_what_topic_filters_say(levels: list[str], rest: bool, topic: list[str]) -> None:
    import re

    wanted = "/".join([*levels, "#"] if rest else levels)
    name = "/".join(topic)
    assert (re.match(topic_pattern(wanted), name) is not None) == filter_matches(wanted, name)


@pytest.mark.parametrize("present", [True, False])
def test_results_are_corrected_in_either_half(present: bool) -> None:
    results = Results()
    results.add_old(array("q", [7, 9]))
    results.add_old(array("q", [3, 5]))
    results.add_new(array("q", [11, 13]))
    for ident in (4, 5, 9, 10, 11, 12, 14):
        results.correct(ident, present)
    expected = [3, 4, 5, 7, 9, 10, 11, 12, 13, 14] if present else [3, 7, 13]
    assert list(results.ids()) == expected
    results.add_old(array("q", [1]))
    results.add_new(array("q", [15]))
    assert list(results.ids()) == [1, *expected, 15]


def test_evicted_ids_are_forgotten_in_both_halves_once_they_are_many() -> None:
    results = Results()
    results.add_old(array("q", range(1, 6_001)))
    results.add_new(array("q", range(6_001, 12_001)))
    results.trim(1_000)
    assert len(results.ids()) == 12_000
    results.trim(8_001)
    assert list(results.ids()) == list(range(8_001, 12_001))
    assert results.count == 4_000
