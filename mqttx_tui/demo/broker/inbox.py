"""Messages from one client: aliases, acknowledgements, duplicates (MQTT 5.0 §3.3.4, §4.3)."""

from __future__ import annotations

from mqttx_tui.demo.broker.core import Core
from mqttx_tui.demo.broker.messages import Message
from mqttx_tui.demo.broker.sender import Sender
from mqttx_tui.demo.broker.sessions import FAILURE, PACKET_ID_NOT_FOUND, Session
from mqttx_tui.wire.errors import PROTOCOL_ERROR, TOPIC_ALIAS_INVALID, MalformedPacket
from mqttx_tui.wire.packets import V5, Puback, Pubcomp, Publish, Pubrec, Pubrel

NO_SUBSCRIBERS = 0x10
NOT_AUTHORISED = 0x87
RECEIVE_MAXIMUM_EXCEEDED = 0x93
RETAIN_NOT_SUPPORTED = 0x9A
QOS_NOT_SUPPORTED = 0x9B


class Inbox:
    """Takes a client's PUBLISH and PUBREL."""

    def __init__(self, core: Core, session: Session, sender: Sender, version: int) -> None:
        self._core = core
        self._session = session
        self._sender = sender
        self._version = version
        self._aliases: dict[int, str] = {}

    def publish(self, packet: Publish) -> None:
        """Check, route and acknowledge."""
        core, session = self._core, self._session
        core.counters.received += 1
        topic = self._topic(packet)
        limits = core.limits
        if packet.qos > limits.maximum_qos:
            raise MalformedPacket(0, f"a QoS of {limits.maximum_qos} at most", reason=QOS_NOT_SUPPORTED)
        if packet.retain and not limits.retain_available:
            raise MalformedPacket(0, "no retained message", reason=RETAIN_NOT_SUPPORTED)
        if "subscription_identifier" in packet.properties:
            raise MalformedPacket(0, "no subscription identifier from a client", reason=PROTOCOL_ERROR)
        if packet.qos == 2 and packet.packet_id in session.held:
            self._sender.packet(Pubrec(packet.packet_id))
            return
        if packet.qos == 2 and len(session.held) >= limits.receive_maximum:
            raise MalformedPacket(0, "fewer messages in flight", reason=RECEIVE_MAXIMUM_EXCEEDED)
        reason = self._route(packet, topic)
        if packet.qos == 1:
            self._sender.packet(Puback(packet.packet_id, reason if self._version >= V5 else 0))
        elif packet.qos == 2:
            if reason < FAILURE or self._version < V5:
                session.held.add(packet.packet_id)
            self._sender.packet(Pubrec(packet.packet_id, reason if self._version >= V5 else 0))

    def _route(self, packet: Publish, topic: str) -> int:
        core, session = self._core, self._session
        reason = NOT_AUTHORISED if topic.startswith("$SYS/") else core.allowed(session, "publish", topic)
        if reason:
            return reason
        message = Message(
            topic,
            packet.payload,
            qos=packet.qos,
            retain=packet.retain,
            properties=packet.properties,
            origin=session.client_id,
            now=core.now(),
        )
        return 0 if core.publish(message) else NO_SUBSCRIBERS

    def _topic(self, packet: Publish) -> str:
        alias = packet.properties.get("topic_alias")
        if alias is None:
            return packet.topic
        if not 0 < alias <= self._core.limits.topic_alias_maximum:
            raise MalformedPacket(0, "a topic alias that was allowed", reason=TOPIC_ALIAS_INVALID)
        if packet.topic:
            self._aliases[alias] = packet.topic
            return packet.topic
        topic = self._aliases.get(alias)
        if topic is None:
            raise MalformedPacket(0, "a topic alias that was set", reason=TOPIC_ALIAS_INVALID)
        return topic

    def release(self, packet: Pubrel) -> None:
        """The client will not send this message again."""
        held = self._session.held
        known = packet.packet_id in held
        held.discard(packet.packet_id)
        reason = 0 if known or self._version < V5 else PACKET_ID_NOT_FOUND
        self._sender.packet(Pubcomp(packet.packet_id, reason))
