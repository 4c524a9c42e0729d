"""One client's connection: packets in, packets out (MQTT 5.0 §3, §4)."""

from __future__ import annotations

import logging

from mqttx_tui.demo.broker.admission import (
    NOT_AUTHORISED,
    Admission,
    admit,
    expiry_seconds,
    return_code,
)
from mqttx_tui.demo.broker.core import Core
from mqttx_tui.demo.broker.inbox import Inbox
from mqttx_tui.demo.broker.outlet import Outlet, Pipe
from mqttx_tui.demo.broker.requests import subscribe, unsubscribe
from mqttx_tui.demo.broker.scram import RefusedError, ScramServer
from mqttx_tui.demo.broker.sender import Sender
from mqttx_tui.demo.broker.sessions import Session
from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.errors import PROTOCOL_ERROR, UNSUPPORTED_VERSION, MalformedPacket
from mqttx_tui.wire.framing import MAX_PACKET, Splitter
from mqttx_tui.wire.packets import (
    V5,
    Auth,
    Connack,
    Connect,
    Disconnect,
    Packet,
    Pingreq,
    Pingresp,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    Subscribe,
    Unsubscribe,
)

log = logging.getLogger(__name__)

CONTINUE = 0x18
AGAIN = 0x19
KEEP_ALIVE_TIMEOUT = 0x8D
TAKEN_OVER = 0x8E
WITH_WILL = 0x04
IMPLEMENTATION_ERROR = 0x83


class Conversation:
    """From the first byte to the last; ``feed`` never raises, whatever the client sends."""

    def __init__(self, core: Core, pipe: Pipe) -> None:
        limits = core.limits
        self.core = core
        self.outlet = Outlet(
            pipe,
            lambda: core.soon(self.outlet),
            core.counters,
            max_messages=limits.queue_messages,
            max_bytes=limits.queue_bytes,
        )
        self.deadline: float | None = core.now() + limits.connect_timeout
        self._pipe = pipe
        self._splitter = Splitter(limits.max_packet)
        self._version = 0
        self._grace = 0.0
        self._session: Session | None = None
        self._sender: Sender | None = None
        self._inbox: Inbox | None = None
        self._pending: tuple[Connect, Admission, ScramServer] | None = None
        self._method: str | None = None
        self._again: ScramServer | None = None
        self._connect_expiry = 0.0
        self._closed = False
        core.open.add(self)
        core.counters.connections += 1

    def feed(self, data: bytes) -> None:
        """Bytes from the client."""
        if self._closed:
            return
        self.core.counters.bytes_received += len(data)
        if self._grace:
            self.deadline = self.core.now() + self._grace
        try:
            try:
                packets = self._splitter.feed(data)
            except MalformedPacket:
                self._handle(self._splitter.error_packets)
                raise
            self._handle(packets)
        except MalformedPacket as problem:
            self._refuse(problem)
        except Exception:
            log.exception("a client's packet could not be handled")
            self.end(IMPLEMENTATION_ERROR)

    def _handle(self, packets: list[bytes]) -> None:
        for raw in packets:
            if self._closed:
                return
            packet = decode(raw, self._version or V5)
            if isinstance(packet, Publish) and self._inbox is not None:
                self._inbox.publish(packet)
            else:
                self._other(packet)

    def _other(self, packet: Packet) -> None:
        session, sender, inbox = self._session, self._sender, self._inbox
        if session is None or sender is None or inbox is None:
            if isinstance(packet, Auth) and self._pending is not None:
                self._auth(packet, *self._pending)
            elif not isinstance(packet, Connect) or self._pending is not None:
                raise MalformedPacket(0, "CONNECT as the first packet", reason=PROTOCOL_ERROR)
            else:
                self._connect(packet)
            return
        now = self.core.now()
        match packet:
            case Puback():
                session.acknowledged(packet.packet_id, 1, now)
            case Pubrec():
                reason = session.received(packet.packet_id, packet.reason, now)
                if reason >= 0:
                    sender.packet(Pubrel(packet.packet_id, reason if self._version >= V5 else 0))
            case Pubrel():
                inbox.release(packet)
            case Pubcomp():
                session.acknowledged(packet.packet_id, 2, now)
            case Subscribe():
                subscribe(self.core, session, sender, packet)
            case Unsubscribe():
                unsubscribe(self.core, session, sender, packet)
            case Pingreq():
                sender.packet(Pingresp())
            case Auth():
                self._authenticate_again(packet, session, sender)
            case Disconnect():
                self._disconnect(packet, session)
            case _:
                raise MalformedPacket(0, f"no {packet.type.name} here", reason=PROTOCOL_ERROR)

    def _connect(self, connect: Connect) -> None:
        self._version = version = connect.version
        admission = admit(self.core, connect)
        if admission.reason:
            self.outlet.send(encode(Connack(return_code(admission.reason, version)), version))
            self.end(None)
            return
        method = connect.properties.get("authentication_method")
        if method is not None:
            self._challenge(connect, admission, method)
            return
        self._admitted(connect, admission, connect.username)

    def _challenge(self, connect: Connect, admission: Admission, method: str) -> None:
        """Begin an enhanced authentication (MQTT 5.0 §4.12)."""
        scram = ScramServer(method, self.core.users or {})
        try:
            challenge = scram.challenge(connect.properties.get("authentication_data", b""))
        except RefusedError:
            self._not_authorised()
            return
        self._pending = connect, admission, scram
        properties = {"authentication_method": method, "authentication_data": challenge}
        self.outlet.send(encode(Auth(CONTINUE, properties), V5))

    def _auth(self, packet: Auth, connect: Connect, admission: Admission, scram: ScramServer) -> None:
        self._pending = None
        if packet.reason != CONTINUE or packet.properties.get("authentication_method") != scram.method:
            raise MalformedPacket(0, "AUTH that goes on with the method of CONNECT", reason=PROTOCOL_ERROR)
        try:
            final = scram.answer(packet.properties.get("authentication_data", b""))
        except RefusedError:
            self._not_authorised()
            return
        self._method = scram.method
        admission.properties |= {"authentication_method": scram.method, "authentication_data": final}
        self._admitted(connect, admission, scram.username)

    def _authenticate_again(self, packet: Auth, session: Session, sender: Sender) -> None:
        """The method of CONNECT once more, for the same user (MQTT 5.0 §4.12.1)."""
        data = packet.properties.get("authentication_data", b"")
        if self._method is None or packet.properties.get("authentication_method") != self._method:
            raise MalformedPacket(0, "AUTH with the method of CONNECT", reason=PROTOCOL_ERROR)
        try:
            if packet.reason == AGAIN:
                self._again = ScramServer(self._method, self.core.users or {})
                reason, answer = CONTINUE, self._again.challenge(data)
            elif packet.reason == CONTINUE and self._again is not None:
                reason, answer = 0, self._again.answer(data)
                if self._again.username != session.username:
                    raise RefusedError
                self._again = None
            else:
                raise MalformedPacket(0, "AUTH that begins anew or goes on", reason=PROTOCOL_ERROR)
        except RefusedError:
            self.end(NOT_AUTHORISED)
            return
        sender.packet(Auth(reason, {"authentication_method": self._method, "authentication_data": answer}))

    def _not_authorised(self) -> None:
        self.outlet.send(encode(Connack(NOT_AUTHORISED), V5))
        self.end(None)

    def _admitted(self, connect: Connect, admission: Admission, username: str | None) -> None:
        version = connect.version
        session, present = self.core.open_session(connect, admission.client_id)
        session.username = username
        session.will = connect.will
        session.expiry = self._connect_expiry = admission.expiry
        found = connect.properties
        limits = self.core.limits
        self._sender = Sender(
            self.outlet,
            version,
            receive_maximum=min(found.get("receive_maximum", 65_535), limits.max_inflight),
            max_packet=found.get("maximum_packet_size", MAX_PACKET),
            aliases=min(found.get("topic_alias_maximum", 0), limits.send_aliases),
        )
        self._session = session
        self._inbox = Inbox(self.core, session, self._sender, version)
        self._grace = admission.keepalive * 1.5
        self.deadline = self.core.now() + self._grace if self._grace else None
        shown = present and version > 3
        self._sender.packet(Connack(0, shown, admission.properties))
        self.core.attach(session, self, self._sender)

    def _disconnect(self, packet: Disconnect, session: Session) -> None:
        interval = packet.properties.get("session_expiry_interval")
        if interval is not None:
            if interval and not self._connect_expiry:
                raise MalformedPacket(
                    2, "no session expiry after a CONNECT without one", reason=PROTOCOL_ERROR
                )
            session.expiry = min(expiry_seconds(interval), self.core.limits.max_session_expiry)
        self._leave(publish_will=packet.reason == WITH_WILL)
        self.outlet.finish()
        self._pipe.close()

    def _refuse(self, problem: MalformedPacket) -> None:
        """Answer bad bytes as the standard says (MQTT 5.0 §4.13)."""
        log.info("a client sent a bad packet: %s", problem.message)
        if not self._version and problem.reason == UNSUPPORTED_VERSION:
            self.outlet.send(encode(Connack(1), 4))
        self.end(problem.reason)

    def end(self, reason: int | None) -> None:
        """Close from our side: a DISCONNECT with ``reason`` in version 5, then the link."""
        if self._closed:
            return
        if reason is not None and self._version >= V5 and self._session is not None:
            self.outlet.send(encode(Disconnect(reason), self._version))
        self._leave(publish_will=True)
        self.outlet.finish()
        self._pipe.close()

    def take_over(self) -> None:
        """Another client came with the same id (MQTT 5.0 §3.1.4)."""
        self.end(TAKEN_OVER)

    def timed_out(self) -> None:
        """No CONNECT in time, or nothing for one and a half keepalive intervals (§3.1.2.10)."""
        self.end(KEEP_ALIVE_TIMEOUT if self._session is not None else None)

    def shut_down(self, reason: int) -> None:
        """The broker stops: no wills."""
        if self._session is not None:
            self._session.will = None
        self.end(reason)

    def lost(self) -> None:
        """The link ended, however it did."""
        self.outlet.clear()
        self._leave(publish_will=True)

    def _leave(self, *, publish_will: bool) -> None:
        if self._closed:
            return
        self._closed = True
        self.deadline = None
        self.core.open.discard(self)
        if self._session is not None:
            self.core.detach(self._session, publish_will=publish_will)
