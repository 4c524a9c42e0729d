"""The inspector follows the cursor, and keys go there and back."""

from __future__ import annotations

from pathlib import Path

from mqttx_tui.model.message import Message
from mqttx_tui.ui.panes.inspector import InspectorPane
from mqttx_tui.ui.topic_value import value_text
from tests.ui.bench_app import Bench, bench


def inspected(app: Bench) -> int | None:
    pane = app.app.main_screen.find_pane(InspectorPane)
    assert pane is not None
    return pane.message_id


async def test_moving_the_cursor_while_following_shows_that_message_at_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        first = await app.feed([("t", b"%d" % number, 0) for number in range(30)])
        last = first + 29
        for steps in (1, 2, 3):
            await app.press("up")
            assert inspected(app) == last - steps
        await app.feed([("t", b"newer", 0)] * 5)
        assert inspected(app) == last - 3, "it stays with its message"
        assert "HELD" in app.line("3 Messages")


async def test_enter_gives_the_keys_to_the_inspector_and_esc_takes_them_back(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("t", b'{"a": 1}', 0)] * 3)
        for pane, key in (("messages", "3"), ("topics", "2")):
            await app.press(key)
            if pane == "messages":
                await app.press("up", "enter")
            else:
                await app.press("4")
            assert app.app.main_screen.active == "inspector"
            await app.press("escape")
            assert app.app.main_screen.active == pane


async def test_tabs_go_round_and_hex_reaches_every_byte(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("raw", bytes(range(256)) * 20, 0)])
        await app.press("3", "home", "enter", "right_square_bracket")
        assert "connection" in app.line("connection")
        await app.press("right_square_bracket", "end")
        assert "000013f0" in "\n".join(app.lines)
        assert app.line("000013f0")[39:41] == " 0", "one blank of margin"


def test_the_obvious_value_of_a_payload() -> None:
    for payload, shown in (
        (b'{"value": 21.4, "unit": "C"}', "21.4"),
        (b'{"unit": "C", "state": "ON"}', "ON"),
        (b'{"value": {"deep": 1}, "state": true}', "true"),
        (b'{"list": [1], "only": "this"}', "this"),
        (b'{"name": "x", "power": 44.0, "on": true}', "44.0"),
        (b'{"name": "x", "on": true}', '{"name":"x","on":true}'),
        (b"[1, 2]", "[1,2]"),
        (b"OFF", "OFF"),
        (b'{"cut', '{"cut'),
        (b"", ""),
    ):
        message = Message(1, 0, 1, 1, "t", 0, len(payload), payload, len(payload))
        assert value_text(message, 40) == shown
