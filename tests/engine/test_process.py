"""The engine as a child process, against a real broker."""

from __future__ import annotations

from collections.abc import AsyncIterator

import psutil
import pytest
import pytest_asyncio

from mqttx_tui.engine.client import EngineClient
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.model.state import Phase
from tests.engine.fakes import Told, no_answer
from tests.support.mosquitto import Mosquitto
from tests.support.wait import eventually


@pytest.fixture
def told() -> Told:
    return Told()


@pytest_asyncio.fixture
async def client(told: Told) -> AsyncIterator[EngineClient]:
    made = EngineClient(told, no_answer)
    await made.start()
    yield made
    await made.shutdown()


async def test_connect_subscribe_publish(client: EngineClient, told: Told, mosquitto: Mosquitto) -> None:
    profile = Profile(
        "lab", f"mqtt://127.0.0.1:{mosquitto.port}", subscriptions=(Subscription("engine/#", 1),)
    )
    connection = await client.connect(profile)
    await eventually(
        lambda: (state := told.newest(connection)) and state.subscriptions[0].granted == 1, "granted"
    )
    state = told.newest(connection)
    assert state is not None
    assert (state.phase, state.letter, state.version, state.attempt) == (Phase.CONNECTED, "A", "5", 1)
    message = await client.publish(connection, Outgoing("engine/a", b"\0\xff", qos=1))
    assert message == 1
    await eventually(lambda: told.counted[-1].received == 1, "echo counted")
    await client.shutdown()
    assert not psutil.pid_exists(client.pid or 0)
