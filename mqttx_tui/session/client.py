"""Our aiomqtt client: its reading is the batch reader's, its keepalive looks at the link."""

from __future__ import annotations

import logging
from typing import Protocol

import aiomqtt
from paho.mqtt.packettypes import PacketTypes

from mqttx_tui.model.profile import Profile
from mqttx_tui.session.options import will_properties
from mqttx_tui.session.packed import PackedProperties
from mqttx_tui.session.pump import Address
from mqttx_tui.session.stack import StackClient

_LOGGER = logging.getLogger("mqttx_tui.stack")
_LOGGER.addHandler(logging.NullHandler())
_LOGGER.propagate = False


class Listener(Protocol):
    """The conversation of the present connection."""

    def socket_opened(self) -> None:
        """paho holds its socket."""

    def connack_seen(self, session_present: bool) -> None:
        """paho and aiomqtt took CONNACK 0."""

    def socket_closed(self) -> None:
        """paho closed its socket."""

    def tick(self) -> float | None:
        """Look after keepalive; returns seconds until the next look."""


class Client(StackClient):
    """One client for the whole life of a session: packet identifiers go on over reconnections."""

    listener: Listener | None = None

    def socket_opened(self) -> None:
        """Tell the conversation."""
        if self.listener is not None:
            self.listener.socket_opened()

    def accepted(self, session_present: bool) -> None:
        """Tell the conversation."""
        if self.listener is not None:
            self.listener.connack_seen(session_present)

    def socket_closed(self) -> None:
        """Tell the conversation."""
        if self.listener is not None:
            self.listener.socket_closed()

    def tick(self) -> float | None:
        """Ask the conversation."""
        return self.listener.tick() if self.listener is not None else None


def make_client(profile: Profile, version: int, client_id: str, address: Address) -> Client:
    """A client for one protocol version (3, 4, 5); what changes between attempts is set on entry."""
    protocol = aiomqtt.ProtocolVersion(version)
    return Client(
        hostname=address.host,
        port=address.port,
        identifier=client_id,
        protocol=protocol,
        will=_will(profile, version),
        clean_session=None if version >= 5 else profile.clean_start,
        transport=address.transport,
        timeout=profile.connect_timeout,
        logger=_LOGGER,
    )


def _will(profile: Profile, version: int) -> aiomqtt.Will | None:
    will = profile.will
    if will is None:
        return None
    properties = PackedProperties(PacketTypes.WILLMESSAGE, will_properties(profile)) if version >= 5 else None
    return aiomqtt.Will(will.topic, will.payload, will.qos, will.retain, properties)
