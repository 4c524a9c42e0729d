"""The ticker paints only what the terminal takes and the byte budget allows."""

from __future__ import annotations

import os

import pytest

from mqttx_tui.ui.driver import CountingWriter
from mqttx_tui.ui.ticker import BYTES_PER_SECOND_SSH, Ticker


class Still(CountingWriter):
    """A writer whose counts are set by hand; its thread never starts."""


@pytest.fixture
def writer() -> Still:
    with open(os.devnull, "w") as file:
        return Still(file, lambda: None)


def make(writer: Still, monkeypatch: pytest.MonkeyPatch) -> tuple[Ticker, list[float]]:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    times: list[float] = []

    def sync(now: float) -> bool:
        times.append(now)
        return True

    return Ticker(sync, lambda: writer), times


def test_nothing_is_painted_while_something_is_outstanding(
    writer: Still, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticker, times = make(writer, monkeypatch)
    writer.handed_over = 100
    assert not ticker.tick()
    writer.taken = 100
    assert ticker.tick()
    assert len(times) == 1


def test_over_ssh_a_large_frame_is_paid_for_before_the_next(
    writer: Still, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticker, times = make(writer, monkeypatch)
    assert ticker.tick()
    writer.handed_over = writer.taken = BYTES_PER_SECOND_SSH * 5
    assert not ticker.tick()
    assert not ticker.may_paint
    assert len(times) == 1
