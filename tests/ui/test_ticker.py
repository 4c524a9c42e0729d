"""The ticker syncs only when the terminal has what was painted before, and lets keys go first."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mqttx_tui.ui.pace import Pace
from mqttx_tui.ui.ticker import KEY_FIRST_SECONDS, RENEW_SECONDS, Ticker


@dataclass
class Screen:
    """What the ticker sees of the terminal, set by hand."""

    waiting: bool = False
    stalled: bool = False


class Bench:
    """A ticker on a clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 100.0
        self.screen = Screen()
        self.pace = Pace(lambda: self.now)
        self.times: list[float] = []
        self.ticker = Ticker(self._sync, lambda: self.screen, self.pace, lambda: self.now)

    def _sync(self, now: float) -> bool:
        self.times.append(now)
        return True


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_rows_that_wait_hold_back_the_next_frame_but_not_for_ever(bench: Bench) -> None:
    assert bench.ticker.tick()
    bench.screen.waiting = True
    bench.now += RENEW_SECONDS / 2
    assert not bench.ticker.tick()
    bench.now += RENEW_SECONDS / 2
    assert bench.ticker.tick()
    assert bench.times == [100.0, 100.0 + RENEW_SECONDS]


def test_a_terminal_that_stands_still_is_not_painted_for(bench: Bench) -> None:
    bench.screen.stalled = True
    bench.now += 60
    assert not bench.ticker.tick()
    bench.screen.stalled = False
    assert bench.ticker.tick()


def test_a_key_goes_first_but_held_keys_do_not_stop_the_traffic(bench: Bench) -> None:
    assert bench.ticker.tick()
    bench.now += RENEW_SECONDS / 4
    bench.pace.pressed()
    assert not bench.ticker.tick()
    bench.now += KEY_FIRST_SECONDS * 1.5
    assert bench.ticker.tick()
    bench.times.clear()
    for _ in range(100):
        bench.now += KEY_FIRST_SECONDS / 2
        bench.pace.pressed()
        bench.ticker.tick()
    apart = [after - before for before, after in zip(bench.times, bench.times[1:], strict=False)]
    assert len(apart) >= 2
    assert all(RENEW_SECONDS <= gap <= RENEW_SECONDS * 1.1 for gap in apart)
