"""A message inside the broker, and its bytes for each receiver."""

from __future__ import annotations

import math

from mqttx_tui.wire.encode import property_block
from mqttx_tui.wire.packets import V5, PacketType, Properties
from mqttx_tui.wire.values import encode_text, encode_varint

_FORWARDED = ("payload_format_indicator", "content_type", "response_topic", "correlation_data", "user")
"""Properties that go on unaltered (MQTT 5.0 §3.3.2.3); expiry is counted down."""


class Message:
    """One published message. ``expires`` is a time on the loop's clock, None for never.

    ``origin`` is the client id of its sender. Bytes for QoS 0 without extras are made once for all
    receivers of a version.
    """

    __slots__ = (
        "_plain",
        "expires",
        "origin",
        "payload",
        "properties",
        "qos",
        "retain",
        "topic",
        "topic_block",
    )

    def __init__(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 0,
        retain: bool = False,
        properties: Properties | None = None,
        origin: str = "",
        now: float = 0.0,
    ) -> None:
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.origin = origin
        self.topic_block = encode_text(topic, "topic")
        given = properties or {}
        self.properties = {name: given[name] for name in _FORWARDED if name in given}
        interval = given.get("message_expiry_interval")
        self.expires = None if interval is None else now + interval
        self._plain: dict[tuple[bool, bool], bytes] = {}

    def expired(self, now: float) -> bool:
        """Whether its expiry interval is over (MQTT 5.0 §3.3.2.3.3)."""
        return self.expires is not None and now >= self.expires

    def plain(self, version: int, retain: bool) -> bytes:
        """The QoS 0 packet for a receiver without alias and subscription identifiers."""
        key = (version >= V5, retain)
        raw = self._plain.get(key)
        if raw is None:
            block = property_block(self.properties, PacketType.PUBLISH, version) if version >= V5 else b""
            raw = self._plain[key] = self._packet(0x30 | retain, self.topic_block, b"", block)
        return raw

    def packet(
        self,
        version: int,
        *,
        qos: int,
        retain: bool,
        packet_id: int = 0,
        dup: bool = False,
        identifiers: tuple[int, ...] = (),
        alias: int = 0,
        alias_known: bool = False,
        now: float = 0.0,
    ) -> bytes:
        """The PUBLISH for one receiver; with ``alias_known`` the topic is left out."""
        block = b""
        if version >= V5:
            found = dict(self.properties)
            if self.expires is not None:
                found["message_expiry_interval"] = max(math.ceil(self.expires - now), 0)
            if identifiers:
                found["subscription_identifier"] = identifiers
            if alias:
                found["topic_alias"] = alias
            block = property_block(found, PacketType.PUBLISH, version)
        topic = b"\0\0" if alias_known else self.topic_block
        number = packet_id.to_bytes(2, "big") if qos else b""
        return self._packet(0x30 | dup << 3 | qos << 1 | retain, topic, number, block)

    def _packet(self, first: int, topic: bytes, number: bytes, block: bytes) -> bytes:
        length = len(topic) + len(number) + len(block) + len(self.payload)
        return b"".join((bytes((first,)), encode_varint(length), topic, number, block, self.payload))
