"""Redirects of an upgrade: followed, shown, and never with credentials to another origin."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from mqttx_tui.model.profile import Profile, SavedMessage, TlsOptions
from mqttx_tui.transport.base import FrameLink
from tests.support.certificates import Certificates
from tests.support.links import Peer, failure_of
from tests.support.servers import http, server_context, talking
from tests.support.websockets import idle, serving

SECRET = "geheim-4711"
CREDENTIALS: dict[str, Any] = {
    "headers": (("Authorization", f"Bearer {SECRET}"), ("X-Pass", SECRET), ("Cookie", f"a={SECRET}")),
    "username": "me",
    "password": SECRET,
    "bearer": SECRET,
}


def to(location: str, status: int = 302) -> Any:
    """A server's answer to every path but /there."""

    def process(connection: ServerConnection, request: Request) -> Response | None:
        if request.path.startswith("/there"):
            return None
        return Response(status, "Found", Headers({"Location": location, "Content-Length": "0"}))

    return process


class Heads:
    """A server's handler that keeps the requests which it accepted."""

    def __init__(self) -> None:
        self.requests: list[Request] = []

    async def __call__(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.requests.append(connection.request)
        await connection.wait_closed()

    def words(self) -> str:
        return repr([(request.path, list(request.headers.raw_items())) for request in self.requests])


async def opened(profile: Profile) -> tuple[FrameLink, Peer]:
    peer = Peer()
    link = await peer.open_frames(profile)
    link.abort()
    return link, peer


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_the_same_origin_gets_the_same_request(status: int) -> None:
    heads = Heads()
    async with serving(heads, process_request=to("/there?x=1", status)) as profile:
        link, peer = await opened(replace(profile, **CREDENTIALS))
        port = str(profile.url).split(":")[2].split("/")[0]
    assert heads.requests[0].path == "/there?x=1"
    assert heads.requests[0].headers["X-Pass"] == SECRET
    assert heads.requests[0].headers["Authorization"] == f"Bearer {SECRET}"
    assert link.info.redirects == (f"{status} → ws://127.0.0.1:{port}/there?x=********",)
    assert [report.status for report in peer.stages if report.stage == "upgrade"] == [
        *("running", "ok", "running", "ok")
    ]


async def test_user_info_of_the_url_stays_with_its_origin() -> None:
    heads = Heads()
    async with serving(heads, process_request=to("/there")) as profile:
        await opened(replace(profile, url=str(profile.url).replace("//", f"//me:{SECRET}@")))
    assert heads.requests[0].headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize("scheme", ["ws", "http"])
async def test_another_origin_gets_no_credentials(scheme: str) -> None:
    heads = Heads()
    async with serving(heads) as other:
        place = str(other.url).replace("ws://", f"{scheme}://").replace("/chat", "/there")
        async with serving(idle, process_request=to(place)) as profile:
            wanted = replace(profile, **CREDENTIALS, subprotocols=("v1",), origin="https://lab.example")
            with_user = replace(wanted, url=str(profile.url).replace("//", f"//me:{SECRET}@"))
            await opened(wanted)
            await opened(with_user)
    assert len(heads.requests) == 2
    assert SECRET not in heads.words()
    assert "Authorization" not in heads.words()
    assert "https://lab.example" in heads.words()
    assert "v1" in heads.words()


async def test_from_plain_to_tls(certificates: Certificates) -> None:
    context = server_context(certificates.server_cert, certificates.server_key)
    async with serving(idle, ssl=context) as secure:
        place = str(secure.url).replace("ws://127.0.0.1", "https://localhost")
        async with serving(idle, process_request=to(place)) as profile:
            link, _ = await opened(replace(profile, tls=TlsOptions(ca=certificates.ca)))
    assert link.info.tls_version


async def test_not_from_tls_to_none(certificates: Certificates) -> None:
    context = server_context(certificates.server_cert, certificates.server_key)
    async with (
        serving(idle) as plain,
        serving(idle, ssl=context, process_request=to(str(plain.url))) as profile,
    ):
        url = str(profile.url).replace("ws://127.0.0.1", "wss://localhost")
        error = await failure_of(replace(profile, url=url, tls=TlsOptions(ca=certificates.ca)))
    assert error.title == "Redirected"
    assert str(plain.url).partition("?")[0] in error.hint


async def test_what_is_said_after_the_upgrade_goes_nowhere_else() -> None:
    heads = Heads()
    async with (
        serving(heads, subprotocols=["mqtt"]) as other,
        serving(idle, process_request=to(str(other.url))) as profile,
    ):
        login = SavedMessage("login", payload=SECRET, on_connect=True, secret=True)
        raw = await failure_of(replace(profile, messages=(login,)))
        mqtt = await failure_of(replace(profile, protocol="mqtt"))
    assert (raw.title, mqtt.title) == ("Redirected", "Redirected")
    assert not heads.requests


@pytest.mark.parametrize("location", ["mailto:me@lab", "https://", "wss://h:99999/", "ftp://h/x"])
async def test_places_that_are_no_websocket_are_named(location: str) -> None:
    async with talking(http("302 Found", f"Location: {location}")) as port:
        profile = Profile("chat", f"ws://127.0.0.1:{port}/chat", protocol="websocket")
        error = await asyncio.wait_for(failure_of(profile), 20)
    assert error.title == "Redirected"


async def test_without_a_location_nothing_is_followed() -> None:
    async with talking(http("302 Found")) as port:
        error = await failure_of(Profile("chat", f"ws://127.0.0.1:{port}/chat", protocol="websocket"))
    assert (error.title, "nowhere" in error.message) == ("Redirected", True)


async def test_a_circle_ends_after_five() -> None:
    seen: list[str] = []

    def process(connection: ServerConnection, request: Request) -> Response:
        seen.append(request.path)
        return Response(302, "Found", Headers({"Location": f"/{len(seen)}", "Content-Length": "0"}))

    async with serving(idle, process_request=process) as profile:
        error = await failure_of(profile)
    assert error.title == "Redirected too often"
    assert len(seen) == 6
