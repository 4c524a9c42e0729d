"""What neither a terminal that stops reading nor a flood may cost: a message, or a usable screen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.blast import Blaster
from mqttx_tui.model.state import EngineCounters
from tests.endurance.running import RunningApp, running_app
from tests.support.mosquitto import Mosquitto
from tests.support.wait import FACTOR, until

STALL_SECONDS = 30
RATE = 5_000
FLOOD = 300_000
NEWEST = "the newest message of all"
ONE_READ = 65_536
"""What the pty's reader may still take after it was told to stall."""
FRAME_BYTES = 23_000
"""A frame of a whole pane at 120x40."""
SETTLED_SECONDS = 12
IDLE_SECONDS = 20
IDLE_BYTES = 100
"""Bytes a second."""

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]


@pytest.fixture
def stalled(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[RunningApp]:
    with running_app(tmp_path, mosquitto.port, "-t", "stall/#") as app:
        yield app


@pytest.fixture
def flooded(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[RunningApp]:
    with running_app(tmp_path, mosquitto.port, "-t", "flood/#") as app:
        yield app


def passed(seconds: float) -> None:
    """Let time pass: what is measured is what happens in it."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() >= end, "time passes", seconds + 10)


def nothing_missing(counters: EngineCounters, payloads: list[bytes], count: int) -> None:
    assert (counters.received, counters.kept, counters.evicted, counters.lost) == (count, count, 0, 0)
    for connection in counters.connections.values():
        assert (connection.excluded, connection.cut_off, connection.too_large) == (0, 0, 0)
    wrong = [number for number, payload in enumerate(payloads) if payload != b"%08d" % number]
    assert len(payloads) == count
    assert not wrong, f"{len(wrong)} of {count} payloads out of place, the first at {wrong[0]}"


@pytest.mark.timeout(300 * FACTOR)
def test_a_terminal_that_stops_reading_costs_no_message(stalled: RunningApp, mosquitto: Mosquitto) -> None:
    count = RATE * STALL_SECONDS
    blaster = Blaster(mosquitto.port, count, topics=500, rate=RATE, prefix="stall")
    stalled.terminal.stall()
    before = len(stalled.terminal.output)
    blaster.fire()
    blaster.wait()
    assert len(stalled.terminal.output) - before <= ONE_READ
    nothing_missing(stalled.captured(count, 30), stalled.payloads(), count)

    stalled.publish("stall/newest", NEWEST.encode())
    stalled.captured(count + 1, 10)
    mark = len(stalled.terminal.output)
    stalled.terminal.drain()
    began = time.monotonic()
    stalled.shows(NEWEST, mark, timeout=2)
    current = time.monotonic() - began
    stalled.quiet(0.5)
    late = len(stalled.terminal.output) - mark
    print(f"current after {current * 1000:.0f} ms, {late:,} bytes after the stall")
    assert late < 6 * FRAME_BYTES, "frames of the stall were painted after it"

    since = stalled.press("?")
    stalled.shows("follow the newest", since)


@pytest.mark.timeout(300 * FACTOR)
def test_a_flood_loses_nothing_with_the_app_open(flooded: RunningApp, mosquitto: Mosquitto) -> None:
    blaster = Blaster(mosquitto.port, FLOOD, prefix="flood")
    began = blaster.fire()
    counters = flooded.captured(FLOOD, 120)
    seconds = (time.monotonic_ns() - began) / 1e9
    blaster.wait()
    print(f"{FLOOD / seconds:,.0f} messages a second with the app open")
    nothing_missing(counters, flooded.payloads(), FLOOD)


@pytest.mark.timeout(120 * FACTOR)
def test_an_idle_screen_sends_almost_nothing(stalled: RunningApp) -> None:
    for number in range(12):
        stalled.publish(f"stall/{number}", b"a value that grows old")
    stalled.captured(12, 10)
    passed(SETTLED_SECONDS)
    before, cpu = len(stalled.terminal.output), stalled.cpu_seconds()
    passed(IDLE_SECONDS)
    written = len(stalled.terminal.output) - before
    share = [(now - then) / IDLE_SECONDS for then, now in zip(cpu, stalled.cpu_seconds(), strict=True)]
    print(f"idle: {written / IDLE_SECONDS:.0f} B/s, of a core {share[0]:.2%} and {share[1]:.2%}")
    assert written < IDLE_BYTES * IDLE_SECONDS
