"""What the keys of the packet trace do."""

from __future__ import annotations

from unittest.mock import patch

from mqttx_tui.ui.screens import trace as module
from mqttx_tui.ui.screens.trace import TraceScreen
from mqttx_tui.ui.widgets.fields import SafeInput
from tests.bindings.registry import Press, effects_of
from tests.ui.bench_app import Bench

effect = effects_of("TraceScreen")


async def traced(app: Bench, count: int = 3) -> TraceScreen:
    """The trace over so many received messages."""
    await app.feed([("site/7/temp", f"number {number}".encode(), 0) for number in range(1, count + 1)])
    await app.press("w")
    await app.until(lambda: isinstance(app.app.screen, TraceScreen), "the trace")
    screen = app.app.screen
    assert isinstance(screen, TraceScreen)
    await app.until(lambda: len(screen.model.entries) == count, "its packets")
    return screen


@effects_of("MainScreen")("trace")
async def opens_the_trace(app: Bench, press: Press) -> None:
    await app.feed([("site/7/temp", b"x", 0)])
    await press()
    await app.until(lambda: isinstance(app.app.screen, TraceScreen), "the trace")
    await app.until(lambda: "PUBLISH" in "\n".join(app.lines), "its packet")


@effect("trace.close")
async def closes_it(app: Bench, press: Press) -> None:
    await traced(app)
    await press()
    await app.until(lambda: app.app.screen is app.app.main_screen, "the stream")


@effect("trace.back")
async def goes_back_one_step(app: Bench, press: Press) -> None:
    screen = await traced(app)
    await app.press("tab")
    assert screen.fields.has_focus
    await press()
    assert screen.listing.has_focus
    await press()
    await app.until(lambda: app.app.screen is app.app.main_screen, "the stream")


@effect("trace.other")
async def goes_to_the_parts_and_back(app: Bench, press: Press) -> None:
    screen = await traced(app)
    await press()
    assert screen.fields.has_focus
    await press()
    assert screen.listing.has_focus


@effect("trace.filter")
async def opens_the_filter(app: Bench, press: Press) -> None:
    screen = await traced(app)
    await press()
    field = screen.query_one("#trace-filter", SafeInput)
    assert field.has_focus
    await app.press(*"nothing")
    await app.until(lambda: not screen.model.entries, "nothing matches")


@effect("trace.follow")
async def follows_again(app: Bench, press: Press) -> None:
    screen = await traced(app)
    await app.press("home")
    assert not screen.model.follow
    await press()
    assert screen.model.follow


@effect("trace.message")
async def goes_to_its_message(app: Bench, press: Press) -> None:
    screen = await traced(app)
    await app.press("home")
    assert screen.model.cursor is not None
    wanted = screen.model.cursor.message
    await press()
    await app.until(lambda: app.app.screen is app.app.main_screen, "the stream")
    await app.until(lambda: app.app.workspace.selected_id == wanted, "the message")


@effect("trace.copy")
async def copies_the_bytes(app: Bench, press: Press) -> None:
    screen = await traced(app, 1)
    await app.until(lambda: bool(screen.taken_apart.raw), "it is taken apart")
    copied: list[str] = []
    with patch.object(module, "copy", lambda app, text: copied.append(text)):
        await press()
    assert copied == [screen.taken_apart.raw.hex(" ")]
    assert b"number 1" in screen.taken_apart.raw
