"""The pace of painting, on a clock that is set by hand: budget, keys, and a line that takes bytes slowly."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from mqttx_tui.ui.link import LEAST_BUFFER, Link
from mqttx_tui.ui.pace import BYTES_PER_SECOND, BYTES_PER_SECOND_SSH, KEY_BYTES, Pace, byte_budget


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_over_ssh_the_budget_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    assert byte_budget() == BYTES_PER_SECOND
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    assert byte_budget() == BYTES_PER_SECOND_SSH


def test_traffic_stays_under_64_kB_a_second_over_any_5_seconds() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.budget = BYTES_PER_SECOND_SSH
    sent: list[tuple[float, int]] = []
    while clock.now < 1060:
        if 1020 < clock.now < 1030:
            clock.now += 0.5  # nothing to paint for a while
        if room := pace.room(urgent=False):
            sent.append((clock.now, room))
            pace.sent(room)
        clock.now += 0.01
    for start in range(1000, 1055):
        within = sum(size for at, size in sent if start <= at < start + 5)
        assert within <= 5 * 64_000
    assert sum(size for _, size in sent) > 40 * BYTES_PER_SECOND_SSH


def test_a_key_is_answered_though_the_budget_is_used_up_and_adds_4_kB_at_most() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.budget = BYTES_PER_SECOND_SSH
    pace.sent(10 * BYTES_PER_SECOND_SSH)
    assert pace.room(urgent=False) == 0
    assert pace.room(urgent=True) == 0
    pace.pressed()
    assert pace.room(urgent=True) == KEY_BYTES
    assert pace.room(urgent=False) == 0
    pace.sent(KEY_BYTES - 96)
    assert pace.room(urgent=True) == 96
    pace.sent(96)
    assert pace.room(urgent=True) == 0


def test_what_follows_traffic_or_comes_late_answers_no_key() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert not pace.answering
    pace.pressed()
    assert pace.answering
    pace.traffic()
    assert not pace.answering
    pace.pressed()
    clock.now += 1
    assert not pace.answering


class Line:
    """A line that lets ``rate`` bytes a second out of a buffer; writes wait where it is full."""

    def __init__(self, rate: float, buffer: int) -> None:
        self.rate, self.buffer = rate, buffer
        self.clock = Clock()
        self.pace = Pace(self.clock)
        self.held = 0.0
        self._last = self.clock.now

    def drain(self) -> float:
        self.held = max(self.held - self.rate * (self.clock.now - self._last), 0.0)
        self._last = self.clock.now
        return self.held

    def write(self, size: int) -> None:
        """As the writer's thread does it."""
        link = self.pace.link
        while size:
            part = min(size, link.chunk(4096))
            if self.drain() >= self.buffer - 32:
                link.full(self.clock.now)
                self.clock.now += 64 / self.rate
            began = self.clock.now
            self.clock.now += max(self.drain() + part - self.buffer, 0.0) / self.rate
            self.drain()
            self.held += part
            self.clock.now += 0.0005
            link.wrote(part, began, self.clock.now)
            if self.clock.now - began > 0.05:
                link.full(self.clock.now)
            size -= part

    def run(self, seconds: float, row: int = 180) -> list[float]:
        """Paint as much as is allowed; what lay in the buffer each time before."""
        held = []
        ends = self.clock.now + seconds
        while self.clock.now < ends:
            room = self.pace.room(urgent=False)
            held.append(self.drain())
            if room <= 0:
                self.clock.now += self.pace.wait(urgent=False)
                continue
            size = max(room, row) // row * row
            self.pace.sent(size)
            self.write(min(size, 6000))
        return held


@pytest.mark.parametrize("buffer", [LEAST_BUFFER, 20_480])
def test_on_a_slow_line_traffic_is_kept_out_of_the_buffer(buffer: int) -> None:
    line = Line(8_000, buffer)
    line.write(24_000)
    line.run(30)
    assert line.pace.link.rate < 16_000
    held = line.run(60)
    assert sum(size > 1000 for size in held) < len(held) / 3


def test_a_line_that_became_fast_is_found_out() -> None:
    line = Line(8_000, LEAST_BUFFER)
    line.write(24_000)
    line.run(10)
    assert line.pace.link.rate < 16_000
    line.rate = 10_000_000
    line.run(120)
    assert line.pace.link.rate == math.inf


def test_a_line_that_became_slow_is_found_out() -> None:
    line = Line(100_000, LEAST_BUFFER)
    line.write(24_000)
    line.run(10)
    line.rate = 8_000
    line.run(20)
    assert line.pace.link.rate < 16_000


def test_a_stopped_terminal_says_nothing_about_the_rate() -> None:
    link = Link()
    link.wrote(4096, 10.0, 10.0)
    link.full(10.1)
    link.stalled(40.0)
    link.wrote(4096, 40.0, 40.0)
    assert link.rate == math.inf


def test_whatever_was_guessed_of_the_line_rows_go_out() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.link.rate = 1.0
    pace.sent(100)
    assert pace.room(urgent=False) == 0
    assert pace.room(urgent=True) == 0
    pace.pressed()
    clock.now += 0.2
    assert pace.room(urgent=True) > 0
    clock.now += 1
    assert pace.room(urgent=False) > 0


def test_waiting_for_room_comes_to_an_end() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.budget = 1000
    pace.sent(2000)
    waits = []
    while not pace.room(urgent=False):
        waits.append(pace.wait(urgent=False))
        clock.now += waits[-1]
    assert len(waits) < 5
    assert all(later <= before for before, later in pairwise(waits))
