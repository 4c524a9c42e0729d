"""What was measured: bytes by layer, times, and one result for each target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mqttx_tui.doctor.report import Check
from mqttx_tui.model.errors import Exit


class Both(NamedTuple):
    """A number for each direction, seen from here."""

    sent: int = 0
    received: int = 0

    def less(self, other: Both) -> Both:
        """What is left without ``other``."""
        return Both(self.sent - other.sent, self.received - other.received)

    @property
    def total(self) -> int:
        """Both directions together."""
        return self.sent + self.received


NONE = Both()


@dataclass(frozen=True, slots=True)
class Reading:
    """The counters of one connection at a moment, in bytes since it was begun.

    ``wire`` is what went through the socket, ``before`` what of it was said to a proxy or to a server
    that redirected, ``inside`` what was carried by TCP or TLS, ``mqtt`` the packets themselves;
    ``calls`` are writes to and reads from the socket.
    """

    wire: Both = NONE
    before: Both = NONE
    inside: Both = NONE
    mqtt: Both = NONE
    calls: Both = NONE


LAYERS = ("mqtt", "websocket", "tls", "before")
"""Those that make up ``Cost.wire``, the innermost first."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The bytes of one action: ``wire`` through the socket, and what each layer has of them.

    ``mqtt``: packets; ``websocket``: upgrade, frame headers, close; ``tls``: handshake, record headers,
    padding and tags; ``before``: a proxy and redirects. ``calls``: writes and reads.
    """

    wire: Both
    mqtt: Both
    websocket: Both
    tls: Both
    before: Both
    calls: Both


def between(earlier: Reading, later: Reading) -> Cost:
    """What was counted meanwhile."""
    wire, before = later.wire.less(earlier.wire), later.before.less(earlier.before)
    inside, mqtt = later.inside.less(earlier.inside), later.mqtt.less(earlier.mqtt)
    calls = later.calls.less(earlier.calls)
    return Cost(wire, mqtt, inside.less(mqtt), wire.less(before).less(inside), before, calls)


def typical(costs: Sequence[Cost]) -> Cost:
    """The one in the middle, by its bytes: a server may answer now and then in other pieces."""
    ordered = sorted(costs, key=lambda cost: cost.wire.total)
    return ordered[(len(ordered) - 1) // 2]


@dataclass(frozen=True, slots=True)
class Times:
    """Durations in milliseconds, at least one."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        """Half of them took no longer."""
        ordered, half = sorted(self.samples), len(self.samples) // 2
        return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2

    @property
    def p95(self) -> float:
        """95 of 100 took no longer (nearest rank: of fewer than 20 it is the longest)."""
        ordered = sorted(self.samples)
        return ordered[-(-95 * len(ordered) // 100) - 1]


@dataclass(frozen=True, slots=True)
class Publishing:
    """Messages of ``size`` bytes published at ``qos``.

    ``publisher`` and ``subscriber`` are what one of them costs on each of the two connections, with its
    acknowledgements; it came with the QoS ``came_as``. ``message`` is the time from publishing until it
    was back, ``flow`` until PUBACK or PUBCOMP came, None at QoS 0.
    """

    qos: int
    size: int
    came_as: int
    publisher: Cost
    subscriber: Cost
    message: Times
    flow: Times | None


@dataclass(slots=True)
class Result:
    """One target (a URL without secrets). What was not come to is None; ``failure`` says why.

    ``topic`` is the one that was used, ``total`` all bytes of its connections from their first to
    their last, ``notes`` say what was left out and why.
    """

    name: str
    target: str
    transport: str = ""
    version: str = ""
    tls: str = ""
    topic: str = ""
    client_id: str = ""
    connect: Cost | None = None
    connect_times: Times | None = None
    subscribe: Cost | None = None
    ping: Cost | None = None
    ping_times: Times | None = None
    disconnect: Cost | None = None
    publishings: list[Publishing] = field(default_factory=list)
    total: Both = NONE
    notes: list[str] = field(default_factory=list)
    failure: Check | None = None

    def publishing(self, qos: int, size: int) -> Publishing | None:
        """Those of one QoS and size, None where it was not come to."""
        found = (one for one in self.publishings if (one.qos, one.size) == (qos, size))
        return next(found, None)


def exit_code(results: Sequence[Result]) -> Exit:
    """Of the first target that failed; 0 when none did."""
    failures = (result.failure.exit_code for result in results if result.failure is not None)
    return next(failures, Exit.DONE)
