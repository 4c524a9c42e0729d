"""A scripted session without a network, for the tests of everything above sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mqttx_tui.model.errors import InputError, LinkError
from mqttx_tui.model.message import OUTGOING, QUEUED, RETAIN, Outgoing, Row
from mqttx_tui.model.profile import Profile, Resolved, Subscription
from mqttx_tui.model.state import StageReport, SubscriptionState
from mqttx_tui.model.topics import check_filter, check_topic
from mqttx_tui.session.base import Capabilities, Connected, Delivery, Fate, Observer, Sink, Traffic
from mqttx_tui.session.pinging import not_pinged
from mqttx_tui.transport.base import LinkInfo


@dataclass(frozen=True, slots=True)
class Fail:
    """An attempt that ends with this error; ``stage`` reports come before it."""

    error: LinkError
    stages: tuple[StageReport, ...] = ()


@dataclass(frozen=True, slots=True)
class Stand:
    """A connection that stands until ``lose`` or ``close``.

    ``refuse`` maps topic filters to the reason codes with which they are refused; ``acknowledge``
    False leaves what is published without an answer.
    """

    version: str = "5"
    session_present: bool = False
    refuse: tuple[tuple[str, int], ...] = ()
    acknowledge: bool = True
    stages: tuple[StageReport, ...] = ()


Step = Fail | Stand


class FakeSession:
    """``session.base.Session``: the n-th ``run`` plays the n-th step, the last one again after that."""

    def __init__(
        self, profile: Profile, sink: Sink, observer: Observer, steps: Sequence[Step] = (Stand(),)
    ) -> None:
        self.capabilities = Capabilities(properties=True)
        self.runs: list[Resolved] = []
        self.sent: list[Outgoing] = []
        self._profile = profile
        self._sink = sink
        self._observer = observer
        self._steps = tuple(steps)
        self._wanted = {one.filter: one for one in profile.subscriptions}
        self._queue: list[tuple[Outgoing, Delivery]] = []
        self._standing: Stand | None = None
        self._end: asyncio.Future[None] | None = None
        self._closed = False

    @property
    def traffic(self) -> Traffic:
        """Nothing goes over a link."""
        return Traffic()

    @property
    def connected(self) -> bool:
        """Whether a connection stands."""
        return self._standing is not None

    # What a test does to it.

    def receive(self, topic: str, payload: bytes, *, qos: int = 0, retain: bool = False) -> int:
        """A message comes; returns its id (0 when excluded)."""
        ident = self._sink.topic(topic)
        if ident is None:
            self._sink.excluded(1)
            return 0
        flags = qos << 1 | (RETAIN if retain else 0)
        row = Row(self._sink.now(), ident, flags, len(topic) + len(payload) + 4, payload, None)
        return self._sink.messages([row])

    def lose(self, error: LinkError) -> None:
        """The connection ends with this error."""
        if self._end is not None and not self._end.done():
            self._end.set_exception(error)

    # Session.

    async def run(self, resolved: Resolved) -> None:
        """Play the next step."""
        if self._closed:
            return
        self.runs.append(resolved)
        step = self._steps[min(len(self.runs), len(self._steps)) - 1]
        for report in step.stages:
            self._observer.stage(report)
        if isinstance(step, Fail):
            raise step.error
        self._end = asyncio.get_running_loop().create_future()
        self._standing = step
        info = Connected(step.version, LinkInfo("tcp"), step.session_present, self._profile.client_id)
        self._observer.connected(info)
        for subscription in self._wanted.values():
            self._observer.subscription(self._answer(subscription))
        queue, self._queue = self._queue, []
        for outgoing, delivery in queue:
            self._send(outgoing, delivery)
        self._observer.queued(0)
        try:
            await self._end
        finally:
            self._standing = None

    async def subscribe(self, subscription: Subscription) -> SubscriptionState:
        """Granted as the step says."""
        check_filter(subscription.filter)
        self._wanted[subscription.filter] = subscription
        state = self._answer(subscription)
        self._observer.subscription(state)
        return state

    async def unsubscribe(self, topic_filter: str) -> None:
        """Always done."""
        self._wanted.pop(topic_filter, None)
        self._observer.subscription(SubscriptionState(topic_filter, on=False))

    def publish(self, outgoing: Outgoing) -> Delivery:
        """Acknowledged as the step says, queued while down."""
        check_topic(outgoing.topic)
        if self._standing is None and not outgoing.qos:
            raise LinkError("not connected: nothing was sent", stage="link", title="Not connected")
        flags = OUTGOING | outgoing.qos << 1 | (RETAIN if outgoing.retain else 0)
        flags |= 0 if self._standing is not None else QUEUED
        topic = self._sink.topic(outgoing.topic)
        message = 0
        if topic is not None:
            row = Row(self._sink.now(), topic, flags, len(outgoing.payload), outgoing.payload, None)
            message = self._sink.messages([row])
        delivery = Delivery(message, Fate.QUEUED, asyncio.get_running_loop().create_future())
        if self._standing is None:
            self._queue.append((outgoing, delivery))
            self._observer.queued(len(self._queue))
        else:
            self._send(outgoing, delivery)
        return delivery

    async def ping(self) -> float:
        """Answered at once."""
        if self._standing is None:
            raise not_pinged(self._profile.label)
        self._observer.round_trip(1.0)
        return 1.0

    async def authenticate(self) -> float:
        """There is no method for it."""
        raise InputError(f"{self._profile.label} has no authentication method")

    def drop_queued(self) -> int:
        """Forget what waits."""
        dropped, self._queue = self._queue, []
        for _, delivery in dropped:
            delivery.fate = Fate.DROPPED
            delivery.done.set_result(Fate.DROPPED)
        self._observer.queued(0)
        return len(dropped)

    async def close(self, code: int | None = None, reason: str = "") -> None:
        """End the connection, and all later ones."""
        self._closed = True
        if self._end is not None and not self._end.done():
            self._end.set_result(None)

    def _answer(self, subscription: Subscription) -> SubscriptionState:
        state = SubscriptionState(subscription.filter, subscription.qos, subscription.on)
        if self._standing is None or not subscription.on:
            return state
        reason = dict(self._standing.refuse).get(subscription.filter)
        if reason is not None:
            return SubscriptionState(subscription.filter, subscription.qos, reason=reason, text="refused")
        return SubscriptionState(subscription.filter, subscription.qos, granted=subscription.qos)

    def _send(self, outgoing: Outgoing, delivery: Delivery) -> None:
        assert self._standing is not None
        self.sent.append(outgoing)
        delivery.fate = Fate.SENT
        if not outgoing.qos or self._standing.acknowledge:
            delivery.fate = Fate.ACKNOWLEDGED if outgoing.qos else Fate.SENT
            delivery.done.set_result(delivery.fate)


def factory(steps: Sequence[Step]) -> Callable[[Profile, Sink, Observer], FakeSession]:
    """A stand-in for ``session.registry.make_session``."""
    return lambda profile, sink, observer: FakeSession(profile, sink, observer, steps)
