"""The composer with payloads up to the megabyte that it takes, and what it says of larger ones."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from textual import events

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import PAYLOAD_CUT, Message
from mqttx_tui.payload.encode import encode
from mqttx_tui.ui.draft import REUSED_BYTES, from_message
from mqttx_tui.ui.panes.composer import ComposerPane
from mqttx_tui.ui.widgets.payload_area import PayloadArea
from tests.ui.bench_app import Bench, bench

LINE = b"x" * REUSED_BYTES
LINES = (b"abc def\n" * REUSED_BYTES)[:REUSED_BYTES]
OBJECT = json.dumps([{"value": number} for number in range(50_000)]).encode()
BINARY = (bytes(range(256)) * REUSED_BYTES)[:REUSED_BYTES]


def captured(payload: bytes) -> Message:
    return Message(7, 0, 3, 1, "site/7/set", 0, len(payload) + 20, payload, len(payload))


@pytest.mark.parametrize("payload", [LINE, LINES, OBJECT, BINARY], ids=["line", "lines", "json", "binary"])
def test_a_draft_of_a_megabyte_sends_the_same_bytes(payload: bytes) -> None:
    draft = from_message(captured(payload))
    assert encode(draft.payload, draft.format) == payload


def test_a_payload_that_is_not_all_there_is_refused() -> None:
    cut = dataclasses.replace(captured(LINE), payload_size=REUSED_BYTES + 1)
    with pytest.raises(InputError, match="the composer holds 1,000,000"):
        from_message(cut)
    with pytest.raises(InputError, match="only the beginning"):
        from_message(dataclasses.replace(captured(LINE), flags=PAYLOAD_CUT))


def area(app: Bench) -> PayloadArea:
    return app.app.main_screen.query_one(PayloadArea)


async def sent(app: Bench) -> bytes:
    app.engine.calls.clear()
    await app.press("f5")
    await app.until(lambda: bool(app.engine.calls), "a publish")
    kind, _, _, payload, _ = app.engine.calls[0]
    assert kind == "publish"
    assert isinstance(payload, bytes)
    return payload


@pytest.mark.parametrize("payload", [LINE, LINES, OBJECT, BINARY], ids=["line", "lines", "json", "binary"])
async def test_a_megabyte_is_reused_whole(payload: bytes, tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("site/7/set", payload)])
        await app.press("r")
        await app.tick()
        app.line("sent whole; too large to edit here, Backspace clears")
        await app.press("a", "enter", "space", "left")
        assert await sent(app) == payload
        await app.press("backspace", "O", "N")
        assert area(app).content == "ON"


async def test_a_larger_payload_is_refused_with_a_notice(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("site/7/set", LINE + b"x")])
        await app.press("r")
        await app.tick()
        app.line("Not reused: its payload has 1,000,001 bytes, the composer holds 1,000,000")
        assert app.app.main_screen.active == "messages"
        composer = app.app.main_screen.find_pane(ComposerPane)
        assert composer is not None
        assert composer.draft.payload == ""


async def test_a_pasted_megabyte_is_sent_whole(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("site/7/set", b"ON")])
        await app.press("r", "end")
        area(app).post_message(events.Paste(LINE.decode()))
        await app.until(lambda: len(area(app).content) > 2, "the paste")
        assert await sent(app) == b"ON" + LINE
        area(app).post_message(events.Paste("lost?"))
        await app.pilot.pause()
        await app.tick()
        app.line("held as a whole: Backspace clears it")


async def test_a_copy_that_is_cut_says_so(tmp_path: Path) -> None:
    whole = "é" * 499_999 + "a€"
    async with bench(tmp_path) as app:
        await app.feed([("site/7/set", whole.encode())])
        await app.press("y")
        await app.tick()
        app.line("only the beginning of the payload copied: 999,999 of 1,000,002 bytes")
        assert app.app.clipboard == whole[:-1]
