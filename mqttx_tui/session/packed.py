"""Values of paho's classes, as the session gives and takes them."""

from __future__ import annotations

from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from mqttx_tui.wire.values import encode_varint


class Granted(list[ReasonCode]):
    """SUBACK's reason codes, with the reason string that aiomqtt throws away."""

    text = ""


class PackedProperties(Properties):
    """Properties that were encoded before, for paho to send as they are."""

    def __init__(self, packet_type: int, raw: bytes) -> None:
        super().__init__(packet_type)  # type: ignore[no-untyped-call]
        object.__setattr__(self, "raw", raw)

    def pack(self) -> bytes:
        """Length and bytes."""
        raw: bytes = object.__getattribute__(self, "raw")
        return encode_varint(len(raw)) + raw
