"""A room that warms and cools: the physics behind the simulated smart home."""

from __future__ import annotations

import json
from dataclasses import dataclass

WANTED = 19.0
"""The temperature that the controller keeps, in °C."""
OUTSIDE = 7.0
LOSS_PER_SECOND = 0.006
GAIN_PER_SECOND = 0.16
"""°C per second at full power: fast enough to watch."""


@dataclass
class Room:
    """One room. ``power`` is the heater's, 0 to 100 per cent; ``temperature`` in °C."""

    name: str
    temperature: float
    power: float = 0.0
    insulation: float = 1.0
    shown: float = 0.0
    """What the thermometer showed last."""

    def step(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        lost = (self.temperature - OUTSIDE) * LOSS_PER_SECOND / self.insulation
        self.temperature += (self.power / 100 * GAIN_PER_SECOND - lost) * seconds

    def look(self, noise: float) -> float:
        """What the thermometer shows, °C: never the same twice in turn, so that there is something to see."""
        seen = round(self.temperature + noise, 2)
        self.shown = seen if seen != self.shown else round(seen + 0.01, 2)
        return self.shown


def wanted_power(temperature: float, wanted: float = WANTED) -> float:
    """What the controller asks of a heater: proportional within two degrees, 0 to 100 per cent."""
    steady = (wanted - OUTSIDE) * LOSS_PER_SECOND / GAIN_PER_SECOND * 100
    return round(min(max(steady + (wanted - temperature) * 50, 0.0), 100.0))


def parse_power(payload: bytes) -> float | None:
    """Read a HeaterControl payload: ON, OFF, a number of per cent, or JSON with ``power`` or ``on``.

    Returns None where it is none of these.
    """
    text = payload.decode("utf-8", "replace").strip()
    if text.upper() in ("ON", "OFF"):
        return 100.0 if text.upper() == "ON" else 0.0
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if isinstance(value, dict):
        value = value.get("power", value.get("on"))
    if isinstance(value, bool):
        return 100.0 if value else 0.0
    if isinstance(value, int | float) and value == value:
        return min(max(float(value), 0.0), 100.0)
    return None
