"""Publishing from the composer: real engine, real brokers, and what became of each message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Paste

from mqttx_tui.demo.broker import Broker
from mqttx_tui.model.message import BINARY_FRAME, DUP, Message, Outgoing
from mqttx_tui.ui.widgets.choice import Choice, Toggle
from mqttx_tui.ui.widgets.payload_area import PayloadArea
from tests.support.mosquitto import Mosquitto, free_port
from tests.support.websockets import serving
from tests.ui.live_app import Live, live


def refuse_secret(client: str, user: str | None, act: str, topic: str) -> int:
    """0x87 for every publish below ``secret``."""
    return 0x87 if act == "publish" and topic.startswith("secret") else 0


@asynccontextmanager
async def broker(port: int = 0) -> AsyncIterator[Broker]:
    running = Broker(port=port, ws_port=None, authorise=refuse_secret)
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


def url(running: Broker | Mosquitto) -> str:
    return f"mqtt://127.0.0.1:{running.port}"


async def fill(app: Live, topic: str, payload: str, *, qos: int = 0) -> None:
    """p, and every field by keys; the focus ends in the payload."""
    await app.press("p")
    await app.until(lambda: app.active == "composer", "the composer")
    field = app.composer.query_one("#composer-topic")
    field.focus()
    await app.press("ctrl+u")
    await app.type(topic)
    await app.press("tab")
    await app.type(payload)
    await app.press("tab", "tab", str(qos), "shift+tab", "shift+tab")
    assert isinstance(app.app.focused, PayloadArea)


async def outgoing(app: Live, count: int = 1) -> list[Message]:
    await app.until(lambda: len(app.sent) >= count, f"{count} sent")
    return app.sent


@pytest.mark.mosquitto
@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_enter_sends_and_the_acknowledgement_is_shown(
    mosquitto: Mosquitto, tmp_path: Path, qos: int
) -> None:
    topic = f"ack/{tmp_path.name}"
    async with live(tmp_path, url(mosquitto), filters=(topic,)) as app:
        await app.connected()
        await fill(app, topic, "ON", qos=qos)
        await app.press("enter")
        found = await outgoing(app)
        assert (found[0].topic, found[0].payload, found[0].qos) == (topic, b"ON", qos)
        if qos:
            await app.until(
                lambda: any("✓" in line and "ms" in line for line in app.lines[-8:]), "✓ … ms in the composer"
            )
            assert any("→" in line and "✓" in line for line in app.lines[:30]), "the stream says it, too"
        await app.until(lambda: any("←" in line and "ON" in line for line in app.lines), "it came back")


async def test_a_refusal_is_shown_with_its_reason(tmp_path: Path) -> None:
    async with broker() as running, live(tmp_path, url(running)) as app:
        await app.connected()
        await fill(app, "secret/door", "open", qos=1)
        await app.press("f5")
        await app.until(
            lambda: any("✗ 0x87 Not authorized" in line for line in app.lines[-9:]), "the refusal"
        )
        assert app.composer.draft.payload == "open"
        await app.until(lambda: any("→" in line and "✗ 0x87" in line for line in app.lines[:30]), "its row")


async def test_what_is_sent_while_down_waits_and_is_acknowledged(tmp_path: Path) -> None:
    port = free_port()
    async with broker(port) as running, live(tmp_path, url(running)) as app:
        await app.connected()
        await fill(app, "a/b", "later", qos=1)
        await running.stop()
        await app.until(lambda: "◌" in app.lines[0], "the loss")
        await app.press("enter")
        await app.until(lambda: any("queued" in line for line in app.lines[-9:]), "queued")
        async with broker(port):
            await app.press("escape", "1", "enter")
            await app.press("5")
            await app.until(lambda: any("✓" in line for line in app.lines[-9:]), "the acknowledgement")
        assert [(m.topic, m.payload) for m in app.sent if not m.flags & DUP] == [("a/b", b"later")]


async def test_a_wildcard_is_refused_before_sending_and_nothing_is_lost(tmp_path: Path) -> None:
    async with broker() as running, live(tmp_path, url(running)) as app:
        await app.connected()
        await fill(app, "site/+/set", "ON")
        await app.press("f5")
        await app.until(lambda: any("✗" in line and "+" in line for line in app.lines[-9:]), "the refusal")
        assert app.composer.draft.topic == "site/+/set"
        assert app.composer.draft.payload == "ON"
        assert app.sent == []


async def test_read_only_names_the_file_and_the_line(tmp_path: Path) -> None:
    async with broker() as running:
        config = f'schema = 1\n[connections.production]\nurl = "{url(running)}"\nread_only = true\n'
        async with live(tmp_path, "production", config=config) as app:
            await app.connected()
            await app.sees("READ ONLY")
            for key in ("p", "f5"):
                await app.press(key)
                await app.sees("read_only = true in ")
                assert "connections.toml, line 4)" in app.app.workspace.notices[-1].text
            assert app.active == "messages"
            assert app.sent == []


async def test_retain_by_keys(tmp_path: Path) -> None:
    async with broker() as running, live(tmp_path, url(running)) as app:
        await app.connected()
        await fill(app, "state", "kept")
        await app.press("tab", "tab", "tab", "space", "f5")
        assert (await outgoing(app))[0].retained


@pytest.mark.parametrize(
    ("format", "typed", "sent"),
    [
        ("hex", "01 03 ff", b"\x01\x03\xff"),
        ("base64", "AQP/", b"\x01\x03\xff"),
        ("json", "[1, 2]", b"[1, 2]"),
    ],
)
async def test_formats(tmp_path: Path, format: str, typed: str, sent: bytes) -> None:
    async with broker() as running, live(tmp_path, url(running)) as app:
        await app.connected()
        await fill(app, "raw", typed)
        await app.press("tab", format[0], "f5")
        assert (await outgoing(app))[0].payload == sent


@pytest.mark.parametrize(
    ("format", "typed", "place"), [("hex", "01 0g", "5"), ("json", '{"a": }', "7"), ("base64", "AQ$P", "3")]
)
async def test_what_does_not_fit_its_format_is_placed(
    tmp_path: Path, format: str, typed: str, place: str
) -> None:
    async with broker() as running, live(tmp_path, url(running)) as app:
        await app.connected()
        await fill(app, "raw", typed)
        await app.press("tab", format[0], "f5")
        await app.until(
            lambda: any("✗" in line and f"column {place}" in line for line in app.lines[-9:]), "the place"
        )
        assert app.composer.draft.payload == typed
        assert app.sent == []


async def test_the_target_is_named_and_switched(tmp_path: Path) -> None:
    async with broker() as first, broker() as second:
        config = "schema = 1\n" + "".join(
            f'[connections.{name}]\nurl = "{url(running)}"\nconnect = true\nsubscriptions = ["#"]\n'
            for name, running in (("one", first), ("two", second))
        )
        async with live(tmp_path, config=config, filters=()) as app:
            await app.connected(2)
            await fill(app, "where", "x")
            assert "→ A one" in app.text
            await app.press("ctrl+t")
            await app.sees("→ B two")
            await app.press("enter")
            assert (await outgoing(app))[0].connection == 2
            await app.press("ctrl+t")
            await app.sees("→ A one")


async def test_a_raw_websocket_gets_text_and_binary_frames(tmp_path: Path) -> None:
    heard: asyncio.Queue[str | bytes] = asyncio.Queue()

    async def listen(connection: object) -> None:
        async for frame in connection:  # type: ignore[attr-defined]
            await heard.put(frame)

    async with serving(listen) as profile, live(tmp_path, str(profile.url), filters=()) as app:
        await app.connected()
        await app.press("p")
        await app.until(lambda: isinstance(app.app.focused, PayloadArea), "the payload")

        def hidden() -> bool:
            below = "\n".join(app.lines[-12:])
            return "payload" in below and not any(word in below for word in ("retain", "QoS", " topic"))

        await app.until(hidden, "no fields of MQTT")
        await app.type("hello")
        await app.press("enter")
        assert await asyncio.wait_for(heard.get(), 5) == "hello"
        await app.press("ctrl+u")
        await app.type("00 ff")
        await app.press("tab", "h", "f5")
        assert await asyncio.wait_for(heard.get(), 5) == b"\x00\xff"
        found = await outgoing(app, 2)
        assert [bool(message.flags & BINARY_FRAME) for message in found] == [False, True]


async def test_p_holds_what_was_sent_and_f5_sends_it_again_from_anywhere(tmp_path: Path) -> None:
    async with broker() as running, live(tmp_path, url(running)) as app:
        await app.connected()
        await fill(app, "site/7/set", "ON", qos=1)
        await app.press("enter")
        await outgoing(app)
        await app.press("escape")
        for number, key in enumerate("1234", 2):
            await app.press(key, "f5")
            assert len(await outgoing(app, number)) == number
        await app.sees("sent to A")
        assert "site/7/set" in app.text
        await app.press("3", "p")
        draft = app.composer.draft
        assert (draft.topic, draft.payload, draft.qos) == ("site/7/set", "ON", 1)
        await app.press("ctrl+j")
        assert {(m.topic, m.payload, m.qos) for m in await outgoing(app, 6)} == {("site/7/set", b"ON", 1)}


async def test_r_reuses_the_selected_message_with_equal_bytes(tmp_path: Path) -> None:
    raw = bytes(range(256))
    async with broker() as running, live(tmp_path, url(running)) as app:
        await app.connected()
        engine = app.app.workspace.engine
        assert engine is not None
        await engine.publish(1, Outgoing("bytes", raw, qos=1))
        await app.until(lambda: any("←" in line and "bytes" in line for line in app.lines), "the message")
        await app.press("3", "end", "r")
        await app.until(lambda: app.active == "composer", "the composer")
        assert app.composer.draft.format == "hex"
        await app.press("f5")
        found = await outgoing(app, 2)
        assert [(message.topic, message.payload) for message in found] == [("bytes", raw)] * 2


async def test_the_order_of_tab_and_the_way_back(tmp_path: Path) -> None:
    async with broker() as running, live(tmp_path, url(running)) as app:
        await app.connected()
        await app.press("2", "p")
        await app.until(lambda: app.active == "composer", "the composer")
        order = ["topic", "payload", "format", "qos", "retain", "send", "more"]

        def place() -> str:
            return str(app.app.focused.id).removeprefix("composer-") if app.app.focused else ""

        seen = [place()]
        for _ in order[1:]:
            await app.press("tab")
            seen.append(place())
        assert seen == order
        await app.press("tab")
        assert app.active == "connections"
        await app.press("shift+tab")
        assert app.active == "composer"
        app.composer.query_one("#composer-more").focus()
        for wanted in reversed(order[:-1]):
            await app.press("shift+tab")
            assert place() == wanted
        await app.press("shift+tab")
        assert app.active == "inspector"
        await app.press("2", "p", "escape")
        assert app.active == "topics"


async def test_the_button_sends_with_enter_and_by_a_click(tmp_path: Path) -> None:
    async with broker() as running, live(tmp_path, url(running)) as app:
        await app.connected()
        await fill(app, "button", "x")
        await app.press("tab", "tab", "tab", "tab", "enter")
        await outgoing(app)
        await app.pilot.click("#composer-send")
        assert len(await outgoing(app, 2)) == 2


async def test_no_printable_key_publishes(tmp_path: Path) -> None:
    async with broker() as running, live(tmp_path, url(running)) as app:
        await app.connected()
        await fill(app, "never", "x")
        for field in ("topic", "payload", "format", "qos", "retain", "send"):
            app.composer.query_one(f"#composer-{field}").focus()
            await app.press(*"abcXYZ019", "space")
        await app.press("escape")
        await app.press("4", *"0/nsdbS", "escape", "3")
        assert app.sent == []


async def test_a_paste_keeps_every_line_and_sends_nothing(tmp_path: Path) -> None:
    async with broker() as running, live(tmp_path, url(running)) as app:
        await app.connected()
        await fill(app, "paste", "")
        text = '{\n "on": true\n}'
        app.app.post_message(Paste(text))
        await app.until(lambda: app.composer.draft.payload == text, "all three lines")
        assert "F5 or ^J send" in app.text
        await app.press("enter")
        assert app.composer.draft.payload.count("\n") == 3
        assert app.sent == []
        await app.press("ctrl+j")
        assert (await outgoing(app))[0].payload == (text + "\n").encode()


async def test_choices_and_switch_by_mouse(tmp_path: Path) -> None:
    async with broker() as running, live(tmp_path, url(running)) as app:
        await app.connected()
        await app.press("p")
        await app.pilot.click("#composer-qos")
        await app.pilot.click("#composer-retain")
        await app.pilot.pause()
        assert app.composer.query_one("#composer-qos", Choice).value == "1"
        assert app.composer.query_one("#composer-retain", Toggle).value is True
