"""The engine in this process: connections above, one capture below."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mqttx_tui.capture.limits import Limits, default_limits
from mqttx_tui.capture.writer import CaptureWriter
from mqttx_tui.engine.api import Ask, EngineListener
from mqttx_tui.engine.connection import Connection, shown_address
from mqttx_tui.engine.redaction import Redaction
from mqttx_tui.engine.shortfall import Shortfall
from mqttx_tui.model.close_codes import check_close
from mqttx_tui.model.errors import AppError, InputError
from mqttx_tui.model.handshake import Handshake
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.model.state import ConnectionSnapshot, EngineCounters, SubscriptionState
from mqttx_tui.session.base import Delivery, Sink
from mqttx_tui.session.options import check_leaving

COUNTERS_SECONDS, IDLE_COUNTERS_SECONDS = 0.2, 0.5
"""Counters are looked at so often while something changes, and after ``IDLE_LOOKS`` without a change."""
IDLE_LOOKS = 15
CLOSE_SECONDS = 1.0
"""How long the orderly end of a connection may take before its link is dropped."""
WrapSink = Callable[[int, Sink], Sink]
"""Given a connection and its entry to the capture: what its session writes to instead."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class LocalEngine:
    """Implements ``engine.api.Engine``; make it inside a running event loop.

    ``path`` is the capture file. A private capture (``kept`` False) is deleted at ``shutdown``
    unless told otherwise. ``ask`` fetches what only a person knows.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        listener: EngineListener,
        ask: Ask,
        kept: bool = False,
        limits: Limits | None = None,
        wrap: WrapSink | None = None,
    ) -> None:
        self._path = str(path)
        self._listener = listener
        self._ask = ask
        self._kept = kept
        self._limits = limits or default_limits(Path(path).absolute().parent)
        self.writer = CaptureWriter(self._path, limits=self._limits, kept=kept, redact=Redaction())
        self._wrap = wrap
        self._connections: dict[int, Connection] = {}
        self._sinks: dict[int, Sink] = {}
        self._by_key: dict[str, int] = {}
        self._letters_taken: set[str] = set()
        """Letters of connections that are gone and left messages."""
        self._names: dict[int, str] = {}
        self._shortfall = Shortfall(self._short, self.writer.counters())
        self._counted: EngineCounters | None = None
        self._counting = asyncio.create_task(self._count(), name="counters")
        self._closed = False

    @property
    def capture_path(self) -> str:
        """Path of the capture file."""
        return self._path

    def snapshots(self) -> list[ConnectionSnapshot]:
        """Every connection as it stands."""
        return [connection.snapshot for connection in self._connections.values()]

    def counted(self) -> EngineCounters:
        """The counters as they stand, with the bytes that went over each link."""
        counters = self.writer.counters()
        connections = dict(counters.connections)
        for ident, connection in self._connections.items():
            traffic = connection.traffic
            if ident in connections:
                connections[ident] = replace(
                    connections[ident],
                    bytes_in=traffic.bytes_in,
                    bytes_out=traffic.bytes_out,
                    paused_seconds=traffic.paused_seconds,
                )
        return replace(counters, connections=connections)

    async def _count(self) -> None:
        same = 0
        while True:
            await asyncio.sleep(COUNTERS_SECONDS if same < IDLE_LOOKS else IDLE_COUNTERS_SECONDS)
            counters = self.counted()
            self._shortfall.look(counters, self._names, time.monotonic())
            same += 1
            if counters != self._counted:
                same = 0
                self._counted = counters
                self._listener.counters(counters)

    def _short(self, connection: int, text: str) -> None:
        """The engine did less than it should: people are told, and the capture keeps it."""
        self.writer.event(connection, "shortfall", text)
        self._listener.notice("warning", text)

    async def connect(self, profile: Profile, *, literals: tuple[str, ...] = ()) -> int:
        """Start a connection, or restart the one with the same key; returns its id at once."""
        ident = self._by_key.get(profile.key)
        if ident is None:
            ident = self._enter(profile)
        else:
            self.writer.set_exclude(ident, profile.exclude)
        connection = self._connections[ident]
        if connection.hurry(profile, literals):
            return ident
        try:
            connection.start(profile, literals, self._sinks[ident])
        except AppError:
            if not connection.started:
                del self._connections[ident], self._by_key[profile.key]
            raise
        await connection.restore()
        return ident

    def _enter(self, profile: Profile) -> int:
        letter = self._free_letter()
        ident = self.writer.connection(
            name=profile.label,
            letter=letter,
            url=shown_address(profile)[0],
            protocol=profile.protocol,
            color=profile.color,
        )
        connection = Connection(ident, letter, self._ask, self._listener.state, self._listener.notice)
        sink: Sink = self.writer.sink(ident, exclude=profile.exclude, secrets=connection.secrets)
        self._names[ident] = profile.label
        self._sinks[ident] = sink if self._wrap is None else self._wrap(ident, sink)
        self._connections[ident] = connection
        self._by_key[profile.key] = ident
        return ident

    def _free_letter(self) -> str:
        """The first that stands neither for a connection nor beside a message."""
        taken = self._letters_taken | {connection.letter for connection in self._connections.values()}
        return next((letter for letter in LETTERS if letter not in taken), "*")

    def _connection(self, ident: int) -> Connection:
        try:
            return self._connections[ident]
        except KeyError:
            raise InputError(f"there is no connection {ident}", title="Unknown connection") from None

    async def disconnect(self, connection: int, *, code: int | None = None, reason: str = "") -> None:
        """Close a connection and stop retrying; its row stays."""
        leaving = self._connection(connection)
        if leaving.snapshot.protocol == "mqtt":
            check_leaving(code, leaving.snapshot.version)
        elif code is not None:
            check_close(code, reason)
        await leaving.stop(code, reason, seconds=CLOSE_SECONDS)

    async def remove(self, connection: int) -> None:
        """Close a connection and forget it; its messages stay."""
        leaving = self._connection(connection)
        await leaving.stop(seconds=CLOSE_SECONDS)
        del self._connections[connection], self._sinks[connection]
        self._by_key = {key: ident for key, ident in self._by_key.items() if ident != connection}
        counters = self.writer.counters().connections[connection]
        if counters.received or counters.sent:
            self._letters_taken.add(leaving.letter)
        self._listener.removed(connection)

    async def subscribe(self, connection: int, subscription: Subscription) -> SubscriptionState:
        """Subscribe; returns what was granted (``granted`` None while down)."""
        return await self._connection(connection).subscribe(subscription)

    async def unsubscribe(self, connection: int, topic_filter: str) -> None:
        """Unsubscribe."""
        await self._connection(connection).unsubscribe(topic_filter)

    async def publish(self, connection: int, outgoing: Outgoing) -> int:
        """Send or queue; returns the message id."""
        return self.deliver(connection, outgoing).message

    def deliver(self, connection: int, outgoing: Outgoing) -> Delivery:
        """Send or queue, and follow what becomes of it."""
        return self._connection(connection).publish(outgoing)

    def resolved(self, connection: int) -> Profile:
        """The profile of the present attempt, filled in; as written before the first one."""
        return self._connection(connection).life.resolved

    async def ping(self, connection: int) -> float:
        """Ping by hand; returns the round trip in ms."""
        return await self._connection(connection).life.session.ping()

    async def authenticate(self, connection: int) -> float:
        """Authenticate again while connected; returns how long it took in ms."""
        return await self._connection(connection).life.session.authenticate()

    async def handshake(self, connection: int) -> Handshake:
        """How the WebSocket below a connection was opened, without secrets."""
        return self._connection(connection).handshake()

    async def drop_queued(self, connection: int) -> int:
        """Forget what is queued and not yet sent; returns how many."""
        return self._connection(connection).life.session.drop_queued()

    async def exclude(self, connection: int, filters: tuple[str, ...]) -> None:
        """Replace the topic filters that are left out of the capture."""
        self._connection(connection)
        self.writer.set_exclude(connection, filters)

    async def limits(self, *, messages: int | None = None, size: int | None = None) -> None:
        """Change retention; ``size`` in bytes."""
        if messages is not None:
            self._limits = replace(self._limits, messages=messages)
        if size is not None:
            self._limits = replace(self._limits, bytes=size)
        self.writer.set_limits(self._limits)

    async def save(self, path: str) -> int:
        """Copy the capture to ``path``; returns the number of messages saved."""
        return await self.writer.save_to(path)

    async def clear(self) -> None:
        """Forget every message; ids go on."""
        self.writer.clear()

    async def shutdown(self, *, keep: bool = False, seconds: float | None = None) -> None:
        """Disconnect all, commit, end. A private capture is deleted unless ``keep``.

        ``seconds`` is how long the peers may take to accept what is still on its way to them.
        """
        if self._closed:
            return
        self._closed = True
        self._counting.cancel()
        limit = CLOSE_SECONDS if seconds is None else seconds
        await asyncio.gather(*(connection.stop(seconds=limit) for connection in self._connections.values()))
        await self.writer.close(delete=not self._kept and not keep)
