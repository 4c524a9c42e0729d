"""The one place that touches private names of aiomqtt and paho.

``check`` compares the names and signatures used here with the installed packages, so that an
upgrade fails at start with a sentence and not in the middle of a connection with a traceback.
"""

from __future__ import annotations

import asyncio
import inspect
import math
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import aiomqtt
from paho.mqtt import client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.profile import Subscription
from mqttx_tui.session.packed import Granted, PackedProperties

_CALLBACK = "self client userdata "
_METHODS: tuple[tuple[type, str, str], ...] = (
    (aiomqtt.Client, "_on_connect", _CALLBACK + "flags reason_code properties"),
    (aiomqtt.Client, "_on_disconnect", _CALLBACK + "flags reason_code properties"),
    (aiomqtt.Client, "_on_subscribe", _CALLBACK + "mid reason_codes properties"),
    (aiomqtt.Client, "_on_unsubscribe", _CALLBACK + "mid reason_codes properties"),
    (aiomqtt.Client, "_on_socket_open", _CALLBACK + "sock"),
    (aiomqtt.Client, "_on_socket_close", _CALLBACK + "sock"),
    (aiomqtt.Client, "_on_socket_register_write", _CALLBACK + "sock"),
    (aiomqtt.Client, "_on_socket_unregister_write", _CALLBACK + "sock"),
    (aiomqtt.Client, "_misc_loop", "self"),
    (aiomqtt.Client, "_client_connect", "self"),
    (paho.Client, "_sock_recv", "self bufsize"),
    (paho.Client, "_packet_read", "self"),
    (paho.Client, "_send_pingreq", "self"),
    (paho.Client, "_messages_reconnect_reset_out", "self"),
    (paho.Client, "_update_inflight", "self"),
)
_CONSTANTS = ("mqtt_ms_publish", "mqtt_ms_queued", "mqtt_ms_resend_pubrel", "mqtt_ms_wait_for_pubcomp")
_OURS = (
    "_client",
    "_loop",
    "_connected",
    "_disconnected",
    "_hostname",
    "_port",
    "_keepalive",
    "_clean_start",
    "_properties",
    "_pending_subscribes",
    "_pending_unsubscribes",
    "_misc_task",
)
_PAHO = (
    "_protocol",
    "_sock",
    "_registered_write",
    "_out_messages",
    "_max_inflight_messages",
    "_last_bytes_received",
    "_keepalive",
)
_PAHO_BELOW_5 = ("_clean_session",)


class StackMismatchError(AppError):
    """The installed aiomqtt or paho is not what the session was built on."""


def check() -> None:
    """Compare every method used with the installed packages. Raises ``StackMismatchError``."""
    for owner, name, expected in _METHODS:
        method = getattr(owner, name, None)
        found = " ".join(inspect.signature(method).parameters) if callable(method) else "nothing"
        if found != expected:
            raise _mismatch(f"{owner.__module__}.{name} takes ({found}), not ({expected})")
    for name in _CONSTANTS:
        if not hasattr(paho, name):
            raise _mismatch(f"paho.mqtt.client.{name} is gone")


def _mismatch(detail: str) -> StackMismatchError:
    return StackMismatchError(
        f"aiomqtt or paho-mqtt has changed: {detail}",
        title="Unknown version of aiomqtt or paho-mqtt",
        hint="install aiomqtt 2.5.1 and paho-mqtt 2.2.0",
    )


class LinkEndedError(aiomqtt.MqttError):
    """What pending calls of aiomqtt end with when the link does."""


@dataclass(slots=True)
class Entry:
    """How to enter the connection this time. ``clean_start`` is Clean Session below version 5."""

    host: str
    transport_port: int
    keepalive: int
    clean_start: bool
    username: str | None
    password: str | None = field(repr=False)
    properties: bytes


class StackClient(aiomqtt.Client):
    """aiomqtt's client with its reading taken out, and its private parts behind plain methods.

    A subclass implements ``socket_opened``, ``accepted``, ``socket_closed`` and ``tick``. What is read
    for paho goes through ``feed``: nothing ever reads its socket.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        below_5 = () if self._client._protocol == paho.MQTTv5 else _PAHO_BELOW_5
        for owner, names in ((self, _OURS), (self._client, _PAHO + below_5)):
            for name in names:
                if not hasattr(owner, name):
                    raise _mismatch(f"{type(owner).__module__}.{name} is gone")
        self._feed = bytearray()
        self._fed = 0
        self._feed_ended = False
        self._client._sock_recv = self._take_fed  # type: ignore[method-assign]
        self._client._max_inflight_messages = 0
        self._client.suppress_exceptions = False
        self._thread = threading.get_ident()
        self._watching = False
        self._entered = self._disconnected

    # What a subclass implements.

    def socket_opened(self) -> None:
        """paho holds its end of the private socket: packets may be fed."""
        raise NotImplementedError

    def accepted(self, session_present: bool) -> None:
        """CONNACK 0 was seen."""
        raise NotImplementedError

    def socket_closed(self) -> None:
        """paho closed its end of the private socket."""
        raise NotImplementedError

    def tick(self) -> float | None:
        """Look after keepalive; returns seconds until the next look, None to stop."""
        raise NotImplementedError

    # Entering and leaving.

    def prepare(self, entry: Entry) -> None:
        """Make ready to be entered, for the first time or again (aiomqtt resets nothing itself)."""
        for message in self._client._out_messages.values():
            # After an attempt without CONNACK paho would send PUBLISH for these: a second message.
            if message.state == paho.mqtt_ms_resend_pubrel:
                message.state = paho.mqtt_ms_wait_for_pubcomp
        self._connected = self._loop.create_future()
        self._disconnected = self._entered = self._loop.create_future()
        self._hostname = entry.host
        self._port = entry.transport_port
        self._keepalive = entry.keepalive
        self._client.username_pw_set(entry.username, entry.password)
        self._feed.clear()
        self._fed = 0
        self._feed_ended = False
        if self._client._protocol == paho.MQTTv5:
            self._clean_start = entry.clean_start
            self._properties = PackedProperties(PacketTypes.CONNECT, entry.properties)
        else:
            self._client._clean_session = entry.clean_start

    def fail_connect(self, reason: str) -> None:
        """End a pending ``__aenter__`` at once (it may never be cancelled)."""
        if not self._connected.done():
            self._connected.set_exception(LinkEndedError(reason))

    def fail_pending(self) -> None:
        """End pending subscribe and unsubscribe calls (aiomqtt lets them wait for ever)."""
        for future in self._pending_subscribes.values():
            if not future.done():
                future.set_exception(LinkEndedError("the link was lost"))
        for event in self._pending_unsubscribes.values():
            event.set()

    async def leave(self) -> None:
        """After paho closed its socket: retrieve what aiomqtt's futures hold, and free its lock.

        When a connection ends before ``__aenter__`` has returned, aiomqtt replaces the future.
        """
        for future in (self._entered, self._disconnected):
            if not future.done():
                future.set_result(None)
            elif not future.cancelled():
                future.exception()
        await self.__aexit__(None, None, None)

    @property
    def socket_open(self) -> bool:
        """Whether paho holds a socket."""
        return self._client._sock is not None

    def disconnect_with(self, reason: int, properties: bytes = b"") -> None:
        """Send DISCONNECT; reason and properties travel in version 5 only. paho then closes its socket."""
        if self._client._protocol == paho.MQTTv5 and (reason or properties):
            try:
                code = ReasonCode(PacketTypes.DISCONNECT, identifier=reason)
            except (KeyError, ValueError):
                code = ReasonCode(PacketTypes.DISCONNECT, identifier=0x82)
            packed = PackedProperties(PacketTypes.DISCONNECT, properties) if properties else None
            self._client.disconnect(code, packed)
        else:
            self._client.disconnect()

    # Reading.

    def feed(self, packet: bytes) -> None:
        """Let paho read one whole packet."""
        self._feed += packet
        while self._fed < len(self._feed) and self._client._sock is not None:
            self._client.loop_read()
        self._feed.clear()
        self._fed = 0

    def feed_end(self) -> None:
        """Let paho read the end of the stream: it closes its socket."""
        self._feed_ended = True
        self._client.loop_read()

    def _take_fed(self, bufsize: int) -> bytes:
        if self._fed >= len(self._feed):
            if self._feed_ended:
                return b""
            raise BlockingIOError
        chunk = bytes(self._feed[self._fed : self._fed + bufsize])
        self._fed += len(chunk)
        return chunk

    def heard(self) -> None:
        """Keep paho's time of the last byte in."""
        self._client._last_bytes_received = time.monotonic()

    # Writing.

    def hand_over(self, topic: str, payload: bytes, qos: int, retain: bool, properties: bytes | None) -> int:
        """Give a PUBLISH to paho; returns its packet identifier. QoS 1 and 2 are kept by paho until
        acknowledged, and sent again on the next connection."""
        packed = PackedProperties(PacketTypes.PUBLISH, properties) if properties else None
        while True:
            info = self._client.publish(topic, payload, qos, retain, packed)
            if info.rc != paho.MQTT_ERR_QUEUE_SIZE:  # else this identifier is still in use
                return int(info.mid)

    async def ask(self, subscription: Subscription, properties: bytes) -> tuple[int, str]:
        """SUBSCRIBE; returns SUBACK's reason code and reason string. Raises ``MqttError`` on a loss."""
        if self._client._protocol != paho.MQTTv5:
            answer = await self.subscribe(subscription.filter, subscription.qos, timeout=math.inf)
        else:
            options = SubscribeOptions(
                subscription.qos,
                subscription.no_local,
                subscription.retain_as_published,
                subscription.retain_handling,
            )
            packed = PackedProperties(PacketTypes.SUBSCRIBE, properties)
            answer = await self.subscribe(subscription.filter, 0, options, packed, timeout=math.inf)
        code = answer[0]
        return code if isinstance(code, int) else code.value, getattr(answer, "text", "")

    async def end(self, topic_filter: str, properties: bytes) -> None:
        """UNSUBSCRIBE; returns after UNSUBACK or the link's end. Raises ``MqttError`` on a loss."""
        packed = None
        if self._client._protocol == paho.MQTTv5 and properties:
            packed = PackedProperties(PacketTypes.UNSUBSCRIBE, properties)
        await self.unsubscribe(topic_filter, packed, timeout=math.inf)

    def ping(self) -> None:
        """Send PINGREQ now."""
        self._client._send_pingreq()

    @property
    def keepalive_in_force(self) -> int:
        """Seconds: the broker's Server Keep Alive where it gave one."""
        return int(self._client._keepalive)

    # Outgoing messages that paho holds.

    def limit_resending(self, receive_maximum: int) -> None:
        """Before CONNACK is fed: hold back what exceeds Receive Maximum (paho would send it all).

        PUBREL of flows that are half done go first; what is held back follows acknowledgements.
        """
        messages = self._client._out_messages
        # A limit makes paho go through all its messages at every acknowledgement.
        self._client._max_inflight_messages = receive_maximum if len(messages) > receive_maximum else 0
        held = [message for message in messages.values() if message.state != paho.mqtt_ms_resend_pubrel]
        room = receive_maximum - (len(messages) - len(held))
        for position, message in enumerate(held):
            messages.move_to_end(message.mid)
            message.state = paho.mqtt_ms_publish if position < room else paho.mqtt_ms_queued

    def start_flows_anew(self) -> int:
        """Before CONNACK is fed, when the broker has no session: PUBREL of a flow that it does not
        know would end nothing, so the message is sent again. Returns how many those are."""
        half_done = 0
        for message in self._client._out_messages.values():
            message.dup = False
            if message.state == paho.mqtt_ms_resend_pubrel:
                message.state = paho.mqtt_ms_publish
                half_done += 1
        return half_done

    # aiomqtt's callbacks.

    def _on_connect(
        self, client: Any, userdata: Any, flags: Any, reason_code: Any, properties: Any = None
    ) -> None:
        if self._connected.done():
            return
        super()._on_connect(client, userdata, flags, reason_code, properties)
        if reason_code == 0:
            self.accepted(bool(flags.session_present))

    def _on_subscribe(
        self, client: Any, userdata: Any, mid: int, reason_codes: Any, properties: Any = None
    ) -> None:
        if mid not in self._pending_subscribes:
            return
        granted = Granted(reason_codes)
        granted.text = str(getattr(properties, "ReasonString", ""))
        super()._on_subscribe(client, userdata, mid, granted, properties)

    def _on_unsubscribe(
        self, client: Any, userdata: Any, mid: int, reason_codes: Any, properties: Any = None
    ) -> None:
        if mid in self._pending_unsubscribes:
            super()._on_unsubscribe(client, userdata, mid, reason_codes, properties)

    def _on_socket_open(self, client: Any, userdata: Any, sock: Any) -> None:
        def begin() -> None:
            if sock.fileno() != -1:
                self.socket_opened()

        self._on_loop(begin)

    def _on_socket_close(self, client: Any, userdata: Any, sock: Any) -> None:
        if self._misc_task is not None:
            self._misc_task.cancel()
        self.socket_closed()

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:
        def soon() -> None:
            self._loop.call_soon(self._write, sock)

        self._on_loop(soon)

    def _write(self, sock: Any) -> None:
        """Write once; only what the socket does not take at once is worth watching it for."""
        current: Any = self._client._sock
        if sock is None or sock is not current:
            return
        self._client.loop_write()
        if self._client._registered_write and sock.fileno() != -1:
            self._loop.add_writer(sock.fileno(), self._client.loop_write)
            self._watching = True

    def _on_socket_unregister_write(self, client: Any, userdata: Any, sock: Any) -> None:
        if self._watching and sock.fileno() != -1:
            self._loop.remove_writer(sock.fileno())
        self._watching = False

    def _on_loop(self, call: Any) -> None:
        """paho connects in an executor's thread and calls back from there."""
        if threading.get_ident() == self._thread:
            call()
        else:
            self._loop.call_soon_threadsafe(call)

    def start_ticking(self) -> None:
        """Begin to look after keepalive, once connected."""
        self._misc_task = self._loop.create_task(self._misc_loop())

    async def _misc_loop(self) -> None:
        while (pause := self.tick()) is not None:  # noqa: ASYNC110
            await asyncio.sleep(pause)
