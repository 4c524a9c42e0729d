"""An embedded broker for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from mqttx_tui.demo.broker import Broker
from tests.demo.peers import close_all

StartBroker = Callable[..., Awaitable[Broker]]


@pytest.fixture
async def start_broker() -> AsyncIterator[StartBroker]:
    """Start brokers with options of one's own; all end with the test."""
    brokers: list[Broker] = []

    async def start(**options: Any) -> Broker:
        broker = Broker(**options)
        brokers.append(broker)
        await broker.start()
        return broker

    yield start
    await close_all()
    for broker in brokers:
        await broker.stop()


@pytest.fixture
async def broker(start_broker: StartBroker) -> Broker:
    """A broker with its defaults."""
    return await start_broker()
