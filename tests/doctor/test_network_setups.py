"""Hosts, ports and paths that are not what the profile expects."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from mqttx_tui.demo.broker import Broker
from mqttx_tui.doctor import opening
from mqttx_tui.doctor.looks import Looks
from mqttx_tui.doctor.plan import Plan
from mqttx_tui.doctor.report import Check, Verdict
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import Profile, Resolved
from mqttx_tui.transport.names import Address
from tests.doctor.patients import advises, check_of, examined, facts, failure
from tests.support.mosquitto import Mosquitto, free_port
from tests.support.servers import http, silence, talking

Start = Callable[..., Mosquitto]
NOT_LONG = 0.6
"""Seconds for an answer that will not come."""


async def test_a_host_that_nobody_knows() -> None:
    report = await examined(Profile("lab", "mqtt://no-such-broker.invalid"))
    check = failure(report)
    assert (check.stage, check.title, report.exit_code) == ("name", "Name not found", Exit.UNREACHABLE)
    advises(check, "check the spelling of the host, or write its IP address")
    assert [one.verdict for one in report.checks[1:]] == [Verdict.SKIPPED] * len(report.checks[1:])


async def test_nothing_listens() -> None:
    check = failure(await examined(Profile("lab", f"mqtt://127.0.0.1:{free_port()}")))
    assert (check.stage, check.title) == ("tcp", "Connection refused")
    assert "listens on" not in check.hint


async def test_a_listener_on_ipv6_only() -> None:
    async with listening("::1") as port:
        check = failure(await examined(Profile("lab", f"mqtt://127.0.0.1:{port}")))
    assert check.stage == "tcp"
    advises(check, f"something listens on [::1]:{port}: use localhost, or that address")


async def test_a_listener_on_ipv4_only() -> None:
    async with listening("127.0.0.1") as port:
        check = failure(await examined(Profile("lab", f"mqtt://[::1]:{port}")))
    assert check.stage == "tcp"
    advises(check, f"something listens on 127.0.0.1:{port}: use localhost, or that address")


async def test_a_refusal_by_another_machine_on_a_usual_port() -> None:
    """What runs there cannot be seen; a mosquitto 2 of the first minutes refuses like this."""
    plan = Plan(Resolved(Profile("lab", "mqtt://192.0.2.77:1883")), NOT_LONG)
    refused = Check("tcp", Verdict.FAILED, hint="is the broker running, and is 1883 its port?")
    check = await Looks(plan).elsewhere(refused)
    advises(check, "a mosquitto 2 without a listener line …: listener 1883 opens it to others")
    advises(check, "is the broker running, and is 1883 its port?")
    other = Plan(Resolved(Profile("lab", "mqtt://192.0.2.77:5000")), NOT_LONG)
    assert await Looks(other).elsewhere(refused) is refused


@asynccontextmanager
async def listening(host: str) -> AsyncIterator[int]:
    """A broker on one family of addresses alone."""
    try:
        broker = Broker(host, ws_port=None)
        await broker.start()
    except OSError:
        pytest.skip("there is no IPv6 here")
    try:
        yield broker.port
    finally:
        await broker.stop()


async def test_one_of_the_addresses_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """localhost is ::1 and 127.0.0.1 on most machines; the name server of a test is not ours to set."""

    async def both(host: str, port: int) -> list[Address]:
        return [
            Address(socket.AF_INET6, ("::1", port, 0, 0)),
            Address(socket.AF_INET, ("127.0.0.1", port)),
        ]

    monkeypatch.setattr(opening, "resolve", both)
    async with listening("127.0.0.1") as port:
        report = await examined(Profile("lab", f"mqtt://127.0.0.1:{port}"))
    check = check_of(report, "tcp", Verdict.WARNING)
    advises(check, f"[::1]:{port} does not answer: a program that tries only that address fails; …")
    assert report.exit_code is Exit.DONE


async def test_a_server_that_takes_the_connection_and_stays_silent() -> None:
    async with talking(silence) as port:
        check = failure(await examined(Profile("lab", f"mqtt://127.0.0.1:{port}"), seconds=NOT_LONG))
    assert (check.stage, check.title) == ("mqtt", "No answer to CONNECT")
    advises(check, "is this the port of an MQTT broker?")


# WebSocket


@pytest.mark.mosquitto
async def test_websocket_on_an_mqtt_port(mosquitto: Mosquitto) -> None:
    profile = Profile("lab", f"mqtt+ws://127.0.0.1:{mosquitto.port}/mqtt")
    check = failure(await examined(profile, seconds=2))
    assert check.stage == "upgrade"
    advises(check, f"MQTT without WebSocket answers there: mqtt://127.0.0.1:{mosquitto.port}")


@pytest.mark.mosquitto
async def test_mqtt_on_a_websocket_port(mosquitto: Mosquitto) -> None:
    port = mosquitto.ports["ws"]
    check = failure(await examined(Profile("lab", f"mqtt://127.0.0.1:{port}"), seconds=2))
    assert check.stage == "mqtt"
    advises(check, f"MQTT over WebSocket answers there: mqtt+ws://127.0.0.1:{port}/mqtt")


@asynccontextmanager
async def behind(path: str, broker: Broker) -> AsyncIterator[int]:
    """A web server that forwards one path to a broker and knows no other."""

    def process(connection: ServerConnection, request: Request) -> Response | None:
        return None if request.path == path else connection.respond(404, "no\n")

    async def forward(connection: ServerConnection) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", broker.port)

        async def back() -> None:
            while data := await reader.read(65_536):
                await connection.send(data)

        answering = asyncio.create_task(back())
        async for message in connection:
            assert isinstance(message, bytes)
            writer.write(message)
        writer.close()
        answering.cancel()

    async with serve(
        forward,
        "127.0.0.1",
        0,
        process_request=process,
        subprotocols=["mqtt"],  # type: ignore[list-item]
    ) as server:
        yield next(iter(server.sockets)).getsockname()[1]


async def test_a_path_that_leads_nowhere_beside_one_that_does() -> None:
    broker = Broker(ws_port=None)
    await broker.start()
    async with behind("/ws", broker) as port:
        check = failure(await examined(Profile("lab", f"mqtt+ws://127.0.0.1:{port}/mqtt")))
        good = await examined(Profile("lab", f"mqtt+ws://127.0.0.1:{port}/ws"))
    await broker.stop()
    assert (check.stage, check.title) == ("upgrade", "Wrong path")
    advises(check, f"a broker answers under /ws: mqtt+ws://127.0.0.1:{port}/ws")
    assert good.exit_code is Exit.DONE
    assert facts(check_of(good, "upgrade", Verdict.OK))["subprotocol"] == "mqtt"


async def test_a_path_that_leads_nowhere_and_none_that_does() -> None:
    async with talking(http("404 Not Found")) as port:
        check = failure(await examined(Profile("lab", f"mqtt+ws://127.0.0.1:{port}/live")))
    advises(check, "no broker answers under /mqtt, /, /ws either")


async def test_a_server_without_the_subprotocol() -> None:
    async def idle(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serve(idle, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        check = failure(await examined(Profile("lab", f"mqtt+ws://127.0.0.1:{port}/mqtt"), seconds=2))
    assert (check.stage, check.title) == ("upgrade", "Subprotocol refused")


@pytest.mark.parametrize(
    ("answer", "title", "words", "code"),
    [
        ("401 Unauthorized", "Not authenticated", 'headers = { Authorization = "…" }', Exit.NOT_AUTHORISED),
        (
            "403 Forbidden",
            "Forbidden",
            "these credentials, this address or this origin may not connect",
            Exit.NOT_AUTHORISED,
        ),
        (
            "502 Bad Gateway",
            "Server error",
            "the server, or what stands behind it, is in trouble…",
            Exit.UNREACHABLE,
        ),
        (
            "426 Upgrade Required",
            "Another protocol wanted",
            "a proxy in between may strip the Upgrade header",
            Exit.UNREACHABLE,
        ),
    ],
)
async def test_what_a_web_server_in_front_says(answer: str, title: str, words: str, code: Exit) -> None:
    async with talking(http(answer)) as port:
        report = await examined(Profile("lab", f"mqtt+ws://127.0.0.1:{port}/mqtt"))
    check = failure(report)
    assert (check.stage, check.title, report.exit_code) == ("upgrade", title, code)
    advises(check, words)


@pytest.mark.mosquitto
async def test_wss_on_a_ws_port(mosquitto: Mosquitto) -> None:
    profile = Profile("lab", f"mqtt+wss://127.0.0.1:{mosquitto.ports['ws']}/mqtt")
    check = failure(await examined(profile, seconds=2))
    assert check.stage == "tls"
    advises(check, "a WebSocket without TLS answers there: use ws:// in place of wss://")


async def test_a_clock_that_is_wrong() -> None:
    """What the server's Date says is all that there is to compare with."""

    def process(connection: ServerConnection, request: Request, response: Response) -> Response:
        del response.headers["Date"]
        response.headers["Date"] = "Sun, 06 Nov 1994 08:49:37 GMT"
        return response

    async def idle(connection: ServerConnection) -> None:
        await connection.wait_closed()

    async with serve(idle, "127.0.0.1", 0, process_response=process) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        report = await examined(Profile("chat", f"ws://127.0.0.1:{port}/", protocol="websocket"))
    check = check_of(report, "upgrade", Verdict.WARNING)
    advises(check, "the clock here is … h ahead of the server's: one of them is wrong, …")


@given(st.text() | st.datetimes().map(lambda when: when.strftime("%a, %d %b %Y %H:%M:%S GMT")))
def test_any_date_of_a_server_is_looked_at(date: str) -> None:
    said = opening.clock_hint((("Date", date),))
    assert not said or said.startswith("the clock here is ")
