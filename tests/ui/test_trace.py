"""The packet trace on screen, over real traffic."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mqttx_tui.demo.broker.server import Broker
from mqttx_tui.model.message import Outgoing
from mqttx_tui.ui.screens.trace import TraceScreen
from mqttx_tui.ui.widgets.fields import SafeInput
from tests.ui.live_app import Live, live


@asynccontextmanager
async def tracing(directory: Path, *, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Live]:
    """The app on the embedded broker with two messages of ours, its trace open."""
    broker = Broker(ws_port=None)
    await broker.start()
    try:
        async with live(directory, f"mqtt://127.0.0.1:{broker.port}", filters=("t/#",), size=size) as app:
            await app.connected()
            engine, [connection] = app.app.workspace.engine, app.connections
            assert engine is not None
            await engine.publish(connection.id, Outgoing("t/one", b'{"on": true}', 2))
            await engine.publish(connection.id, Outgoing("other/two", b"x", 1))
            await app.until(lambda: len(fates(app)) == 2, "both are acknowledged")
            await app.press("3", "w")
            await app.until(lambda: isinstance(app.app.screen, TraceScreen), "the trace")
            await app.until(lambda: rows(app), "packets")
            yield app
    finally:
        await broker.stop()


def fates(app: Live) -> list[str]:
    reader = app.app.reader
    assert reader is not None
    found = reader.fates([message.id for message in app.sent])
    return [fate.state for fate in found.values() if fate.state == "acknowledged"]


def screen(app: Live) -> TraceScreen:
    assert isinstance(app.app.screen, TraceScreen)
    return app.app.screen


def rows(app: Live) -> list[str]:
    """The names of the packets that are shown, in order."""
    return [screen(app).listing.shown(entry).name for entry in screen(app).model.entries]


async def narrowed(app: Live, text: str) -> None:
    await app.press("slash")
    await app.type(text)
    await app.press("enter")


def line_with(app: Live, *words: str) -> str:
    found = [line for line in app.lines if all(word in line for word in words)]
    assert found, f"{words} not in\n{app.text}"
    return found[0]


async def test_every_packet_both_ways_in_order(tmp_path: Path) -> None:
    async with tracing(tmp_path) as app:
        await app.until(lambda: rows(app).count("PUBACK") >= 1, "all of them")
        names = [name for name in rows(app) if name not in ("PINGREQ", "PINGRESP")]
        assert names[:4] == ["CONNECT", "CONNACK", "SUBSCRIBE", "SUBACK"]
        assert sorted(names[4:]) == sorted(
            ["PUBLISH", "PUBREC", "PUBREL", "PUBCOMP", "PUBLISH", "PUBLISH", "PUBACK"]
        )
        assert "MQTT 5 · client " in line_with(app, "→ CONNECT")
        assert "t/# q0" in line_with(app, "→ SUBSCRIBE")
        assert "0x00 Granted QoS 0" in line_with(app, "← SUBACK")
        assert "t/one  q0" in line_with(app, "← PUBLISH")
        assert "t/one  q2" in line_with(app, "→ PUBLISH", "t/one")
        assert "0x10 No matching subscribers" in line_with(app, "← PUBACK")
        assert " ms" in line_with(app, "← SUBACK")


async def test_the_flow_of_a_packet_and_the_bytes_of_its_parts(tmp_path: Path) -> None:
    async with tracing(tmp_path) as app:
        await narrowed(app, "t/one dir == out packet == publish")
        await app.until(lambda: rows(app) == ["PUBLISH"], "one packet")
        await app.until(lambda: "PUBREC" in app.text, "its flow")
        flow = line_with(app, "PUBREC", "PUBREL", "PUBCOMP")
        assert flow.index("PUBLISH") < flow.index("PUBREC") < flow.index("PUBREL") < flow.index("PUBCOMP")
        await app.press("enter")
        assert screen(app).fields.has_focus
        while (part := screen(app).fields.marked) is None or part.name != "topic":
            await app.press("down")
        raw = screen(app).taken_apart.raw
        assert raw[part.start : part.end] == b"\x00\x05t/one"
        assert "t/one" in line_with(app, "› topic")
        marked = [
            segment.text
            for strip in app.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style is not None and segment.style.reverse and segment.text.strip()
        ]
        assert "00 05 74 2f 6f 6e 65" in " ".join(marked)


async def test_a_received_publish_is_there_byte_for_byte(tmp_path: Path) -> None:
    async with tracing(tmp_path) as app:
        await narrowed(app, "packet == publish dir == in")
        await app.until(lambda: rows(app) == ["PUBLISH"], "what came")
        await app.until(lambda: screen(app).taken_apart.raw, "it is taken apart")
        body = b"\x00\x05t/one\x00" + b'{"on": true}'
        assert screen(app).taken_apart.raw == bytes((0x30, len(body))) + body
        assert screen(app).taken_apart.notes == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("packet == suback", ["SUBACK"]),
        ("packet in (connect, connack)", ["CONNECT", "CONNACK"]),
        ("reason == 0x10", ["PUBACK"]),
        ("clean", ["CONNECT"]),
        ("no such thing", []),
    ],
)
async def test_the_filter(tmp_path: Path, text: str, names: list[str]) -> None:
    async with tracing(tmp_path) as app:
        await narrowed(app, text)
        await app.until(lambda: rows(app) == names and not screen(app).model.searching, f"{names}")
        if not names:
            await app.sees("no packet matches")


async def test_a_bad_filter_says_what_is_wrong_and_is_kept(tmp_path: Path) -> None:
    async with tracing(tmp_path) as app:
        await app.press("slash")
        await app.type("packet == nonsense")
        await app.sees("packet is a packet identifier or one of")
        field = screen(app).query_one("#trace-filter", SafeInput)
        assert field.value == "packet == nonsense"
        await app.press("ctrl+u")
        await app.until(lambda: "SUBACK" in rows(app), "all packets again")


async def test_what_comes_later_is_followed_until_the_cursor_moves(tmp_path: Path) -> None:
    async with tracing(tmp_path) as app:
        engine, [connection] = app.app.workspace.engine, app.connections
        assert engine is not None
        assert screen(app).model.follow
        before = len(rows(app))
        await engine.publish(connection.id, Outgoing("other/three", b"x", 1))
        await app.until(lambda: len(rows(app)) == before + 2, "PUBLISH and PUBACK")
        await app.press("home", "down")
        assert not screen(app).model.follow
        cursor = screen(app).model.cursor
        await engine.publish(connection.id, Outgoing("other/four", b"x", 1))
        await app.until(lambda: len(fates(app)) == 4, "it is acknowledged")
        await app.pilot.pause(0.4)
        assert (len(rows(app)), screen(app).model.cursor) == (before + 2, cursor)
        await app.press("f")
        await app.until(lambda: len(rows(app)) == before + 4, "the newest again")


async def test_from_a_message_to_its_packet_and_back(tmp_path: Path) -> None:
    async with tracing(tmp_path) as app:
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.app.main_screen, "the stream")
        await app.press("3", "home")
        message = app.app.main_screen.messages.stream_model.cursor_id
        await app.press("w")
        await app.until(
            lambda: isinstance(app.app.screen, TraceScreen) and screen(app).model.cursor is not None,
            "the trace",
        )
        cursor = screen(app).model.cursor
        assert cursor is not None
        assert cursor.message == message
        await app.press("down", "down")
        later = screen(app).model.cursor
        assert later is not None
        await app.press("m" if later.message else "up")
        if app.app.screen is not app.app.main_screen:
            await app.press("m")
        await app.until(lambda: app.app.screen is app.app.main_screen, "the stream")
        assert app.app.workspace.selected_id


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 12)])
async def test_small_screens(tmp_path: Path, size: tuple[int, int]) -> None:
    async with tracing(tmp_path, size=size) as app:
        assert "SUBACK" in app.text or "PUB" in app.text
        await app.press("home", "enter", "down", "tab", "escape")
        await app.until(lambda: app.app.screen is app.app.main_screen, "the stream")
