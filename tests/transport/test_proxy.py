"""Every transport through HTTP CONNECT and SOCKS 5, with real proxies."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection

from mqttx_tui.demo.broker import Broker
from mqttx_tui.model.errors import Exit, InputError
from mqttx_tui.model.profile import Profile, Resolved, Subscription, TlsOptions
from mqttx_tui.model.proxy import parse_proxy
from mqttx_tui.session.mqtt import MqttSession
from tests.support.certificates import Certificates
from tests.support.links import Peer, failure_of
from tests.support.mosquitto import free_port
from tests.support.proxies import PASSWORD, USER, Seen, http_proxy, socks_proxy
from tests.support.servers import saying, server_context, silence, talking
from tests.support.sinks import MemoryObserver, MemorySink
from tests.support.wait import eventually
from tests.support.websockets import messages, serving

KINDS = ["http", "socks5", "socks5h"]


def proxying(kind: str, **options: Any) -> AbstractAsyncContextManager[Seen]:
    return http_proxy(**options) if kind == "http" else socks_proxy(**options)


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def echo_bytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)


@pytest.mark.parametrize("login", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("transport", ["ws", "wss", "mqtt", "mqtts"])
async def test_every_transport_goes_through(
    transport: str, kind: str, login: bool, certificates: Certificates
) -> None:
    secure = transport in ("wss", "mqtts")
    context = server_context(certificates.server_cert, certificates.server_key) if secure else None
    async with proxying(kind, login=login) as seen:
        user = f"{USER}:{PASSWORD}@" if login else ""
        proxy = f"{kind}://{user}127.0.0.1:{seen.port}"
        peer = Peer()
        if "ws" in transport:
            async with serving(echo, ssl=context) as profile:
                assert isinstance(profile.url, str)
                url = profile.url.replace("ws://127.0.0.1", f"{transport}://localhost")
                wanted = replace(profile, url=url, proxy=proxy, tls=TlsOptions(ca=certificates.ca))
                frames = await peer.open_frames(wanted)
                frames.send(b"through", binary=True)
                await eventually(lambda: messages(peer))
                info = frames.info
                frames.abort()
        else:
            async with talking(echo_bytes, context) as port:
                url = f"{transport}://localhost:{port}"
                link = await peer.open(
                    Profile("lab", url, proxy=proxy, tls=TlsOptions(ca=certificates.ca), connect_timeout=30)
                )
                link.write(b"through")
                await eventually(lambda: peer.data == b"through")
                info = link.info
                link.abort()
    assert len(seen.asked) == 1
    assert ("localhost" in seen.asked[0]) == (kind != "socks5")
    stages = [report.stage for report in info.stages if report.status == "ok"]
    between = ["tls"] if secure else []
    first = ["name", "name"] if kind == "socks5" else ["name"]
    assert stages == [*first, "tcp", "proxy", *between, *(["upgrade"] if "ws" in transport else [])]
    assert info.proxy == f"{kind}://127.0.0.1:{seen.port}"
    assert PASSWORD not in repr(info)


async def test_the_proxy_looks_the_name_up_and_mqtt_goes_on() -> None:
    broker = Broker(port=0, ws_port=None)
    await broker.start()
    async with socks_proxy() as seen:
        url, proxy = f"mqtt://broker.lab:{broker.port}", f"socks5h://127.0.0.1:{seen.port}"
        profile = Profile("lab", url, proxy=proxy, subscriptions=(Subscription("#"),))
        observer = MemoryObserver()
        session = MqttSession(profile, MemorySink(()), observer)
        running = asyncio.create_task(session.run(Resolved(profile)))
        await eventually(lambda: observer.subscriptions)
        assert seen.asked == [f"broker.lab:{broker.port}"]
        await session.close()
        await running
    await broker.stop()


def through(proxy: str, port: int) -> Profile:
    return Profile("lab", f"mqtt://127.0.0.1:{port}", proxy=proxy, connect_timeout=30)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_proxy_that_wants_a_login(kind: str) -> None:
    async with proxying(kind, login=True) as seen:
        error = await failure_of(through(f"{kind}://127.0.0.1:{seen.port}", 1))
        assert (error.stage, error.title) == ("proxy", "The proxy wants a login")
        assert (error.retry, error.exit_code) == (False, Exit.NOT_AUTHORISED)
        wrong = await failure_of(through(f"{kind}://{USER}:wr0ng-pw@127.0.0.1:{seen.port}", 1))
        assert (wrong.title, wrong.retry) == ("Login refused by the proxy", False)
        assert "wr0ng-pw" not in wrong.message + wrong.hint
    assert not seen.asked


@pytest.mark.parametrize("kind", KINDS)
async def test_a_target_that_the_proxy_does_not_reach(kind: str) -> None:
    async with proxying(kind) as seen:
        error = await failure_of(through(f"{kind}://127.0.0.1:{seen.port}", free_port()))
    assert (error.stage, error.title, error.retry) == ("proxy", "The proxy found no way", True)


@pytest.mark.parametrize(("kind", "asked"), [("http", "[::1]:9"), ("socks5", "::1:9"), ("socks5h", "::1:9")])
async def test_an_address_of_ipv6_is_asked_for_as_it_is(kind: str, asked: str) -> None:
    async with proxying(kind, login=True) as seen:
        proxy = f"{kind}://{USER}:{PASSWORD}@127.0.0.1:{seen.port}"
        await failure_of(Profile("lab", "mqtt://[::1]:9", proxy=proxy, connect_timeout=30))
    assert seen.asked == [asked]


async def test_rules_of_a_proxy() -> None:
    async with socks_proxy(rules=True) as seen:
        error = await failure_of(through(f"socks5://127.0.0.1:{seen.port}", 1883))
    assert (error.title, error.retry) == ("Refused by the proxy", False)
    async with talking(saying(b"HTTP/1.1 403 Forbidden\r\n\r\n")) as port:
        error = await failure_of(through(f"http://127.0.0.1:{port}", 1883))
    assert (error.title, error.code) == ("Refused by the proxy", 403)


@pytest.mark.parametrize("kind", KINDS)
async def test_no_proxy_at_all(kind: str) -> None:
    error = await failure_of(through(f"{kind}://127.0.0.1:{free_port()}", 1883))
    assert (error.stage, error.title) == ("tcp", "Connection refused")
    async with talking(saying(b"220 mail.lab ESMTP\r\n")) as port:
        error = await failure_of(through(f"{kind}://127.0.0.1:{port}", 1883))
    assert error.title == "Not such a proxy"
    async with talking(saying(b"")) as port:
        error = await failure_of(through(f"{kind}://127.0.0.1:{port}", 1883))
    assert error.title == "Closed by the proxy"
    async with talking(silence) as port:
        late = replace(through(f"{kind}://127.0.0.1:{port}", 1883), connect_timeout=0.3)
        error = await failure_of(late)
    assert (error.stage, error.title) == ("proxy", "No answer from the proxy")


async def test_a_unix_socket_has_no_proxy() -> None:
    error = await failure_of(Profile("lab", "mqtt+unix:///tmp/none.sock", proxy="http://127.0.0.1:1"))
    assert (error.title, error.exit_code) == ("Bad proxy", Exit.BAD_INPUT)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.binary(min_size=1, max_size=40), st.sampled_from(KINDS))
async def test_any_answer_is_explained(answer: bytes, kind: str) -> None:
    async with talking(saying(answer)) as port:
        error = await asyncio.wait_for(failure_of(through(f"{kind}://127.0.0.1:{port}", 1883)), 20)
    assert error.stage in ("proxy", "link")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://me:geheim@p.lab:8080", "http://p.lab:8080"),
        ("SOCKS5://p.lab", "socks5://p.lab:1080"),
        ("socks5h://[::1]:9", "socks5h://[::1]:9"),
    ],
)
def test_urls(url: str, shown: str) -> None:
    assert parse_proxy(url).shown() == shown
    assert "geheim" not in repr(parse_proxy(url))


@pytest.mark.parametrize("url", ["", "p.lab:8080", "https://me:geheim@p", "http://", "http://me:geheim@p:x"])
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_proxy(url)
    assert "geheim" not in caught.value.message + caught.value.hint
