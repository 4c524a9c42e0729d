"""Measuring profiles, and what the specifications say that it must come to."""

from __future__ import annotations

import asyncio

from mqttx_tui.compare.measure import Asked, measure
from mqttx_tui.compare.results import Both, Cost, Result
from mqttx_tui.doctor.plan import Plan
from mqttx_tui.model.profile import Profile, Resolved
from tests.support.wait import FACTOR

SECONDS = 10.0 * FACTOR
FEW = Asked((0, 1, 2), (16, 256), 3)


async def measured(
    profile: Profile,
    asked: Asked = FEW,
    *,
    seconds: float = SECONDS,
    secrets: tuple[str, ...] = (),
    prefix: str = "lab/compare",
) -> Result:
    """The result for a profile."""
    plan = Plan(Resolved(profile, secrets), seconds, prefix)
    (result,) = await asyncio.wait_for(measure([plan], asked), 60 * FACTOR)
    return result


def wire(cost: Cost | None) -> Both:
    """What went through the socket."""
    assert cost is not None
    return cost.wire


def varint(length: int) -> int:
    """Bytes of a remaining length (MQTT 5.0 §1.5.5)."""
    return 1 + (length > 127) + (length > 16_383) + (length > 2_097_151)


def publish(topic: str, size: int, qos: int, version: int) -> int:
    """Bytes of a PUBLISH without properties (MQTT 5.0 §3.3)."""
    body = 2 + len(topic) + (2 if qos else 0) + (1 if version == 5 else 0) + size
    return 1 + varint(body) + body


def frame(size: int, *, masked: bool) -> int:
    """Bytes of a WebSocket frame (RFC 6455 §5.2)."""
    return 2 + (2 if size > 125 else 0) + (6 if size > 65_535 else 0) + (4 if masked else 0) + size
