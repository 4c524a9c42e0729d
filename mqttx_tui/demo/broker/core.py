"""The broker without its listeners: sessions, routing, wills, time."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Protocol

import mqttx_tui
from mqttx_tui.demo.broker.counters import Counters
from mqttx_tui.demo.broker.limits import Limits
from mqttx_tui.demo.broker.messages import Message
from mqttx_tui.demo.broker.outlet import Outlet
from mqttx_tui.demo.broker.retained import Retained
from mqttx_tui.demo.broker.sender import Sender
from mqttx_tui.demo.broker.sessions import Session
from mqttx_tui.demo.broker.subscriptions import Entry, Target, Tree
from mqttx_tui.wire.packets import Connect, Will

log = logging.getLogger(__name__)

Authenticate = Callable[[Connect], int]
"""A CONNECT's reason code in MQTT 5's numbers: 0, 0x86, 0x87 …; below 5 it is translated."""

Authorise = Callable[[str, str | None, str, str], int]
"""(client id, user name, "publish" or "subscribe", topic or filter) to 0 or a refusal such as 0x87."""


class Conversation(Protocol):
    """A connection, as the core sees it."""

    outlet: Outlet
    deadline: float | None

    def take_over(self) -> None:
        """Another client came with the same id."""

    def timed_out(self) -> None:
        """Nothing came in time."""

    def shut_down(self, reason: int) -> None:
        """The broker stops."""


class Core:
    """Everything that connections share. Times are the loop's clock."""

    def __init__(
        self,
        limits: Limits,
        authenticate: Authenticate | None,
        authorise: Authorise | None,
        users: Mapping[str, str] | None = None,
    ) -> None:
        """``users`` maps names to passwords, for SCRAM."""
        self.limits = limits
        self.users = users
        self.authenticate = authenticate
        self.authorise = authorise
        self.counters = Counters()
        self.sessions: dict[str, Session] = {}
        self.conversations: dict[str, Conversation] = {}
        self.open: set[Conversation] = set()
        self.transports: set[asyncio.Transport] = set()
        self.idle = asyncio.Event()
        self.tree: Tree[Session] = Tree()
        self.retained = Retained(limits.retained_messages)
        self._unflushed: list[Outlet] = []
        self._loop = asyncio.get_running_loop()
        self._started = time.monotonic()
        self._next_sys = 0.0

    def now(self) -> float:
        """The loop's clock, in seconds."""
        return self._loop.time()

    def soon(self, outlet: Outlet) -> None:
        """Flush ``outlet`` when this loop iteration's work is done."""
        if not self._unflushed:
            self._loop.call_soon(self._flush)
        self._unflushed.append(outlet)

    def _flush(self) -> None:
        outlets, self._unflushed = self._unflushed, []
        for outlet in outlets:
            outlet.flush()

    def allowed(self, session: Session, action: str, topic: str) -> int:
        """0, or why the client may not publish to or subscribe to ``topic``."""
        if self.authorise is None:
            return 0
        return self.authorise(session.client_id, session.username, action, topic)

    # sessions

    def assigned_id(self) -> str:
        """A client id that nobody has."""
        return f"auto-{secrets.token_hex(8)}"

    def open_session(self, connect: Connect, client_id: str) -> tuple[Session, bool]:
        """The session for a CONNECT, and whether it was there before; takes over a connected one."""
        conversation = self.conversations.get(client_id)
        if conversation is not None:
            conversation.take_over()
        session = self.sessions.get(client_id)
        if session is not None and not connect.clean_start:
            return session, True
        if session is not None:
            self.end_session(session)
        session = Session(client_id, self.counters, self.limits.session_messages)
        self.sessions[client_id] = session
        return session, False

    def attach(self, session: Session, conversation: Conversation, sender: Sender) -> None:
        """``conversation`` now speaks for ``session``; what waits for it is sent."""
        self.conversations[session.client_id] = conversation
        session.attach(sender, self.now())

    def detach(self, session: Session, *, publish_will: bool) -> None:
        """The connection ended: the will, now or later, and the session's end, now or later."""
        self.conversations.pop(session.client_id, None)
        session.detach()
        now = self.now()
        will = session.will
        if will is None or not publish_will:
            session.will = None
        else:
            delay = min(float(will.properties.get("will_delay_interval", 0)), session.expiry)
            session.will_at = now + delay
        if not session.expiry:
            self.end_session(session)
            return
        session.ends_at = now + session.expiry
        self._due(session, now)

    def end_session(self, session: Session) -> None:
        """Forget a session; a will that still waits is published (MQTT 5.0 §3.1.3.2.2)."""
        for topic_filter in list(session.subscriptions):
            self.tree.remove(topic_filter, session)
        session.subscriptions.clear()
        if self.sessions.get(session.client_id) is session:
            del self.sessions[session.client_id]
        if session.will_at is not None:
            self._publish_will(session)

    def _publish_will(self, session: Session) -> None:
        will, session.will, session.will_at = session.will, None, None
        if will is not None and not self.allowed(session, "publish", will.topic):
            self.publish(_will_message(will, session.client_id, self.now()))

    def _due(self, session: Session, now: float) -> None:
        if session.will_at is not None and session.will_at <= now:
            self._publish_will(session)
        if session.ends_at is not None and session.ends_at <= now:
            self.end_session(session)

    # messages

    def publish(self, message: Message) -> int:
        """Store when retained, and route; returns how many sessions it goes to."""
        if message.retain and not self.retained.store(message):
            self.counters.dropped += 1
        matches = self.tree.match(message.topic)
        now = self.now()
        receivers = 0
        for target in matches.targets:
            receivers += self._give(message, target, now)
        for group in matches.groups:
            member = group.next()
            if member is not None:
                receivers += self._give(message, member, now)
        return receivers

    def _give(self, message: Message, target: Target[Session], now: float) -> bool:
        if target.session.client_id == message.origin:
            if target.local is None:
                return False
            target = target.local
        retain = message.retain and target.retain_as_published
        target.session.deliver(message, min(message.qos, target.qos), retain, target.identifiers, now)
        return True

    def subscribe(self, session: Session, topic_filter: str, entry: Entry) -> bool:
        """Add or replace a subscription; returns whether it is new."""
        session.subscriptions[topic_filter] = entry
        return self.tree.add(topic_filter, session, entry)

    def send_retained(self, session: Session, topic_filter: str, entry: Entry) -> None:
        """What a new subscription gets first; shared ones get none (MQTT 5.0 §4.8.2)."""
        if topic_filter.startswith("$share/"):
            return
        now = self.now()
        identifiers = (entry.identifier,) if entry.identifier else ()
        for message in self.retained.matching(topic_filter, now):
            if not (entry.no_local and message.origin == session.client_id):
                session.deliver(message, min(message.qos, entry.qos), True, identifiers, now)

    def unsubscribe(self, session: Session, topic_filter: str) -> bool:
        """Returns whether there was such a subscription."""
        session.subscriptions.pop(topic_filter, None)
        return self.tree.remove(topic_filter, session)

    # time

    def tick(self) -> None:
        """Keepalive, wills, session ends and ``$SYS``, for now."""
        now = self.now()
        for conversation in list(self.open):
            if conversation.deadline is not None and conversation.deadline <= now:
                conversation.timed_out()
        for session in list(self.sessions.values()):
            if not session.online:
                self._due(session, now)
        if now >= self._next_sys:
            self._next_sys = now + self.limits.sys_interval
            self._publish_sys()

    def _publish_sys(self) -> None:
        counters = self.counters
        values = {
            "version": f"mqttx-tui {mqttx_tui.__version__}",
            "uptime": f"{time.monotonic() - self._started:.0f} seconds",
            "clients/connected": len(self.conversations),
            "clients/total": len(self.sessions),
            "messages/received": counters.received,
            "messages/sent": counters.sent,
            "publish/messages/dropped": counters.dropped,
            "bytes/received": counters.bytes_received,
            "subscriptions/count": self.tree.count,
            "retained messages/count": len(self.retained),
        }
        for name, value in values.items():
            self.publish(Message(f"$SYS/broker/{name}", str(value).encode(), retain=True))


def _will_message(will: Will, client_id: str, now: float) -> Message:
    return Message(
        will.topic,
        will.payload,
        qos=will.qos,
        retain=will.retain,
        properties=will.properties,
        origin=client_id,
        now=now,
    )
