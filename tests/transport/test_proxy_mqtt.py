"""MQTT through a proxy that wants a login, from CONNECT to a message there and back, over every transport."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Resolved, Subscription, TlsOptions
from mqttx_tui.session.base import Fate
from mqttx_tui.session.mqtt import MqttSession
from tests.support.certificates import Certificates
from tests.support.mosquitto import Mosquitto
from tests.support.proxies import PASSWORD, USER, Seen, http_proxy, socks_proxy
from tests.support.sinks import MemoryObserver, MemorySink
from tests.support.wait import eventually

PROXIES = {"http": http_proxy, "socks5": socks_proxy, "socks5h": socks_proxy}
OWN_NAME = "broker.lab"
"""Known to the proxy alone; ``socks5`` looks names up here and cannot use it."""


@pytest.mark.mosquitto
@pytest.mark.parametrize("transport", ["mqtt", "mqtts", "mqtt+ws", "mqtt+wss"])
async def test_there_and_back_through_each_kind_of_proxy(
    transport: str, start_mosquitto: Callable[..., Mosquitto], certificates: Certificates
) -> None:
    secure, web = transport in ("mqtts", "mqtt+wss"), "ws" in transport
    files = {"certfile": certificates.server_cert, "keyfile": certificates.server_key}
    lines = [f"{name} {path}" for name, path in files.items()] if secure else []
    broker = start_mosquitto({"tcp": [], "own": [*lines, *(["protocol websockets"] if web else [])]})
    tls = TlsOptions(ca=certificates.ca, server_name="localhost") if secure else TlsOptions()
    for kind, proxying in PROXIES.items():
        async with proxying(login=True) as seen:
            await _there_and_back(transport, kind, seen, broker.ports["own"], tls)


async def _there_and_back(transport: str, kind: str, seen: Seen, port: int, tls: TlsOptions) -> None:
    host = "localhost" if kind == "socks5" else OWN_NAME
    profile = Profile(
        "lab",
        f"{transport}://{host}:{port}",
        proxy=f"{kind}://{USER}:{PASSWORD}@127.0.0.1:{seen.port}",
        subscriptions=(Subscription("there/#", 1),),
        tls=tls,
        connect_timeout=30,
    )
    sink, observer = MemorySink(()), MemoryObserver()
    session = MqttSession(profile, sink, observer)
    running = asyncio.create_task(session.run(Resolved(profile)))
    await eventually(lambda: running.done() or observer.subscriptions)
    if running.done():
        await running
    delivery = session.publish(Outgoing("there/x", b"and back", 1))
    assert await asyncio.wait_for(delivery.done, 20) is Fate.ACKNOWLEDGED
    await eventually(lambda: ("there/x", b"and back") in sink.received())
    link = observer.connections[0].info
    assert link.proxy == f"{kind}://127.0.0.1:{seen.port}"
    assert bool(link.tls_version) == bool(tls.ca)
    await session.close()
    await running
    assert len(seen.asked) == 1
    assert (host in seen.asked[0]) == (kind != "socks5")
