"""One connection to a broker: from CONNECT to the end of the stream, and why it ended."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from mqttx_tui.model.endpoint import Endpoint
from mqttx_tui.model.errors import LinkError
from mqttx_tui.session import refusals
from mqttx_tui.session.authentication import Authentication
from mqttx_tui.session.base import Observer, Sink
from mqttx_tui.session.client import Client
from mqttx_tui.session.keepalive import Keepalive
from mqttx_tui.session.outbox import Limits, Outbox, limits_of
from mqttx_tui.session.pump import Pump
from mqttx_tui.session.reader import BatchReader
from mqttx_tui.session.trace import Trace
from mqttx_tui.transport.answers import explain_first_bytes
from mqttx_tui.transport.base import Link
from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.errors import PACKET_TOO_LARGE, PROTOCOL_ERROR, MalformedPacket
from mqttx_tui.wire.packets import (
    Auth,
    Connack,
    Disconnect,
    Packet,
    PacketType,
    Puback,
    Pubcomp,
    Pubrec,
)
from mqttx_tui.wire.publishes import Inbound, Other, Receipt

GOODBYE_SECONDS = 1.0
"""How long DISCONNECT may take to get out before the link is dropped."""


@dataclass(slots=True)
class Setting:
    """What a conversation needs to know of its session."""

    sink: Sink
    observer: Observer
    outbox: Outbox
    inbound: Inbound
    endpoint: Endpoint
    resuming: bool
    """Whether CONNECT asked for the session that the broker may still have."""
    parting: bytes = b""
    """The properties of our DISCONNECT, encoded."""
    authentication: Authentication | None = None
    """Where the profile names an authentication method (MQTT 5.0 §4.12)."""


class Conversation:
    """Glue between pump, reader, trace, outbox and client for one connection.

    ``finished`` resolves when paho has closed its socket; ``cause`` then says why, None when it
    was we who left.
    """

    def __init__(self, setting: Setting) -> None:
        self.version = setting.inbound.version
        self.pump = Pump(self._link_lost, self._readable, self._outbound)
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.cause: LinkError | None = None
        self.connack: Connack | None = None
        self.connack_raw = b""
        self.accepted_at: float | None = None
        self.leaving = False
        self.ended_by_peer = False
        self._lost_error: LinkError | None = None
        self._setting = setting
        self._outbox = setting.outbox
        self._sink = setting.sink
        self._client: Client | None = None
        self._link: Link | None = None
        self._keepalive = Keepalive(0, self.pump)
        self._trace = Trace(setting.sink, setting.outbox, self._answered)
        self.wire = self._trace.wire
        self._pings: list[asyncio.Future[float | None]] = []
        self._reader = BatchReader(setting.sink, setting.inbound, self)
        self._answers = bytearray()
        self._goodbye: asyncio.TimerHandle | None = None

    # Beginning.

    def attach(self, link: Link, client: Client) -> None:
        """The open link, and the client that will enter over it."""
        self._link = link
        self._client = client
        self.pump.attach(link)
        client.listener = self
        if self._setting.authentication is not None:
            self._setting.authentication.attach(self._send_auth, self.drop)

    @property
    def client(self) -> Client:
        """The client that entered."""
        assert self._client is not None
        return self._client

    @property
    def accepted(self) -> bool:
        """Whether CONNACK 0 went through aiomqtt."""
        return self.accepted_at is not None

    @property
    def limits(self) -> Limits:
        """What the broker takes, from CONNACK."""
        return limits_of(self.connack.properties if self.connack is not None else {}, self.version)

    @property
    def authentication_data(self) -> bytes | None:
        """What CONNECT carries of an enhanced authentication."""
        authentication = self._setting.authentication
        return None if authentication is None else authentication.first

    def connack_seen(self, session_present: bool) -> None:
        """aiomqtt's own callback ran: this is what *connected* means."""
        if not self.finished.done():
            self.accepted_at = time.monotonic()

    def start_keepalive(self) -> None:
        """Ping once for the first round trip, and from then on when it is due."""
        self._keepalive.interval = self.client.keepalive_in_force
        self.client.ping()
        self._keepalive.pinged()
        self.client.start_ticking()

    def ping(self) -> asyncio.Future[float | None]:
        """Ping by hand; resolves with ms, with None when the link ends before.

        PINGRESP names no PINGREQ (MQTT 5.0 §3.13): while one is open, its answer is waited for.
        """
        answered: asyncio.Future[float | None] = asyncio.get_running_loop().create_future()
        self._pings.append(answered)
        if not self._trace.pinging:
            self.client.ping()
            self._keepalive.pinged()
        return answered

    def authenticate(self) -> asyncio.Future[float | None]:
        """Authenticate again (MQTT 5.0 §4.12.1); resolves with ms, with None when the link ends before.

        Only where the profile names a method with steps that are known.
        """
        assert self._setting.authentication is not None
        return self._setting.authentication.again()

    def _answered(self, milliseconds: float | None) -> None:
        if milliseconds is not None:
            self._setting.observer.round_trip(milliseconds)
        waiting, self._pings = self._pings, []
        for answered in waiting:
            if not answered.done():
                answered.set_result(milliseconds)

    def tick(self) -> float | None:
        """Look after keepalive; returns seconds until the next look."""
        self._trace.look(self._sink.now())
        if self._keepalive.dead:
            self.drop(
                LinkError(
                    f"nothing came for {self._keepalive.silence:.1f} s, "
                    f"with a keepalive of {self._keepalive.interval} s",
                    stage="link",
                    title="Keepalive timeout",
                    hint="the network or the broker is gone; a longer keepalive helps on bad links",
                )
            )
            return None
        if self._keepalive.ping_due:
            self.client.ping()
            self._keepalive.pinged()
        return self._keepalive.pause

    # Ending.

    def leave(self, reason: int = 0) -> None:
        """Say goodbye (DISCONNECT with ``reason``, which only MQTT 5 has) and close."""
        self.leaving = True
        self._disconnect(reason, self._setting.parting)

    def drop(self, cause: LinkError | None) -> None:
        """End the connection at once, for this reason unless there is one already."""
        self.cause = self.cause or cause
        if self._link is not None:
            self._link.abort()

    def give_up(self) -> None:
        """End it without waiting for anything, reading included."""
        self.drop(None)
        if self._client is not None and self.client.socket_open:
            self.client.feed_end()

    def _disconnect(self, reason: int, properties: bytes = b"") -> None:
        if not self.accepted or not self.client.socket_open:
            self.drop(None)
            return
        self._outbox.shut()
        self.client.disconnect_with(reason, properties)
        self._goodbye = asyncio.get_running_loop().call_later(GOODBYE_SECONDS, self.give_up)

    def _link_lost(self, error: LinkError | None) -> None:
        """The link's end; what arrived before it is still read."""
        self._outbox.shut()
        self.ended_by_peer = error is None and self.cause is None and not self.leaving
        self._lost_error = error

    def stream_ended(self) -> None:
        """Everything was read: let paho see the end, too."""
        self.client.feed_end()

    def socket_closed(self) -> None:
        """paho closed its socket: whatever the reason, this connection is over."""
        if self.finished.done():
            return
        self._outbox.shut()
        self._reader.stop()
        self._trace.end()
        if self._setting.authentication is not None:
            self._setting.authentication.stop()
        self._answered(None)
        self.finished.set_result(None)
        self.client.fail_connect("the link ended")
        self.client.fail_pending()

    def explain(self) -> LinkError | None:
        """Why it ended; None when we left."""
        if self._goodbye is not None:
            self._goodbye.cancel()
        if self.leaving or self.cause is not None:
            return None if self.leaving else self.cause
        stage = "link" if self.accepted else "mqtt"
        if self._lost_error is not None:
            if self._lost_error.stage == "link":  # TLS can end a link later too, and keeps its name
                self._lost_error.stage = stage
            return self._lost_error
        if not self.accepted:
            found = explain_first_bytes(self.pump.first_bytes, self._setting.endpoint)
            if found is not None:
                return found
        return refusals.closed(self._setting.endpoint.authority, accepted=self.accepted)

    def refuses_version(self, version: int) -> bool:
        """Whether this looks like a broker that does not know ``version``: it said so, or it closed
        without a word."""
        if self.version != version or self.leaving:
            return False
        if self.connack is not None:
            return self.connack.reason in (1, refusals.UNSUPPORTED_VERSION)
        return self.cause is None and not self.pump.first_bytes

    # What the pump and the client tell.

    def _outbound(self, data: bytes) -> None:
        self._trace.outbound(data)
        if self._answers:
            self.answer(b"")

    def socket_opened(self) -> None:
        """paho holds its socket: what the broker sends can be read."""
        self.pump.opened()

    def _readable(self) -> None:
        """Something came. What speaks no MQTT is told apart by its first bytes."""
        self.client.heard()
        if self.connack is None and self.pump.first_bytes and self.cause is None:
            self.cause = explain_first_bytes(self.pump.first_bytes, self._setting.endpoint)
            if self.cause is not None:
                self.give_up()
                return
        self._reader.readable()

    # What the reader tells.

    def hold(self) -> None:
        """The capture is full."""
        self.pump.hold()

    def release(self) -> None:
        """The capture has room again."""
        self.pump.release()

    def take(self) -> bytes | None:
        """What came next."""
        return self.pump.take()

    @property
    def more(self) -> bool:
        """Whether there is something to take."""
        return self.pump.more

    def answer(self, packets: bytes) -> None:
        """Acknowledge inbound messages, past paho and at once: a broker with few messages in flight
        waits for it. Where paho is amid a packet, right after that; after DISCONNECT never."""
        self._answers += packets
        if self._goodbye is None and self._trace.between_packets:
            packets = bytes(self._answers)
            self._answers.clear()
            self.pump.send(packets)

    def answered(self, receipts: list[Receipt], first_id: int, at: int) -> None:
        """Record that they were."""
        self._trace.answered(receipts, first_id, at, self.version, self._setting.inbound.releases)

    def malformed(self, error: MalformedPacket) -> None:
        """Say so as MQTT wants it (MQTT 5.0 §4.13): DISCONNECT with the reason, then the end."""
        if error.reason == PACKET_TOO_LARGE:
            self._sink.too_large()
        stage = "link" if self.accepted else "mqtt"
        text = f"the broker sent what MQTT does not allow, {error.message}"
        self._sink.event("protocol", f"{error.title}: {text}")
        self.cause = self.cause or LinkError(text, stage=stage, title=error.title)
        if self.version >= 5 and self.accepted:
            self._disconnect(error.reason)
        else:
            self.give_up()

    def control(self, packet: Other, at: int) -> None:
        """A packet that is neither PUBLISH nor PUBREL. Raises ``MalformedPacket``."""
        try:
            decoded = decode(packet.raw, self.version)
        except MalformedPacket:
            self._trace.undecodable(packet.type, packet.raw, at)
            raise
        self._trace.inbound(decoded, packet.raw, at)
        if isinstance(decoded, Connack):
            self._connack(decoded, packet.raw)
        elif isinstance(decoded, Auth):
            self._auth(decoded)
        elif not self.accepted:
            raise MalformedPacket(0, "CONNACK first", reason=PROTOCOL_ERROR)
        elif isinstance(decoded, Puback | Pubrec | Pubcomp):
            self._acknowledged(decoded, at)
        elif isinstance(decoded, Disconnect):
            self.cause = self.cause or refusals.disconnected(decoded.reason, decoded.properties)
            self.client.feed(packet.raw)
        else:
            self._pass_on(decoded, packet.raw)

    def _auth(self, packet: Auth) -> None:
        authentication = self._setting.authentication
        if authentication is None:
            raise MalformedPacket(0, "no AUTH without an authentication method", reason=PROTOCOL_ERROR)
        if said := authentication.auth(packet):
            self._sink.event("authentication", said)

    def _send_auth(self, packet: Auth) -> None:
        """AUTH of ours: paho has no such packet, so it goes where acknowledgements go."""
        if not self.finished.done():
            raw = encode(packet, self.version)
            self.answer(raw)
            self._trace.sent(raw, packet.reason)

    def _pass_on(self, decoded: Packet, raw: bytes) -> None:
        self.client.feed(raw)
        if not self.client.socket_open and self.cause is None:
            stage = "link" if self.accepted else "mqtt"
            text = f"paho does not take the broker's {decoded.type.name}"
            self.cause = LinkError(text, stage=stage, title=f"{decoded.type.name} not understood")

    def _acknowledged(self, packet: Puback | Pubrec | Pubcomp, at: int) -> None:
        # paho hears no reason: it closes the socket at one that it does not know for this packet, and it
        # would answer a refusing PUBREC with PUBREL, which MQTT 5.0 §4.3.3 forbids: the flow ends there.
        refused = isinstance(packet, Pubrec) and packet.reason >= 0x80
        kind = PacketType.PUBCOMP if refused else packet.type
        self.client.feed(bytes((kind << 4, 2)) + packet.packet_id.to_bytes(2, "big"))
        self._outbox.acknowledged(packet.type, packet.packet_id, packet.reason, at)

    def _connack(self, packet: Connack, raw: bytes) -> None:
        if self.connack is not None:
            raise MalformedPacket(0, "one CONNACK only", reason=PROTOCOL_ERROR)
        self.connack, self.connack_raw = packet, raw
        if packet.reason:
            self.drop(refusals.connack_refused(packet.reason, self.version, packet.properties))
            return
        if self._setting.authentication is not None:
            unproved = self._setting.authentication.connack(packet)
            if unproved is not None:
                self.drop(unproved)
                return
        if not packet.session_present:
            self._without_session()
        self.client.limit_resending(self.limits.receive_maximum)
        self._pass_on(packet, raw)

    def _without_session(self) -> None:
        self._setting.inbound.held.clear()
        again = self.client.start_flows_anew()
        if self._setting.resuming:
            text = "the broker has no session of ours: what it may have kept for us is gone"
            self._sink.event("session", text)
        if again:
            self._sink.event("session", f"{again} messages of QoS 2 are sent again and may arrive twice")
