"""MQTT sessions: one profile's conversation with its broker, over any number of connections."""

from __future__ import annotations

import asyncio
import time

import aiomqtt

from mqttx_tui.model.errors import InputError, LinkError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Resolved, Subscription
from mqttx_tui.model.state import StageReport, SubscriptionState
from mqttx_tui.session import options, refusals
from mqttx_tui.session.authentication import authentication_of, check_again
from mqttx_tui.session.base import Capabilities, Connected, Delivery, Observer, Sink, Traffic
from mqttx_tui.session.client import Client, make_client
from mqttx_tui.session.conversation import Conversation, Setting
from mqttx_tui.session.facts import broker_facts
from mqttx_tui.session.outbox import Outbox
from mqttx_tui.session.pinging import AUTH_SECONDS, answer, not_pinged
from mqttx_tui.session.pump import PrivateListener
from mqttx_tui.session.stack import Entry, check
from mqttx_tui.session.subscriptions import Subscriptions
from mqttx_tui.transport.base import Link
from mqttx_tui.transport.connect import endpoint_of, open_link
from mqttx_tui.wire.packets import PacketType
from mqttx_tui.wire.properties import encode_properties
from mqttx_tui.wire.publishes import Inbound

QUICK_SECONDS = 5.0
QUICK_CLOSES = 3
"""So many closings so soon after CONNACK, running, look like another client with the same id."""

TAKE_OVERS = 2
"""So many, running, and retrying only goes on throwing the other client out."""

TEARDOWN_SECONDS = 2.0


class MqttSession:
    """``session.base.Session`` for MQTT 3.1, 3.1.1 and 5 over aiomqtt.

    One aiomqtt client serves all connections: packet identifiers go on, and what was not
    acknowledged is sent again.
    """

    capabilities = Capabilities(properties=True)

    def __init__(self, profile: Profile, sink: Sink, observer: Observer) -> None:
        check()
        self._profile = profile
        self._sink = sink
        self._observer = observer
        self._outbox = Outbox(sink, observer.queued)
        self._subscriptions = Subscriptions(
            profile.subscriptions, observer, profile.packet_properties.unsubscribe
        )
        self._listener = PrivateListener()
        self._clients: dict[int, Client] = {}
        self._client_id = ""
        self._version = options.version_of(profile)
        self._held: set[int] = set()
        self._was_connected = False
        self._quick_closes = 0
        self._take_overs = 0
        self._speaks_no_5 = False
        self._closing = False
        self._entering: asyncio.Task[bool] | None = None
        self._conversation: Conversation | None = None
        self._opening: asyncio.Task[Link] | None = None
        self._link: Link | None = None
        self._past = Traffic()

    @property
    def traffic(self) -> Traffic:
        """Bytes over the link and time spent paused, so far."""
        if self._link is None or self._conversation is None:
            return self._past
        return Traffic(
            self._past.bytes_in + self._link.bytes_in,
            self._past.bytes_out + self._link.bytes_out,
            self._past.paused_seconds + self._conversation.pump.held_seconds,
        )

    async def run(self, resolved: Resolved) -> None:
        """Connect, serve until the link ends, and raise ``LinkError`` with the true reason.

        Where the version is open, 5 is tried first and 3.1.1 once, when the answer says that the
        broker does not know 5.
        """
        self._client_id = self._client_id or options.client_id_of(resolved.profile)
        options.check_connect(resolved.profile, self._client_id)
        version = self._version or 5
        error = await self._connection(resolved, version)
        if error is not None and self._version is None and self._speaks_no_5:
            self._sink.event("version", f"MQTT 5 was refused ({error.message}); trying 3.1.1")
            error = await self._connection(resolved, 4)
        if error is not None and not self._closing:
            raise error

    async def subscribe(self, subscription: Subscription) -> SubscriptionState:
        """See ``session.base.Session``."""
        return await self._subscriptions.subscribe(subscription)

    async def unsubscribe(self, topic_filter: str) -> None:
        """See ``session.base.Session``."""
        await self._subscriptions.unsubscribe(topic_filter)

    def publish(self, outgoing: Outgoing) -> Delivery:
        """See ``session.base.Session``."""
        self._refuse_read_only()
        options.check_outgoing(outgoing)
        version = self._version or 5
        properties = options.publish_properties(outgoing) if version >= 5 else None
        size = options.wire_size(outgoing, properties, version)
        if not self._outbox.is_open:
            if not outgoing.qos:
                raise LinkError(
                    "not connected: nothing was sent",
                    stage="link",
                    title="Not connected",
                    hint="QoS 1 and 2 are queued until the connection stands again",
                )
        else:
            objection = self._outbox.limits.objection(outgoing, size)
            if objection:
                raise InputError(f"not sent: {objection}", title="The broker would refuse it")
        return self._outbox.add(outgoing, properties, size)

    async def ping(self) -> float:
        """See ``session.base.Session``: PINGREQ to PINGRESP (MQTT 5.0 §3.12)."""
        conversation = self._conversation
        if conversation is None or not conversation.accepted or conversation.finished.done():
            raise not_pinged(self._profile.label)
        return await answer(conversation.ping(), self._profile.label, "PINGRESP")

    async def authenticate(self) -> float:
        """See ``session.base.Session``: AUTH 0x19 and what follows (MQTT 5.0 §4.12.1)."""
        check_again(self._profile)
        conversation = self._conversation
        if conversation is None or not conversation.accepted or conversation.finished.done():
            raise not_pinged(self._profile.label, "AUTH")
        return await answer(conversation.authenticate(), self._profile.label, "AUTH 0x00", AUTH_SECONDS)

    def drop_queued(self) -> int:
        """See ``session.base.Session``."""
        return self._outbox.drop()

    async def close(self, code: int | None = None, reason: str = "") -> None:
        """DISCONNECT, or give up connecting; deliveries that are open end with what is true.

        With code 0x04 the broker publishes the will (MQTT 5.0 §3.14.2.1): ``options.check_leaving``.
        """
        self._closing = True
        if self._opening is not None:
            self._opening.cancel()
        conversation = self._conversation
        if conversation is not None and not conversation.finished.done():
            conversation.leave(code or options.usual_leaving(self._profile))
            await asyncio.wait([conversation.finished], timeout=TEARDOWN_SECONDS)
        self._outbox.close()

    def _refuse_read_only(self) -> None:
        if self._profile.read_only:
            line = f", line {self._profile.read_only_line}" if self._profile.read_only_line else ""
            raise InputError(
                f"{self._profile.label} is read-only (read_only = true in connections.toml{line})",
                title="Read-only",
            )

    # One connection.

    async def _connection(self, resolved: Resolved, version: int) -> LinkError | None:
        """One connection with one version; returns why it ended, None when we left."""
        if self._closing:
            return None
        profile = resolved.profile
        clean = profile.clean_start
        if version >= 5 and self._was_connected and profile.session_expiry > 0:
            clean = False
        setting = Setting(
            self._sink,
            self._observer,
            self._outbox,
            Inbound(
                version,
                self._sink.known,
                self._sink.topic,
                held=self._held,
                alias_maximum=profile.properties.topic_alias_maximum or 0,
                max_packet=options.largest_packet(profile),
            ),
            endpoint_of(profile),
            resuming=not clean,
            parting=encode_properties(profile.packet_properties.disconnect, PacketType.DISCONNECT),
            authentication=authentication_of(profile) if version >= 5 else None,
        )
        conversation = Conversation(setting)
        link = await self._open(resolved, conversation)
        if link is None:
            return None
        self._conversation, self._link = conversation, link
        try:
            await self._converse(conversation, link, resolved, clean)
        finally:
            await self._tear_down(conversation)
        return self._judge(conversation)

    async def _open(self, resolved: Resolved, conversation: Conversation) -> Link | None:
        """The open link; None when ``close`` came in between."""
        opening = self._opening = asyncio.create_task(
            open_link(resolved, conversation.pump, self._observer.stage, tap=conversation.wire)
        )
        try:
            return await opening
        except asyncio.CancelledError:
            opening.cancel()
            task = asyncio.current_task()
            if self._closing and (task is None or not task.cancelling()):
                return None
            raise
        finally:
            self._opening = None

    async def _converse(
        self, conversation: Conversation, link: Link, resolved: Resolved, clean: bool
    ) -> None:
        started = time.perf_counter()
        self._observer.stage(StageReport("mqtt", "running"))
        address = self._listener.open()
        version = conversation.version
        client = self._clients.get(version)
        if client is None:
            client = make_client(resolved.profile, version, self._client_id, address)
            self._clients[version] = client
        client.timeout = resolved.profile.connect_timeout
        username, password = options.credentials(resolved.profile)
        properties = (
            options.connect_properties(resolved.profile, conversation.authentication_data)
            if version >= 5
            else b""
        )
        keepalive = options.keepalive_of(resolved.profile)
        client.prepare(Entry(address.host, address.port, keepalive, clean, username, password, properties))
        conversation.attach(link, client)
        entering = self._entering = asyncio.create_task(_enter(client))
        accepting = asyncio.create_task(self._listener.accept())
        await asyncio.wait((accepting, entering), return_when=asyncio.FIRST_COMPLETED)
        if not accepting.done():
            accepting.cancel()
            raise _not_entered("no connection to the private socket")
        await conversation.pump.serve(accepting.result())
        entered = await asyncio.shield(entering)
        milliseconds = (time.perf_counter() - started) * 1000
        if entered and conversation.accepted:
            self._observer.stage(StageReport("mqtt", "ok", f"MQTT {options.NAMES[version]}", milliseconds))
            await self._serve(conversation, client, link)
            return
        if not conversation.finished.done() and not entered:
            conversation.drop(
                LinkError(
                    f"no CONNACK within {client.timeout:g} s",
                    stage="mqtt",
                    title="No answer to CONNECT",
                    hint="is this the port of an MQTT broker?",
                )
            )
        await asyncio.shield(conversation.finished)

    async def _serve(self, conversation: Conversation, client: Client, link: Link) -> None:
        connack = conversation.connack
        assert connack is not None
        self._version = conversation.version
        self._was_connected = True
        found = connack.properties
        self._observer.connected(self._connected(conversation, client, link))
        if not conversation.finished.done():
            conversation.start_keepalive()
            self._subscriptions.open(
                client,
                conversation.version,
                session_present=connack.session_present,
                identifiers=found.get("subscription_identifier_available") is not False,
            )
            await asyncio.sleep(0)  # SUBSCRIBE goes out before what waits to be published
        if conversation.pump.alive and client.socket_open and not conversation.leaving:
            with_properties = conversation.version >= 5

            def hand_over(outgoing: Outgoing, properties: bytes | None) -> int:
                return client.hand_over(
                    outgoing.topic,
                    outgoing.payload,
                    outgoing.qos,
                    outgoing.retain,
                    properties if with_properties else None,
                )

            self._outbox.open(hand_over, conversation.limits)
        await asyncio.shield(conversation.finished)

    def _connected(self, conversation: Conversation, client: Client, link: Link) -> Connected:
        connack = conversation.connack
        assert connack is not None
        limits = conversation.limits
        assigned = connack.properties.get("assigned_client_identifier")
        return Connected(
            version=options.NAMES[conversation.version],
            info=link.info,
            session_present=connack.session_present,
            client_id=assigned if isinstance(assigned, str) else self._client_id,
            keepalive=float(client.keepalive_in_force),
            receive_maximum=limits.receive_maximum,
            maximum_qos=limits.maximum_qos,
            retain_available=limits.retain_available,
            properties=_raw_properties(conversation),
            broker=broker_facts(connack, conversation.version, options.asked(self._profile)),
        )

    async def _tear_down(self, conversation: Conversation) -> None:
        """Leave nothing behind; runs to its end also when ``run`` is cancelled."""
        await asyncio.shield(asyncio.ensure_future(self._clean_up(conversation)))

    async def _clean_up(self, conversation: Conversation) -> None:
        if conversation.leaving:
            await conversation.pump.part()
        conversation.drop(None)
        self._outbox.shut()
        self._subscriptions.shut()
        self._listener.stop()
        if self._entering is not None:
            await asyncio.wait([conversation.finished], timeout=TEARDOWN_SECONDS)
            conversation.give_up()
            await asyncio.wait([self._entering])
            if self._entering.exception() is not None:
                self._clients.clear()  # aiomqtt's lock is held for ever
            else:
                await conversation.client.leave()
            self._entering = None
        conversation.pump.drop()
        await conversation.pump.closed()
        self._past, self._link = self.traffic, None

    def _judge(self, conversation: Conversation) -> LinkError | None:
        """Why it ended, with what only several connections together tell."""
        error = conversation.explain()
        self._speaks_no_5 = conversation.refuses_version(5)
        lasted = time.monotonic() - (conversation.accepted_at or time.monotonic())
        quick = conversation.version < 5 and conversation.accepted and lasted < QUICK_SECONDS
        if quick and conversation.ended_by_peer and error is not None:
            self._quick_closes += 1
            if self._quick_closes >= QUICK_CLOSES:
                return refusals.probably_taken_over()
        elif conversation.accepted:
            self._quick_closes = 0
        if error is not None and error.code == refusals.TAKEN_OVER:
            self._take_overs += 1
            error.retry = self._take_overs < TAKE_OVERS
        elif conversation.accepted:
            self._take_overs = 0
        if error is not None and not conversation.accepted:
            self._observer.stage(StageReport("mqtt", "failed", error.message))
        return error


async def _enter(client: Client) -> bool:
    """Enter the client; False when the link ended or nothing came. Never cancelled: aiomqtt's lock
    would stay held. Raises ``LinkError`` for what aiomqtt does not foresee."""
    try:
        await client.__aenter__()
    except aiomqtt.MqttError:
        return False
    except Exception as error:
        raise _not_entered(f"{type(error).__name__}: {error}") from error
    return True


def _not_entered(reason: str) -> LinkError:
    return LinkError(
        f"CONNECT could not be sent ({reason})", stage="mqtt", title="CONNECT not sent", retry=False
    )


def _raw_properties(conversation: Conversation) -> bytes | None:
    """The bytes of CONNACK's properties, None where there are none."""
    raw = conversation.connack_raw
    if conversation.version < 5 or len(raw) < 5:
        return None
    body = 2
    while raw[body - 1] >= 0x80:
        body += 1
    start = body + 3
    while raw[start - 1] >= 0x80:
        start += 1
    return raw[start:] or None
