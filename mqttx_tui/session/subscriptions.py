"""The subscriptions of one session, and what the broker made of each."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import aiomqtt

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Subscription
from mqttx_tui.model.state import SubscriptionState
from mqttx_tui.model.topics import check_filter
from mqttx_tui.model.visible import visible
from mqttx_tui.session.base import Observer
from mqttx_tui.session.client import Client
from mqttx_tui.wire.packets import PacketType, Properties
from mqttx_tui.wire.properties import encode_properties
from mqttx_tui.wire.reasons import reason_name

TEXT_LIMIT = 200


class Subscriptions:
    """What is subscribed now and on every later connection. ``open`` and ``shut`` with the link."""

    def __init__(self, wanted: tuple[Subscription, ...], observer: Observer, ending: Properties) -> None:
        """``ending``: what UNSUBSCRIBE carries. Raises ``InputError`` where it cannot."""
        self._ending = encode_properties(ending, PacketType.UNSUBSCRIBE)
        self._wanted = {subscription.filter: subscription for subscription in wanted}
        self._forgotten: set[str] = set()
        self._observer = observer
        self._client: Client | None = None
        self._version = 5
        self._identifiers = True
        self._tasks: set[asyncio.Task[SubscriptionState]] = set()

    def open(self, client: Client, version: int, *, session_present: bool, identifiers: bool) -> None:
        """Connected: ask for everything wanted, each in a SUBSCRIBE of its own (some brokers take
        only a few filters at once); end what was given up while down and the broker may still have.

        ``identifiers``: whether the broker knows subscription identifiers.
        """
        self._client, self._version, self._identifiers = client, version, identifiers
        for subscription in self._wanted.values():
            if subscription.on:
                self._start(subscription)
            else:
                self._observer.subscription(_off(subscription))
        forgotten, self._forgotten = self._forgotten, set()
        if session_present:
            for topic_filter in forgotten:
                task = asyncio.create_task(self._end(client, topic_filter))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def shut(self) -> None:
        """The link is gone."""
        self._client = None

    async def subscribe(self, subscription: Subscription) -> SubscriptionState:
        """See ``session.base.Session.subscribe``."""
        check_filter(subscription.filter)
        if subscription.qos not in (0, 1, 2):
            raise InputError(f"QoS is 0, 1 or 2, not {subscription.qos}", title="Bad QoS")
        if subscription.no_local and subscription.filter.startswith("$share/"):
            raise InputError(
                "no_local and a shared subscription exclude each other", title="Bad subscription"
            )
        if not subscription.on:
            await self.unsubscribe(subscription.filter)
            self._wanted[subscription.filter] = subscription
            return _off(subscription)
        self._wanted[subscription.filter] = subscription
        self._forgotten.discard(subscription.filter)
        if self._client is None:
            return SubscriptionState(subscription.filter, subscription.qos, asked=subscription)
        return await asyncio.shield(self._start(subscription))

    async def unsubscribe(self, topic_filter: str) -> None:
        """See ``session.base.Session.unsubscribe``."""
        before = self._wanted.pop(topic_filter, None)
        if self._client is None:
            self._forgotten.add(topic_filter)
        else:
            await self._end(self._client, topic_filter)
        self._observer.subscription(_off(before or Subscription(topic_filter)))

    def _start(self, subscription: Subscription) -> asyncio.Task[SubscriptionState]:
        assert self._client is not None
        task = asyncio.create_task(self._ask(self._client, subscription))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _ask(self, client: Client, subscription: Subscription) -> SubscriptionState:
        state = SubscriptionState(subscription.filter, subscription.qos, asked=subscription)
        try:
            code, text = await client.ask(subscription, self._properties(subscription))
        except aiomqtt.MqttError:
            return state
        if code < 0x80:
            state = replace(state, granted=code)
        else:
            name = reason_name(code, PacketType.SUBACK, self._version)
            shown = f"{name} ({visible(text, TEXT_LIMIT)})" if text else name
            state = replace(state, reason=code, text=shown)
        self._observer.subscription(state)
        return state

    def _properties(self, subscription: Subscription) -> bytes:
        found: Properties = {}
        if subscription.identifier is not None and self._identifiers:
            found["subscription_identifier"] = (subscription.identifier,)
        if subscription.user:
            found["user"] = subscription.user
        return encode_properties(found, PacketType.SUBSCRIBE)

    async def _end(self, client: Client, topic_filter: str) -> SubscriptionState:
        try:
            await client.end(topic_filter, self._ending)
        except aiomqtt.MqttError:
            self._forgotten.add(topic_filter)
        return SubscriptionState(topic_filter, on=False)


def _off(subscription: Subscription) -> SubscriptionState:
    return SubscriptionState(subscription.filter, subscription.qos, on=False, asked=subscription)
