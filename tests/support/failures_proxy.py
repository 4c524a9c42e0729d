"""Failures of the way through a proxy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mqttx_tui.model.profile import Profile
from tests.support.failures import CONNECT_TIMEOUT, Place, scenario
from tests.support.mosquitto import free_port
from tests.support.proxies import USER, http_proxy, socks_proxy
from tests.support.servers import Conversation, saying, silence, talking


def _through(proxy: str, port: int = 1883, timeout: float = 30) -> Profile:
    return Profile("lab", f"mqtt://127.0.0.1:{port}", proxy=proxy, connect_timeout=timeout)


@asynccontextmanager
async def _odd(
    conversation: Conversation, scheme: str = "http", timeout: float = 30
) -> AsyncIterator[Profile]:
    async with talking(conversation) as port:
        yield _through(f"{scheme}://127.0.0.1:{port}", timeout=timeout)


@scenario("proxy-login")
@asynccontextmanager
async def login(place: Place) -> AsyncIterator[Profile]:
    async with http_proxy(login=True) as seen:
        yield _through(f"http://127.0.0.1:{seen.port}")


@scenario("proxy-login-refused")
@asynccontextmanager
async def login_refused(place: Place) -> AsyncIterator[Profile]:
    async with socks_proxy(login=True) as seen:
        yield _through(f"socks5://{USER}:other@127.0.0.1:{seen.port}")


@scenario("proxy-forbids")
@asynccontextmanager
async def forbids(place: Place) -> AsyncIterator[Profile]:
    async with _odd(saying(b"HTTP/1.1 403 Forbidden\r\n\r\n")) as profile:
        yield profile


@scenario("proxy-rules")
@asynccontextmanager
async def rules(place: Place) -> AsyncIterator[Profile]:
    async with socks_proxy(rules=True) as seen:
        yield _through(f"socks5h://127.0.0.1:{seen.port}")


@scenario("proxy-no-way")
@asynccontextmanager
async def no_way(place: Place) -> AsyncIterator[Profile]:
    async with http_proxy() as seen:
        yield _through(f"http://127.0.0.1:{seen.port}", free_port())


@scenario("proxy-no-way-socks")
@asynccontextmanager
async def no_way_socks(place: Place) -> AsyncIterator[Profile]:
    async with socks_proxy() as seen:
        yield _through(f"socks5://127.0.0.1:{seen.port}", free_port())


@scenario("proxy-other")
@asynccontextmanager
async def other(place: Place) -> AsyncIterator[Profile]:
    async with _odd(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "socks5") as profile:
        yield profile


@scenario("proxy-closed")
@asynccontextmanager
async def closed(place: Place) -> AsyncIterator[Profile]:
    async with _odd(saying(b"")) as profile:
        yield profile


@scenario("proxy-no-answer")
@asynccontextmanager
async def no_answer(place: Place) -> AsyncIterator[Profile]:
    async with _odd(silence, timeout=CONNECT_TIMEOUT) as profile:
        yield profile
