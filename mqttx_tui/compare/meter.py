"""A conversation with a broker whose bytes and times are counted."""

from __future__ import annotations

from time import perf_counter

from mqttx_tui.compare.results import Both, Reading
from mqttx_tui.doctor.talk import Talk
from mqttx_tui.model.profile import Resolved
from mqttx_tui.model.state import StageReport
from mqttx_tui.session.options import keepalive_of
from mqttx_tui.transport.counting import Traffic
from mqttx_tui.wire.packets import Connack, Packet, PacketType

QUIET_PART = 3
"""A ping keeps the connection alive after this part of the keepalive without a word from here."""


class Meter(Talk):
    """``Talk`` with counters; ``heard`` has the ``perf_counter`` of the last packet of each type."""

    def __init__(self, resolved: Resolved, version: int, seconds: float) -> None:
        self.traffic = Traffic()
        super().__init__(resolved, version, seconds, self.traffic)
        self.heard: dict[PacketType, float] = {}
        self._keepalive = keepalive_of(resolved.profile)
        self._spoke = 0.0
        self._mqtt_out = 0
        self._mqtt_in = 0
        self._before = Both()

    def bytes_received(self, data: bytes) -> None:
        """Part of ``base.LinkHandler``."""
        self._mqtt_in += len(data)
        super().bytes_received(data)

    def write(self, data: bytes) -> None:
        """Write whole packets."""
        self._mqtt_out += len(data)
        self._spoke = perf_counter()
        super().write(data)

    def _take(self, packet: Packet) -> None:
        self.heard[packet.type] = perf_counter()
        super()._take(packet)

    async def enter(self, client_id: str) -> Connack:
        """Open the link and connect. Raises ``LinkError``."""
        await self.open(self._note)
        connack = await self.connect(client_id)
        self._keepalive = int(connack.properties.get("server_keep_alive", self._keepalive))
        return connack

    def _note(self, report: StageReport) -> None:
        """What was sent until the last connection stood: to a proxy, and where it was redirected."""
        if report.stage in ("tcp", "proxy") and report.status == "ok":
            self._before = self._wire

    @property
    def _wire(self) -> Both:
        return Both(self.traffic.sent, self.traffic.received)

    def reading(self) -> Reading:
        """The counters now. They belong together only while nothing is on its way."""
        link, traffic = self.link, self.traffic
        return Reading(
            self._wire,
            self._before,
            Both(link.bytes_out, link.bytes_in),
            Both(self._mqtt_out, self._mqtt_in),
            Both(traffic.sends, traffic.receives),
        )

    async def stay(self) -> None:
        """Ping after a while without a word, before the broker takes us for dead (MQTT 5.0 §3.1.2.10)."""
        if self._keepalive and perf_counter() - self._spoke > self._keepalive / QUIET_PART:
            await self.ping()
