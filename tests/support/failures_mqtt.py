"""Failures that show once MQTT is spoken: what answers is no broker, or the broker refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from mqttx_tui.model.profile import MqttVersion, Profile
from tests.support.failures import Place, scenario
from tests.support.servers import saying, server_context, silence, talking


def _answers(name: str, answer: bytes, mqtt: MqttVersion = "5") -> None:
    """Register a scenario of a server that answers CONNECT with these bytes and closes."""

    @asynccontextmanager
    async def start(place: Place) -> AsyncIterator[Profile]:
        async with talking(saying(answer)) as port:
            yield Profile("lab", f"mqtt://127.0.0.1:{port}", mqtt=mqtt, connect_timeout=30)

    keep: Callable[[Place], AbstractAsyncContextManager[Profile]] = start
    scenario(name, "mqtt")(keep)


_answers("plain-on-tls-port", bytes([0x15, 3, 1, 0, 2, 2, 70]))
_answers("ssh-port", b"SSH-2.0-OpenSSH_9.2\r\n")
_answers("unknown-protocol", b"\x00\x01\x02\x03")
_answers("closed-without-answer", b"")


@scenario("plain-on-bare-tls-port", "mqtt")
@asynccontextmanager
async def bare_tls_port(place: Place) -> AsyncIterator[Profile]:
    files = place.certificates
    async with talking(silence, server_context(files.server_cert, files.server_key)) as port:
        yield Profile("lab", f"mqtt://127.0.0.1:{port}", mqtt="5", connect_timeout=30)


@scenario("mqtt-on-web-port", "mqtt")
@asynccontextmanager
async def web_port(place: Place) -> AsyncIterator[Profile]:
    async with talking(saying(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")) as port:
        yield Profile("lab", f"mqtt://127.0.0.1:{port}", mqtt="5", connect_timeout=30)
