"""The simulated thermometer."""

from __future__ import annotations

from itertools import pairwise

from mqttx_tui.demo.climate import Room


def test_a_thermometer_never_shows_the_same_twice_in_turn() -> None:
    room = Room("attic", 19.0)
    shown = [room.look(noise) for noise in (0.0, 0.0, 0.01, 0.01, -0.01, 0.0)]
    assert all(before != after for before, after in pairwise(shown)), shown
    assert max(abs(value - 19.0) for value in shown) < 0.03
