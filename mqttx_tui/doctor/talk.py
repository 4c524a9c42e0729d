"""A conversation with a broker, packet by packet, over a link of our own (MQTT 5.0 §3)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from mqttx_tui.doctor.plan import Plan
from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.profile import Resolved
from mqttx_tui.session import options, refusals
from mqttx_tui.session.authentication import Authentication, authentication_of
from mqttx_tui.transport.answers import explain_first_bytes
from mqttx_tui.transport.base import Link, OnStage
from mqttx_tui.transport.connect import endpoint_of, open_link
from mqttx_tui.transport.counting import Traffic
from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.errors import MalformedPacket
from mqttx_tui.wire.framing import Splitter
from mqttx_tui.wire.packets import (
    V5,
    Auth,
    Connack,
    Connect,
    Disconnect,
    Packet,
    PacketType,
    Pingreq,
    Pingresp,
    Properties,
    Puback,
    Pubcomp,
    Publish,
    Pubrec,
    Pubrel,
    Suback,
    Subscribe,
    Subscription,
)
from mqttx_tui.wire.properties import decode_properties

GOODBYE_SECONDS = 1.0
"""How long the link may take to close after DISCONNECT."""
MESSAGE_SECONDS = 5.0
"""How long a message may take from the broker back to us."""
P = TypeVar("P", bound=Packet)


class Talk:
    """``base.LinkHandler`` that keeps what came until somebody waits for it.

    Every wait is bounded by ``seconds`` and raises ``LinkError`` when nothing comes or the link ends:
    at stage ``mqtt`` before CONNACK, at stage ``link`` after it. Messages are acknowledged at once.
    """

    def __init__(
        self, resolved: Resolved, version: int, seconds: float, traffic: Traffic | None = None
    ) -> None:
        """``traffic`` counts what goes through the socket."""
        self.version = version
        self.connack: Connack | None = None
        self._resolved = resolved
        self._seconds = seconds
        self._traffic = traffic
        self._endpoint = endpoint_of(resolved.profile)
        self._splitter = Splitter()
        self._first = b""
        self._packets: list[Packet] = []
        self._arrived = asyncio.Event()
        self._ended = asyncio.Event()
        self._cause: LinkError | None = None
        self._number = 0
        self._link: Link | None = None

    @property
    def link(self) -> Link:
        """The open link."""
        assert self._link is not None
        return self._link

    @property
    def alive(self) -> bool:
        """Whether the link stands."""
        return self._link is not None and not self._ended.is_set()

    # LinkHandler

    def bytes_received(self, data: bytes) -> None:
        """Part of ``base.LinkHandler``."""
        if self.connack is None:
            self._first += data
            cause = explain_first_bytes(self._first, self._endpoint)
            if cause is not None:
                self._give_up(cause)
                return
        try:
            for raw in self._splitter.feed(data):
                self._take(decode(raw, self.version))
        except MalformedPacket as error:
            text = f"the broker sent what MQTT does not allow, {error.message}"
            self._give_up(LinkError(text, stage=self._stage, title=error.title))

    def lost(self, error: LinkError | None) -> None:
        """Part of ``base.LinkHandler``."""
        if error is not None and error.stage == "link":
            error.stage = self._stage
        self._cause = self._cause or error
        self._ended.set()
        self._arrived.set()

    def pause_writing(self) -> None:
        """Part of ``base.LinkHandler``: what is written here is small."""

    def resume_writing(self) -> None:
        """Part of ``base.LinkHandler``."""

    def _give_up(self, cause: LinkError) -> None:
        self._cause = self._cause or cause
        self._arrived.set()
        if self._link is not None:
            self._link.abort()

    def _take(self, packet: Packet) -> None:
        if isinstance(packet, Disconnect):
            self._cause = self._cause or refusals.disconnected(packet.reason, packet.properties)
        elif isinstance(packet, Pubrel):
            self.send(Pubcomp(packet.packet_id))
        elif isinstance(packet, Publish) and packet.qos:
            self.send((Puback if packet.qos == 1 else Pubrec)(packet.packet_id))
        self._packets.append(packet)
        self._arrived.set()

    # Speaking

    async def open(self, on_stage: OnStage = lambda _: None) -> None:
        """Open the link. Raises ``LinkError``."""
        self._link = await open_link(self._resolved, self, on_stage, self._traffic)

    def send(self, packet: Packet) -> None:
        """Write one packet."""
        self.write(encode(packet, self.version))

    def write(self, data: bytes) -> None:
        """Write whole packets."""
        self.link.write(data)

    async def connect(self, client_id: str, *, keepalive: int | None = None) -> Connack:
        """CONNECT with a new session that ends with the connection (MQTT 5.0 §3.1), without the will.

        Raises ``LinkError`` for a refusal, for anything that is no CONNACK, and for none in time.
        """
        profile = self._resolved.profile
        options.check_connect(profile, client_id)
        username, password = options.credentials(profile)
        proving = authentication_of(profile) if self.version >= 5 else None
        if proving is not None:
            proving.attach(self.send, self._give_up)
        self.send(
            Connect(
                client_id,
                self.version,
                clean_start=True,
                keepalive=options.keepalive_of(profile) if keepalive is None else keepalive,
                username=username,
                password=None if password is None else password.encode(),
                properties=self._properties(proving),
            )
        )
        answer = await self._admitted(proving)
        if answer.reason:
            raise refusals.connack_refused(answer.reason, self.version, answer.properties)
        if proving is not None and (impostor := proving.connack(answer)) is not None:
            raise impostor
        self.connack = answer
        return answer

    def _properties(self, proving: Authentication | None) -> Properties:
        """The properties of CONNECT; the session is to end with the connection."""
        if self.version < V5:
            return {}
        first = None if proving is None else proving.first
        raw = options.connect_properties(self._resolved.profile, first)
        found = decode_properties(raw, PacketType.CONNECT)
        found.pop("session_expiry_interval", None)
        return found

    async def _admitted(self, proving: Authentication | None) -> Connack:
        """CONNACK, after any AUTH there and back (MQTT 5.0 §4.12)."""
        while True:
            answer = await self.wait(lambda packet: isinstance(packet, Connack | Auth), "CONNACK")
            if isinstance(answer, Connack):
                return answer
            assert isinstance(answer, Auth)
            if proving is None:
                text = "the broker goes on with AUTH, though no method was named"
                raise LinkError(text, stage="mqtt", title="Protocol error")
            try:
                proving.auth(answer)
            except MalformedPacket as error:
                raise LinkError(error.message, stage="mqtt", title=error.title) from None

    async def subscribe(self, topic_filter: str, qos: int = 0, **more: int) -> Suback:
        """SUBSCRIBE to one filter (MQTT 5.0 §3.8). ``more``: ``identifier``, ``retain_handling``."""
        number = self._next()
        found = {"subscription_identifier": more["identifier"]} if "identifier" in more else {}
        asked = Subscription(topic_filter, qos, retain_handling=more.get("retain_handling", 0))
        self.send(Subscribe(number, (asked,), found))
        return await self._answer(Suback, number)

    async def publish(self, topic: str, payload: bytes, qos: int, *, retain: bool = False) -> int:
        """PUBLISH and its whole flow (MQTT 5.0 §4.3); returns the reason code, 0 where there is none."""
        number = self._next() if qos else 0
        self.send(Publish(topic, payload, qos, retain, packet_id=number))
        if qos == 0:
            return 0
        if qos == 1:
            return (await self._answer(Puback, number)).reason
        received = await self._answer(Pubrec, number)
        if received.reason >= 0x80:
            return received.reason
        self.send(Pubrel(number))
        return (await self._answer(Pubcomp, number)).reason or received.reason

    async def message(self, topic: str, payload: bytes) -> Publish:
        """Wait for a message, for ``MESSAGE_SECONDS`` at most: it may be one that never comes."""
        found = await self.wait(
            lambda packet: isinstance(packet, Publish) and (packet.topic, packet.payload) == (topic, payload),
            "the message",
            min(self._seconds, MESSAGE_SECONDS),
        )
        assert isinstance(found, Publish)
        return found

    def has_retained(self, topic: str, payload: bytes) -> bool:
        """Whether a retained message has come."""
        return any(
            isinstance(packet, Publish)
            and (packet.topic, packet.payload, packet.retain) == (topic, payload, True)
            for packet in self._packets
        )

    async def ping(self) -> None:
        """PINGREQ and PINGRESP (MQTT 5.0 §3.12): whatever was sent before has been read by then."""
        self.send(Pingreq())
        await self.wait(lambda packet: isinstance(packet, Pingresp), "PINGRESP")

    async def hear_out(self) -> LinkError | None:
        """Say nothing; returns why the link ended, None when it still stands after ``seconds``."""
        try:
            async with asyncio.timeout(self._seconds):
                await self._ended.wait()
        except TimeoutError:
            return None
        return self._cause

    async def goodbye(self) -> None:
        """DISCONNECT, which also ends the session, and close the link."""
        if self._link is None:
            return
        if self.alive and self.connack is not None:
            self.send(Disconnect())
        self._link.close()
        try:
            async with asyncio.timeout(GOODBYE_SECONDS):
                await self._ended.wait()
        except TimeoutError:
            self._link.abort()

    # Listening

    def _next(self) -> int:
        self._number += 1
        return self._number

    async def _answer(self, kind: type[P], number: int) -> P:
        found = await self.wait(
            lambda packet: isinstance(packet, kind) and getattr(packet, "packet_id", 0) == number,
            kind.type.name,
        )
        assert isinstance(found, kind)
        return found

    async def wait(self, wanted: Callable[[Packet], bool], what: str, seconds: float | None = None) -> Packet:
        """The first packet like this, also one that came before. Raises ``LinkError``."""
        limit = self._seconds if seconds is None else seconds
        try:
            async with asyncio.timeout(limit):
                while True:
                    for packet in self._packets:
                        if wanted(packet):
                            self._packets.remove(packet)
                            return packet
                    if self._cause is not None or self._ended.is_set():
                        raise self._why()
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            raise self._late(what, limit) from None

    @property
    def _stage(self) -> str:
        return "mqtt" if self.connack is None else "link"

    def _late(self, what: str, seconds: float) -> LinkError:
        waiting = self.connack is None
        return LinkError(
            f"no {what} within {seconds:g} s".replace("no the", "not the"),
            stage=self._stage,
            title="No answer to CONNECT" if waiting else "No answer",
            hint="is this the port of an MQTT broker?" if waiting else "",
        )

    def _why(self) -> LinkError:
        address = self._endpoint.authority
        if self._cause is not None:
            return self._cause
        if self.connack is None:
            found = explain_first_bytes(self._first, self._endpoint)
            if found is not None:
                return found
            text, title = f"{address} closed the connection before CONNACK", "Closed before CONNACK"
        else:
            text, title = f"{address} closed the connection", "Closed by the broker"
        return LinkError(text, stage=self._stage, title=title, hint="the broker's log says why")


@asynccontextmanager
async def talking(plan: Plan, version: int, client_id: str = "") -> AsyncIterator[Talk]:
    """A connection of its own, connected, and closed in good order. Raises ``LinkError``."""
    talk = Talk(plan.at(version), version, plan.seconds)
    try:
        await talk.open()
        await talk.connect(client_id or plan.client_id())
        yield talk
    finally:
        await talk.goodbye()
