"""Filters with patterns look through the capture in a process of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters import remote as module
from mqttx_tui.capture.filters.nodes import has_pattern
from mqttx_tui.capture.filters.remote import RemoteScan
from mqttx_tui.capture.filters.spare import Spare
from mqttx_tui.capture.filters.topicsets import Subtree
from mqttx_tui.capture.limits import Limits
from mqttx_tui.ui.filter_process import COMMAND
from tests.capture.support import capturing, connect, put
from tests.support.wait import eventually

FOREVER = 'payload ~ "(a|aa)+$"'
"""Takes exponential time over a row of a that ends in something else."""
TRAP = b"a" * 200 + b"!"


@contextmanager
def scanning(path: Path, text: str, within: Subtree | None = None) -> Iterator[RemoteScan]:
    scan = RemoteScan(Spare(COMMAND).take, path, parse(text), within=within)
    try:
        yield scan
    finally:
        scan.cancel(wait=True)


@pytest.mark.parametrize(
    ("text", "has"),
    [("payload ~ x", True), ("a/# (x or not .v !~ y)", True), ("topic == a", False), ("contains", False)],
)
def test_which_filters_have_a_pattern(text: str, has: bool) -> None:
    try:
        node = parse(text).node
    except Exception:
        node = parse(f'"{text}"').node
    assert has_pattern(node) is has


async def test_what_is_there_what_comes_and_what_is_evicted(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path, limits=Limits(messages=20_000, bytes=100_000_000)) as writer:
        sink = connect(writer)
        put(sink, "site/1/temp", *(b"number %d" % number for number in range(10_000)))
        put(sink, "other", b"number 77")
        await writer.flushed()
        with scanning(path, 'payload ~ "77$"', Subtree(None, "site")) as scan:
            await eventually(lambda: scan.progress().done)
            wanted = [number + 1 for number in range(10_000) if str(number).endswith("77")]
            assert list(scan.ids()) == wanted
            progress = scan.progress()
            assert (progress.scanned, progress.total, progress.matched) == (10_001, 10_001, 100)
            put(sink, "site/1/temp", b"fresh 77")
            await writer.flushed()
            await eventually(lambda: list(scan.ids()) == [*wanted, 10_002])
            for part in range(1, 5):
                put(sink, "site/1/temp", *(b"77" for _ in range(10_000)))
                await writer.flushed()
                await eventually(lambda last=10_002 + part * 10_000: scan.ids()[-1] == last)
            await eventually(lambda: scan.ids()[0] > 10_002 and scan.ids()[-1] == 50_002)


async def test_a_pattern_without_end_is_given_up_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.7)
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "t", TRAP, *(b"aaa" for _ in range(700)))
        await writer.flushed()
        with scanning(path, FOREVER) as scan:
            await eventually(lambda: "takes too long" in scan.progress().error)
            scan.cancel(wait=True)
            assert scan._process is not None
            assert scan._process.returncode is not None, "the process is gone"


async def test_a_process_that_cannot_work_says_so(tmp_path: Path) -> None:
    scan = RemoteScan(Spare((sys.executable, "-c", "pass")).take, tmp_path / "none.db", parse("payload ~ x"))
    await eventually(lambda: scan.progress().error)
    assert "process ended" in scan.progress().error
    with scanning(tmp_path / "none.db", "payload ~ x") as missing:
        await eventually(lambda: missing.progress().error)
        assert "none.db" in missing.progress().error


def test_it_loads_nothing_of_the_screen() -> None:
    code = (
        "import sys; import mqttx_tui.ui.filter_process; import mqttx_tui.capture.filters.remote; "
        "import mqttx_tui.wire.properties; print('textual' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.skipif(not hasattr(signal, "alarm"), reason="there is no alarm")
def test_a_process_that_nobody_can_end_ends_by_itself() -> None:
    code = (
        "import re; from mqttx_tui.capture.filters.remote import end_alone_after; end_alone_after(1); "
        "re.search('(a|aa)+$', 'a' * 200 + '!')"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=30).returncode == -signal.SIGALRM


async def test_a_process_that_is_asked_to_end_tidies_up(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        put(connect(writer), "t", b"77")
        await writer.flushed()
        with scanning(path, "payload ~ 77") as scan:
            await eventually(lambda: scan.progress().done)
            scan.cancel(wait=True)
            assert scan._process is not None
            assert scan._process.returncode == 0
