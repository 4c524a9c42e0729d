"""Every benchmark, with tiny numbers and all of its parts: it ends well, yields rows, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.blast import Blaster
from benchmarks.capturing import Blast, recording, subscribed
from benchmarks.frames import FrameServer
from benchmarks.rows import Row
from benchmarks.session_rate import lost
from benchmarks.table import BENCHMARKS
from mqttx_tui.model.state import EngineCounters
from tests.support.mosquitto import Mosquitto
from tests.support.wait import FACTOR, until

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(300 * FACTOR)
SECONDS = 240.0
WITHOUT_BUDGET = {"growth"}
"""What only shows how costs grow."""


def bench(tmp_path: Path, *arguments: str) -> tuple[int, dict[str, object], str]:
    """The exit code of ``./dev bench``, its JSON, and what it printed."""
    found = tmp_path / "rows.json"
    command = [sys.executable, "-m", "benchmarks.run", *arguments, "--quick", "--json", str(found)]
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS * FACTOR,
    )
    return done.returncode, json.loads(found.read_text()), done.stdout


@pytest.mark.mosquitto
@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_works(need_mosquitto: None, tmp_path: Path, name: str) -> None:
    code, report, printed = bench(tmp_path, name)
    assert (code, report["failed"]) == (0, []), printed
    rows = report["rows"]
    assert isinstance(rows, list)
    assert rows, printed
    assert {row["benchmark"] for row in rows} == {name}
    figures = [row["figure"] for row in rows]
    assert len(set(figures)) == len(figures)
    assert name in WITHOUT_BUDGET or any(row["met"] is not None for row in rows)
    lost_rows = {row["figure"]: row["value"] for row in rows if row["unit"] == "lost"}
    assert not any(lost_rows.values()), printed
    for figure in figures:
        assert figure in printed


def test_a_benchmark_that_is_unknown_is_answered_with_their_names() -> None:
    command = [sys.executable, "-m", "benchmarks.run", "captur"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS * FACTOR)
    assert done.returncode == 2
    assert all(name in done.stderr for name in BENCHMARKS)


def test_a_budget_is_met_at_its_bound_and_missed_beyond() -> None:
    def met(value: float, **bounds: float) -> bool | None:
        return Row(benchmark="b", figure="f", value=value, unit="x", **bounds).met  # type: ignore[arg-type]

    assert met(0.8, least=0.8)
    assert met(0.79, least=0.8) is False
    assert met(2.0, most=2.0)
    assert met(2.01, most=2.0) is False
    assert met(2.01) is None


def test_what_did_not_come_into_the_file_is_lost_and_what_was_evicted_is_not() -> None:
    run = Blast(sent=100, rate=1.0, cpu=1.0, counters=EngineCounters({}, kept=60, evicted=30))
    row = lost("b", [run, run])
    assert (row.value, row.met) == (20, False)


@pytest.mark.mosquitto
def test_a_recording_is_counted_to_its_last_message(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path
) -> None:
    broker = start_mosquitto(options=["allow_anonymous true", "max_queued_messages 0"])
    blaster = Blaster(broker.port, 3000, topics=7)
    url = f"mqtt://127.0.0.1:{broker.port}"
    with recording(tmp_path, url, subscribed(broker), "-t", "blast/#") as capture:
        run = capture.measure(blaster.fire, 3000)
        blaster.wait()
        assert (run.missing, run.counters.kept, run.counters.topics) == (0, 3000, 7)
    assert 0 < blaster.began < blaster.written
    assert not list(tmp_path.glob("recorded.db*"))


def test_frames_come_whole_numbered_and_only_when_they_are_asked_for(tmp_path: Path) -> None:
    server = FrameServer(2500)
    try:
        for _ in range(2):  # one client after the other
            with recording(tmp_path, server.url, server.connected) as capture:
                assert not capture.counters().received
                assert capture.measure(server.fire, 2500).missing == 0
    finally:
        server.close()
    until(lambda: server.process.poll() is not None, "the server ended")
