"""The WebSocket upgrade: what is asked, and every answer, as a table of expectations."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, basic_auth
from websockets.frames import Frame as RawFrame
from websockets.frames import Opcode

from mqttx_tui.model.errors import Exit, LinkError
from mqttx_tui.model.profile import Profile, TlsOptions
from tests.support.certificates import Certificates
from tests.support.links import Peer, failure_of
from tests.support.servers import http, server_context, talking
from tests.support.wait import FACTOR, eventually
from tests.support.websockets import accept, end, idle, messages, serving

# The upgrade, as a table.


@pytest.mark.parametrize(
    ("status", "title", "retry", "exit_code"),
    [
        ("200 OK", "Wrong path", True, Exit.UNREACHABLE),
        ("204 No Content", "Wrong path", True, Exit.UNREACHABLE),
        ("301 Moved Permanently", "Redirected too often", True, Exit.UNREACHABLE),
        ("302 Found", "Redirected too often", True, Exit.UNREACHABLE),
        ("308 Permanent Redirect", "Redirected too often", True, Exit.UNREACHABLE),
        ("400 Bad Request", "Upgrade refused", False, Exit.UNREACHABLE),
        ("401 Unauthorized", "Not authenticated", False, Exit.NOT_AUTHORISED),
        ("403 Forbidden", "Forbidden", False, Exit.NOT_AUTHORISED),
        ("404 Not Found", "Wrong path", False, Exit.UNREACHABLE),
        ("405 Method Not Allowed", "Upgrade refused", False, Exit.UNREACHABLE),
        ("408 Request Timeout", "Upgrade timed out there", True, Exit.UNREACHABLE),
        ("426 Upgrade Required", "Another protocol wanted", False, Exit.UNREACHABLE),
        ("429 Too Many Requests", "Too many requests", True, Exit.UNREACHABLE),
        ("500 Internal Server Error", "Server error", True, Exit.UNREACHABLE),
        ("502 Bad Gateway", "Server error", True, Exit.UNREACHABLE),
        ("599", "Server error", True, Exit.UNREACHABLE),
    ],
)
async def test_every_status_has_its_title(status: str, title: str, retry: bool, exit_code: Exit) -> None:
    async with talking(http(status, "Location: /elsewhere")) as port:
        profile = Profile("chat", f"ws://127.0.0.1:{port}/chat", protocol="websocket")
        error = await asyncio.wait_for(failure_of(profile), 1 * FACTOR)
    assert (error.stage, error.title, error.code) == ("upgrade", title, int(status[:3]))
    assert (error.retry, error.exit_code) == (retry, exit_code)
    if status.startswith("3"):
        assert f"ws://127.0.0.1:{port}/elsewhere" in error.message


async def test_an_endless_page_and_http_1_0_are_told_at_once() -> None:
    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>")
        await reader.read()

    async with talking(endless) as port:
        profile = Profile("chat", f"ws://127.0.0.1:{port}/chat", protocol="websocket")
        error = await asyncio.wait_for(failure_of(profile), 1 * FACTOR)
    assert error.title == "Wrong path"


async def test_frames_that_come_with_the_101_are_kept() -> None:
    frames = RawFrame(Opcode.TEXT, b"early").serialize(mask=False)

    async def eager(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer, frames + frames[:3])
        await asyncio.sleep(0.05)
        writer.write(frames[3:])
        await reader.read()

    async with talking(eager) as port:
        peer = Peer()
        link = await peer.open_frames(Profile("chat", f"ws://127.0.0.1:{port}/", protocol="websocket"))
        assert not peer.frames
        await eventually(lambda: len(peer.frames) == 2)
        link.abort()
    assert [(frame.payload, frame.size) for frame in peer.frames] == [(b"early", 7), (b"early", 7)]


# The request.


async def test_path_headers_origin_and_subprotocol_arrive() -> None:
    seen: list[Any] = []

    async def look(connection: ServerConnection) -> None:
        seen.append(connection.request)
        await connection.wait_closed()

    async with serving(look, subprotocols=["v2", "v1"]) as profile:
        peer = Peer()
        wanted = replace(
            profile,
            headers=(("X-Api-Key", "k-77"), ("user-agent", "mine/1"), ("Cookie", "a=1")),
            origin="https://lab.example",
            subprotocols=("v1", "v3"),
        )
        link = await peer.open_frames(wanted)
        assert link.info.subprotocol == "v1"
        assert link.info.http_status == 101
        assert ("Sec-WebSocket-Protocol", "v1") in link.info.response_headers
        link.abort()
    headers = seen[0].headers
    assert seen[0].path == "/chat?room=1"
    assert (headers["X-Api-Key"], headers["Cookie"], headers["Origin"]) == (
        "k-77",
        "a=1",
        "https://lab.example",
    )
    assert headers.get_all("User-Agent") == ["mine/1"]


async def test_a_raw_websocket_needs_no_subprotocol_but_takes_no_foreign_one() -> None:
    async with serving(idle) as profile:
        peer = Peer()
        link = await peer.open_frames(replace(profile, subprotocols=("v1",)))
        assert link.info.subprotocol == ""
        link.abort()
    async with serving(idle, select_subprotocol=lambda connection, offered: "v9") as profile:
        error = await failure_of(replace(profile, subprotocols=("v1",)))
    assert error.title == "Subprotocol refused"
    assert error.message == 'the server did not take "v1" and chose "v9"'


@pytest.mark.parametrize("way", ["profile", "url", "header"])
async def test_basic_authentication(way: str) -> None:
    check = basic_auth(realm="lab", credentials=("me", "geheim-4711"))
    async with serving(idle, process_request=check) as profile:
        assert isinstance(profile.url, str)
        if way == "profile":
            wanted = replace(profile, username="me", password="geheim-4711")
        elif way == "url":
            wanted = replace(profile, url=profile.url.replace("//", "//me:geheim-4711@"))
        else:
            wanted = replace(profile, headers=(("Authorization", "Basic bWU6Z2VoZWltLTQ3MTE="),))
        peer = Peer()
        link = await peer.open_frames(wanted)
        link.abort()
        error = await failure_of(replace(wanted, url=profile.url, username="", password=None, headers=()))
    assert (error.code, error.retry) == (401, False)


@pytest.mark.parametrize(
    ("scheme", "advice"),
    [
        ('Basic realm="lab"', 'username = "…" and password = { prompt = true }'),
        ("Bearer", 'bearer = { env = "TOKEN" }'),
        ("Negotiate", 'headers = { Authorization = "…" }'),
    ],
)
async def test_a_refusal_says_which_login_the_server_wants(scheme: str, advice: str) -> None:
    async with talking(http("401 Unauthorized", f"WWW-Authenticate: {scheme}")) as port:
        error = await failure_of(Profile("chat", f"ws://127.0.0.1:{port}/", protocol="websocket"))
    assert (error.hint, error.retry) == (advice, False)
    assert scheme in error.message


@pytest.mark.parametrize("header", [("X\r\nEvil", "1"), ("X", "1\r\nEvil: 2"), ("X", "☃"), ("", "1")])
async def test_headers_that_http_forbids_are_refused(header: tuple[str, str]) -> None:
    with pytest.raises(LinkError) as caught:
        await Peer().open_frames(
            Profile("chat", "ws://127.0.0.1:1/", protocol="websocket", headers=(header,))
        )
    assert (caught.value.title, caught.value.retry) == ("Bad header", False)
    assert "Evil: 2" not in str(caught.value)


async def test_wss(certificates: Certificates) -> None:
    context = server_context(certificates.server_cert, certificates.server_key)

    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with serving(echo, ssl=context, max_size=None) as profile:
        assert isinstance(profile.url, str)
        url = profile.url.replace("ws://127.0.0.1", "wss://localhost")
        peer = Peer()
        link = await peer.open_frames(replace(profile, url=url, tls=TlsOptions(ca=certificates.ca)))
        link.send(b"q" * 3_000_000, binary=True)
        await eventually(lambda: messages(peer))
        assert link.info.tls_version
        assert [report.stage for report in link.info.stages] == ["name", "tcp", "tls", "upgrade"]
        link.close()
        assert await end(peer) is None
    assert messages(peer)[0].payload == b"q" * 3_000_000


async def test_a_host_that_is_none_is_told_at_its_stage() -> None:
    with pytest.raises(LinkError) as caught:
        await Peer().open_frames(Profile("chat", "ws://grün..lab/", protocol="websocket"))
    assert (caught.value.stage, caught.value.title) == ("name", "Name not found")


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({"bearer": "t0k3n"}, "Bearer t0k3n"),
        ({"bearer": "t0k3n", "username": "me", "password": "x"}, "Bearer t0k3n"),
        ({"bearer": "t0k3n", "headers": (("authorization", "Token 1"),)}, "Token 1"),
        ({"username": "me", "headers": (("Authorization", "Token 1"),)}, "Token 1"),
    ],
)
async def test_a_header_comes_before_bearer_and_bearer_before_basic(
    options: dict[str, Any], sent: str
) -> None:
    seen: list[str] = []

    async def look(connection: ServerConnection) -> None:
        assert connection.request is not None
        seen.extend(connection.request.headers.get_all("Authorization"))

    async with serving(look) as profile:
        peer = Peer()
        link = await peer.open_frames(replace(profile, **options))
        await end(peer)
        link.abort()
    assert seen == [sent]


async def test_a_bearer_that_http_forbids_is_refused_unseen() -> None:
    error = await failure_of(Profile("chat", "ws://127.0.0.1:1/", protocol="websocket", bearer="a\r\nb: c"))
    assert (error.title, "b: c" in error.message) == ("Bad header", False)
