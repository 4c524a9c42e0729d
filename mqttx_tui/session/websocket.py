"""Raw WebSocket sessions: frames instead of topics (RFC 6455)."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from mqttx_tui.model.close_codes import NORMAL, check_close
from mqttx_tui.model.errors import InputError, LinkError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Resolved, Subscription
from mqttx_tui.model.state import SubscriptionState
from mqttx_tui.session.base import Capabilities, Connected, Delivery, Fate, Observer, Sink, Traffic
from mqttx_tui.session.pinging import answer, not_pinged
from mqttx_tui.session.ws_frames import FrameRows, check_fragments, check_text
from mqttx_tui.session.ws_keepalive import DEAD_AFTER, Keepalive
from mqttx_tui.transport.base import Frame, FrameLink
from mqttx_tui.transport.connect import open_frame_link
from mqttx_tui.transport.failures import failure, is_kind

CLOSE, PONG = 8, 10


class WebSocketSession:
    """``session.base.Session`` for ``protocol = "websocket"``.

    Saved messages are the engine's business, as for every session.
    """

    capabilities = Capabilities(subscribe=False, qos=False, retain=False, properties=False, frames=True)

    def __init__(self, profile: Profile, sink: Sink, observer: Observer) -> None:
        self._profile = profile
        self._sink = sink
        self._observer = observer
        self._rows = FrameRows(sink, profile.topic_from)
        self._link: FrameLink | None = None
        self._keepalive: Keepalive | None = None
        self._ended: asyncio.Future[LinkError | None] | None = None
        self._opening: asyncio.Task[None] | None = None
        self._leaving = False
        self._flushing = False
        self._draining: asyncio.Task[None] | None = None
        self._past = Traffic()
        self._paused = 0.0
        self._paused_at: float | None = None

    @property
    def traffic(self) -> Traffic:
        """Bytes over the link and time spent paused, so far."""
        link = self._link
        running = time.monotonic() - self._paused_at if self._paused_at is not None else 0.0
        return Traffic(
            self._past.bytes_in + (link.bytes_in if link else 0),
            self._past.bytes_out + (link.bytes_out if link else 0),
            self._paused + running,
        )

    async def run(self, resolved: Resolved) -> None:
        """Connect and serve until the link ends; see ``session.base.Session``."""
        self._leaving = False
        self._ended = asyncio.get_running_loop().create_future()
        link = await self._open(resolved)
        if link is None:
            return
        self._link = link
        keepalive = Keepalive(link, resolved.profile.keepalive, self._observer.round_trip)
        self._keepalive = keepalive
        self._observer.connected(Connected("websocket", link.info, keepalive=resolved.profile.keepalive))
        try:
            error = await self._serve(link, keepalive, self._ended)
        finally:
            self._forget(link)
        if error is not None and not self._leaving:
            raise error

    async def _open(self, resolved: Resolved) -> FrameLink | None:
        task = asyncio.current_task()
        assert task is not None
        self._opening = task
        try:
            return await open_frame_link(resolved, self, self._observer.stage, self._rows.wire)
        except asyncio.CancelledError:
            if self._leaving and task.uncancel() == 0:
                return None
            raise
        finally:
            self._opening = None

    async def _serve(
        self, link: FrameLink, keepalive: Keepalive, ended: asyncio.Future[LinkError | None]
    ) -> LinkError | None:
        pings = asyncio.create_task(keepalive.run(), name="websocket keepalive")
        try:
            waiting: list[asyncio.Future[Any]] = [ended, pings]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                return ended.result()
            silent = keepalive.interval * DEAD_AFTER
            return failure("link.silent", peer=link.info.peer, seconds=f"{silent:g}")
        finally:
            pings.cancel()

    def _forget(self, link: FrameLink) -> None:
        self._flush()
        if self._draining is not None:
            self._draining.cancel()
        error = self._ended.result() if self._ended and self._ended.done() else None
        if error is not None and is_kind(error, "ws.too_big"):
            self._sink.too_large()
        elif link.unfinished:
            self._sink.cut_off()
        if self._keepalive is not None:
            self._keepalive.ended()
        self._past = Traffic(self._past.bytes_in + link.bytes_in, self._past.bytes_out + link.bytes_out)
        self._link = self._keepalive = None
        link.abort()

    # FrameHandler

    def frame_received(self, frame: Frame) -> None:
        """Part of ``transport.base.FrameHandler``."""
        if frame.opcode >= CLOSE:
            if frame.opcode == PONG and self._keepalive is not None:
                self._keepalive.pong(frame.payload)
            return
        topic = self._rows.topic_of(frame.payload)
        self._rows.received(frame, topic)
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def lost(self, error: LinkError | None) -> None:
        """Part of ``transport.base.FrameHandler``."""
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(error)

    def pause_writing(self) -> None:
        """Part of ``transport.base.FrameHandler``: frames queue in the link."""

    def resume_writing(self) -> None:
        """Part of ``transport.base.FrameHandler``."""

    def _flush(self) -> None:
        self._flushing = False
        self._rows.flush()
        if self._sink.full and self._draining is None and self._link is not None:
            self._link.pause()
            self._draining = asyncio.create_task(self._drain(self._link), name="websocket drain")
            self._draining.add_done_callback(self._drained)

    async def _drain(self, link: FrameLink) -> None:
        started = self._paused_at = time.monotonic()
        if self._keepalive is not None:
            self._keepalive.reading = False
        try:
            await self._sink.drained()
        finally:
            self._paused_at = None
            self._paused += time.monotonic() - started
        if self._keepalive is not None:
            self._keepalive.reading = True
        link.resume()

    def _drained(self, task: asyncio.Task[None]) -> None:
        self._draining = None
        if not task.cancelled():
            task.result()

    # Session

    async def subscribe(self, subscription: Subscription) -> SubscriptionState:
        """A raw WebSocket knows no subscriptions. Raises ``InputError``."""
        raise _no_subscriptions()

    async def unsubscribe(self, topic_filter: str) -> None:
        """A raw WebSocket knows no subscriptions. Raises ``InputError``."""
        raise _no_subscriptions()

    def publish(self, outgoing: Outgoing) -> Delivery:
        """Send one message; topic, QoS and retain mean nothing here.

        Raises ``InputError`` for text that is not UTF-8 and for too many frames, ``LinkError`` while down.
        """
        check_text(outgoing)
        check_fragments(outgoing)
        size = 0
        if self._link is not None:
            size = self._link.send(outgoing.payload, binary=outgoing.binary, fragments=outgoing.fragments)
        if not size:
            raise failure("link.down", label=self._profile.label)
        message = self._rows.sent(outgoing, size)
        done: asyncio.Future[Fate] = asyncio.get_running_loop().create_future()
        done.set_result(Fate.SENT)
        return Delivery(message, Fate.SENT, done)

    async def ping(self) -> float:
        """See ``session.base.Session``: ping to pong (RFC 6455 §5.5.2)."""
        if self._keepalive is None:
            raise not_pinged(self._profile.label)
        return await answer(self._keepalive.ping().answered, self._profile.label, "pong")

    async def authenticate(self) -> float:
        """See ``session.base.Session``: a raw WebSocket has nothing like it."""
        raise InputError(f"{self._profile.label} is no MQTT connection", title="Cannot authenticate again")

    def drop_queued(self) -> int:
        """Nothing is ever queued."""
        return 0

    async def close(self, code: int | None = None, reason: str = "") -> None:
        """Close with ``code`` (1000 when None) and wait for the end.

        Raises ``InputError`` for a code or reason that may not be sent (RFC 6455 §7.4).
        """
        code = NORMAL if code is None else code
        check_close(code, reason)
        if self._link is not None:
            self._link.close(code, reason)
            self._leaving = True
            if self._ended is not None:
                await asyncio.wait([self._ended])
            return
        self._leaving = True
        if self._opening is not None:
            self._opening.cancel()


def _no_subscriptions() -> InputError:
    return InputError(
        "a WebSocket has no subscriptions: everything that the server sends arrives",
        title="No subscriptions",
        hint='for MQTT over WebSocket: protocol = "mqtt"',
    )
