"""Messages to one connected client: aliases, Maximum Packet Size, drops."""

from __future__ import annotations

from mqttx_tui.demo.broker.messages import Message
from mqttx_tui.demo.broker.outlet import Outlet
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import V5, Packet


class Sender:
    """Writes packets in one version to one outlet.

    ``receive_maximum`` and ``max_packet`` (bytes) are what the client announced; ``aliases`` how many
    topic aliases may be used towards it.
    """

    def __init__(
        self, outlet: Outlet, version: int, *, receive_maximum: int, max_packet: int, aliases: int
    ) -> None:
        self.outlet = outlet
        self.version = version
        self.receive_maximum = receive_maximum
        self._max_packet = max_packet
        self._max_aliases = aliases
        self._aliases: dict[str, int] = {}

    def packet(self, packet: Packet) -> None:
        """Send a packet that is no PUBLISH."""
        self.outlet.send(encode(packet, self.version))

    def plain(self, message: Message, retain: bool, identifiers: tuple[int, ...], now: float) -> None:
        """Send at QoS 0; dropped and counted when the client is too slow."""
        if self._max_aliases or identifiers or message.expires is not None:
            raw, alias = self._encode(message, 0, retain, 0, False, identifiers, now)
        else:
            raw, alias = message.plain(self.version, retain), 0
        if self._fits(raw) and self.outlet.room(len(raw)):
            self._sent(raw, message, alias)

    def reliable(
        self,
        message: Message,
        qos: int,
        retain: bool,
        packet_id: int,
        dup: bool,
        identifiers: tuple[int, ...],
        now: float,
    ) -> bool:
        """Send at QoS 1 or 2; False when the client does not take packets of this size."""
        raw, alias = self._encode(message, qos, retain, packet_id, dup, identifiers, now)
        if not self._fits(raw):
            return False
        self._sent(raw, message, alias)
        return True

    def _encode(
        self,
        message: Message,
        qos: int,
        retain: bool,
        packet_id: int,
        dup: bool,
        identifiers: tuple[int, ...],
        now: float,
    ) -> tuple[bytes, int]:
        known = self._aliases.get(message.topic, 0)
        alias = known
        if not known and self.version >= V5 and len(self._aliases) < self._max_aliases:
            alias = len(self._aliases) + 1
        raw = message.packet(
            self.version,
            qos=qos,
            retain=retain,
            packet_id=packet_id,
            dup=dup,
            identifiers=identifiers,
            alias=alias,
            alias_known=bool(known),
            now=now,
        )
        return raw, alias

    def _fits(self, raw: bytes) -> bool:
        if len(raw) > self._max_packet:
            self.outlet.counters.too_large += 1
            return False
        return True

    def _sent(self, raw: bytes, message: Message, alias: int) -> None:
        """An alias is known to the client only once the packet that sets it is on its way."""
        if alias:
            self._aliases[message.topic] = alias
        self.outlet.counters.sent += 1
        self.outlet.send(raw)
