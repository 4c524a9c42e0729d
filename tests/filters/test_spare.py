"""A process waits for the first pattern while a filter is typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters.remote import RemoteScan
from mqttx_tui.capture.filters.spare import Spare
from mqttx_tui.ui.filter_process import COMMAND
from tests.capture.support import capturing, connect, put
from tests.support.wait import eventually
from tests.ui.bench_app import bench

ECHO = (sys.executable, "-c", "import sys; sys.stdin.readline()")


def waiting(spare: Spare) -> subprocess.Popen[bytes]:
    process = spare._process
    assert process is not None
    return process


async def test_one_waits_while_it_is_kept_and_the_next_follows() -> None:
    spare = Spare(ECHO)
    spare.keep()
    await eventually(lambda: spare._process is not None, "one waits")
    first = waiting(spare)
    assert spare.take() is first
    await eventually(lambda: spare._process is not None, "the next one waits")
    second = waiting(spare)
    spare.drop()
    await eventually(lambda: second.poll() is not None, "it is ended")
    assert spare._process is None
    assert first.poll() is None, "the one that was taken goes on"
    first.communicate(b"\n")
    third = spare.take()
    third.communicate(b"\n")
    assert spare._process is None, "none is started any more"


async def test_one_that_died_is_not_handed_out() -> None:
    spare = Spare(ECHO)
    spare.keep()
    await eventually(lambda: spare._process is not None, "one waits")
    dead = waiting(spare)
    dead.kill()
    dead.communicate()
    taken = spare.take()
    assert taken is not dead
    taken.communicate(b"\n")
    assert taken.returncode == 0
    spare.drop()


async def test_the_process_that_waited_finds_what_a_new_one_finds(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        put(connect(writer), "t", *(b"number %d" % number for number in range(100)))
        await writer.flushed()
        spare = Spare(COMMAND)
        spare.keep()
        await eventually(lambda: spare._process is not None, "one waits")
        process = waiting(spare)
        scan = RemoteScan(spare.take, path, parse('payload ~ "7$"'))
        spare.drop()
        try:
            await eventually(lambda: scan.progress().done)
            assert scan._process is process
            assert list(scan.ids()) == [number + 1 for number in range(100) if number % 10 == 7]
        finally:
            scan.cancel(wait=True)


async def test_it_waits_only_while_the_filter_line_is_open(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", b"on"), ("t", b"off")])
        await app.press("3", "/")
        spare = app.app.main_screen.messages.finding._waits
        assert spare is not None
        await app.until(lambda: spare._process is not None, "one waits")
        process = waiting(spare)
        await app.press("escape")
        await app.until(lambda: process.poll() is not None, "it is ended")
