"""Raw WebSockets."""

from __future__ import annotations

import asyncio

from websockets.asyncio.server import ServerConnection, serve

from mqttx_tui.demo.broker import Broker
from mqttx_tui.doctor.report import Verdict
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import Profile
from tests.doctor.patients import advises, check_of, examined, facts, failure
from tests.support.servers import talking
from tests.support.websockets import accept, idle, serving


async def greet(connection: ServerConnection) -> None:
    await connection.send("welcome")
    await connection.wait_closed()


def chat(profile: Profile, **more: object) -> Profile:
    return Profile("chat", profile.url, protocol="websocket", **more)  # type: ignore[arg-type]


async def test_all_is_well_and_nothing_is_sent() -> None:
    heard: list[object] = []

    async def keep(connection: ServerConnection) -> None:
        await connection.send("welcome")
        async for message in connection:
            heard.append(message)

    async with serving(keep, subprotocols=["chat.v2"]) as profile:
        report = await examined(chat(profile, subprotocols=("chat.v2",), compression=True))
    assert report.exit_code is Exit.DONE
    assert [check.stage for check in report.checks] == ["name", "tcp", "upgrade", "ping", "message", "close"]
    found = facts(check_of(report, "upgrade", Verdict.OK))
    assert found["subprotocol"] == "chat.v2"
    assert found["extensions"].startswith("permessage-deflate")
    assert facts(check_of(report, "message", Verdict.OK)) == {"first": "text, 7 bytes"}
    assert check_of(report, "close", Verdict.OK).text == "answered with 1000"
    assert not heard


async def test_what_was_asked_for_and_not_given() -> None:
    async with serving(greet, compression=None) as profile:
        report = await examined(chat(profile, subprotocols=("chat.v2",), compression=True))
    check = check_of(report, "message", Verdict.WARNING)
    advises(check, "the server chose none of the subprotocols chat.v2")
    advises(check, "compression = true, and the server does not compress")


async def test_a_server_that_answers_no_ping() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accept(reader, writer)
        await reader.read()

    async with talking(mute) as port:
        profile = Profile("chat", f"ws://127.0.0.1:{port}/", protocol="websocket")
        check = failure(await examined(profile, seconds=0.5))
    assert (check.stage, check.title) == ("ping", "No answer")
    advises(check, "the server hangs, or does not answer as RFC 6455 §5.5 wants it")


async def test_a_server_that_wants_a_login() -> None:
    async def refuse(connection: ServerConnection) -> None:
        await connection.close(1008, "log in")

    async with serving(refuse) as profile:
        check = failure(await examined(chat(profile)))
    assert (check.stage, check.title) == ("ping", "Closed with 1008")
    advises(check, "often a missing login, or a forbidden origin")


async def test_a_broker_behind_a_raw_websocket() -> None:
    broker = Broker(port=None)
    await broker.start()
    address = f"127.0.0.1:{broker.ws_port}/mqtt"
    check = failure(await examined(Profile("chat", f"ws://{address}", protocol="websocket")))
    await broker.stop()
    assert (check.stage, check.title) == ("upgrade", "Upgrade refused")
    advises(check, f"a broker answers there to the subprotocol mqtt: mqtt+ws://{address}")


async def test_a_secret_in_the_url_is_masked() -> None:
    async with serve(idle, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        url = f"ws://127.0.0.1:{port}/live?token=hunter2-5512"
        report = await examined(Profile("chat", url, protocol="websocket"), secrets=("hunter2-5512",))
    assert report.exit_code is Exit.DONE
    assert "hunter2" not in repr(report)
    assert "token=********" in report.target
