"""What the keys of lists and small fields do."""

from __future__ import annotations

from mqttx_tui.ui.widgets.choice import Choice, TextButton, Toggle
from tests.bindings.main_screen import active, cursor_payload, numbered
from tests.bindings.registry import Press, effects_of
from tests.ui.bench_app import Bench

effect = effects_of("LineList")


async def moves(app: Bench, press: Press, start: str, then: str) -> None:
    """The cursor of a stream of 100 goes from its first or last row to another."""
    await app.feed(numbered(100))
    await app.press("home" if start.endswith(" 1") else "end", *(["up"] if start.endswith(" 99") else []))
    assert cursor_payload(app).endswith(start)
    await press()
    await app.until(lambda: cursor_payload(app).endswith(then), f"the cursor on {then}")


def rows(app: Bench) -> int:
    return app.app.main_screen.messages.stream.page_rows


@effect("list.up")
async def up(app: Bench, press: Press) -> None:
    await moves(app, press, "number 99", "number 98")


@effect("list.down")
async def down(app: Bench, press: Press) -> None:
    await moves(app, press, "number 1", "number 2")


@effect("list.page_up")
async def page_up(app: Bench, press: Press) -> None:
    await moves(app, press, "number 99", f"number {99 - rows(app) + 1}")


@effect("list.page_down")
async def page_down(app: Bench, press: Press) -> None:
    await moves(app, press, "number 1", f"number {rows(app)}")


@effect("list.half_up")
async def half_up(app: Bench, press: Press) -> None:
    await moves(app, press, "number 99", f"number {99 - rows(app) // 2}")


@effect("list.half_down")
async def half_down(app: Bench, press: Press) -> None:
    await moves(app, press, "number 1", f"number {1 + rows(app) // 2}")


@effect("list.home")
async def home(app: Bench, press: Press) -> None:
    await moves(app, press, "number 99", "number 1")


@effect("list.end")
async def end(app: Bench, press: Press) -> None:
    await moves(app, press, "number 1", "number 100")


async def scrolled_payload(app: Bench) -> str:
    await app.feed([("a", b"0123456789" * 20, 0)])
    await app.press("home")
    return cursor_payload(app)


@effect("list.right")
async def right(app: Bench, press: Press) -> None:
    before = await scrolled_payload(app)
    assert before.startswith("0123")
    await press()
    await app.until(lambda: cursor_payload(app) != before, "the payload scrolls")
    assert app.app.main_screen.messages.stream.offset_cells > 0


@effect("list.left")
async def left(app: Bench, press: Press) -> None:
    before = await scrolled_payload(app)
    await app.press("right")
    assert cursor_payload(app) != before
    await press()
    await app.until(lambda: cursor_payload(app) == before, "the payload is back")


@effect("list.enter")
async def enter(app: Bench, press: Press) -> None:
    await app.feed([*numbered(2), ("other", b"1", 0)])
    await app.press("home")
    await press()
    await app.until(lambda: active(app) == "inspector", "Enter in the stream inspects")
    await app.topics(2)
    await app.press("2", "home")
    await press()
    await app.until(lambda: app.app.workspace.narrowing is not None, "Enter in the tree narrows")


@effect("list.space")
async def space(app: Bench, press: Press) -> None:
    await app.feed([*numbered(2), ("site/8/temp", b"1", 0)])
    await press()
    await app.until(lambda: "PAUSED" in app.line("3 Messages"), "Space in the stream pauses")
    await app.topics(2)
    await app.press("2", "home")
    before = tree_rows(app)
    await press()
    await app.until(lambda: tree_rows(app) != before, "Space in the tree folds")
    await app.press("1", "home", "down")
    await press()
    switched_off = ("unsubscribe", 1, "greenhouse/+/temperature")
    await app.until(lambda: switched_off in app.engine.calls, "Space switches a subscription off")


def tree_rows(app: Bench) -> list[str]:
    at = next(y for y, line in enumerate(app.lines) if "2 Topics" in line)
    return [line[:30].rstrip() for line in app.lines[at + 1 : at + 6]]


choice = effects_of("Choice")


async def chosen(app: Bench) -> Choice:
    """The composer's QoS field, with the focus and at 1 of 0, 1 and 2."""
    await app.press("p")
    field = app.app.main_screen.query_one("#composer-qos", Choice)
    field.value = "1"
    field.focus()
    await app.until(lambda: field.has_focus, "the field")
    return field


@choice("choice.next")
async def next_choice(app: Bench, press: Press) -> None:
    field = await chosen(app)
    await press()
    await app.until(lambda: field.value == "2" and "QoS ‹2›" in "\n".join(app.lines), "the next value")


@choice("choice.previous")
async def previous_choice(app: Bench, press: Press) -> None:
    field = await chosen(app)
    await press()
    await app.until(lambda: field.value == "0" and "QoS ‹0›" in "\n".join(app.lines), "the value before")


toggle = effects_of("Toggle")


@toggle("toggle.flip")
async def flips(app: Bench, press: Press) -> None:
    await app.press("p")
    field = app.app.main_screen.query_one("#composer-retain", Toggle)
    field.focus()
    await app.until(lambda: field.has_focus, "the field")
    assert "☐ retain" in "\n".join(app.lines)
    await press()
    await app.until(lambda: "☑ retain" in "\n".join(app.lines), "it is on")
    await press()
    await app.until(lambda: "☐ retain" in "\n".join(app.lines), "it is off")


button = effects_of("TextButton")


@button("button.press")
async def presses(app: Bench, press: Press) -> None:
    await app.press("p", *"site/set", "tab", *"ON")
    field = app.app.main_screen.query_one("#composer-send", TextButton)
    field.focus()
    await app.until(lambda: field.has_focus, "the button")
    await press()
    sent = ("publish", 1, "site/set", b"ON", False)
    await app.until(lambda: sent in app.engine.calls, "the message is sent")
