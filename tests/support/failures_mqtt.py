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


_answers("bad-credentials", bytes([0x20, 3, 0, 0x86, 0]))
_answers("not-authorised", bytes([0x20, 3, 0, 0x87, 0]))
_answers("client-id-refused", bytes([0x20, 3, 0, 0x85, 0]))
_answers("banned", bytes([0x20, 3, 0, 0x8A, 0]))
_answers("server-busy", bytes([0x20, 3, 0, 0x89, 0]))
_answers("will-refused", bytes([0x20, 3, 0, 0x9A, 0]))
_answers("bad-credentials-311", bytes([0x20, 2, 0, 4]), "3.1.1")
_answers("not-authorised-311", bytes([0x20, 2, 0, 5]), "3.1.1")
_answers("client-id-refused-311", bytes([0x20, 2, 0, 2]), "3.1.1")
_answers("unavailable-311", bytes([0x20, 2, 0, 3]), "3.1.1")
_answers("version-refused", bytes([0x20, 2, 0, 1]), "auto")
_answers("taken-over", bytes([0x20, 3, 0, 0, 0]) + bytes([0xE0, 1, 0x8E]))
