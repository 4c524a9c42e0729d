"""What the keys of the inspector's payload do."""

from __future__ import annotations

from tests.bindings.main_screen import inspected
from tests.bindings.registry import Press, effects_of
from tests.ui.bench_app import Bench

payload = effects_of("PayloadTab")
json_view = effects_of("JsonView")
command = effects_of("palette")

NESTED = b'{"a": {"b": [1, 2]}, "c": "ON"}'


async def inspects(app: Bench) -> None:
    await app.feed([("site/set", NESTED, 0)])
    await app.press("home", "enter")
    assert any('"b": [' in line for line in app.lines)


@payload("payload.filter")
async def filters(app: Bench, press: Press) -> None:
    await inspects(app)
    await app.press("end", "up")
    await press()
    field = app.app.main_screen.messages.filter_line
    await app.until(lambda: bool(field.display), "the filter's field")
    assert field.value == 'topic == "site/set" and .c == "ON"'


@json_view("json.fold_all")
async def folds_all(app: Bench, press: Press) -> None:
    await inspects(app)
    await press()
    await app.until(lambda: any('"a": { … 5 lines },' in line for line in app.lines), "the fold")


@json_view("json.unfold_all")
async def unfolds_all(app: Bench, press: Press) -> None:
    await inspects(app)
    await app.press("down", "enter")
    assert any('"a": { … 5 lines },' in line for line in app.lines)
    await press()
    await app.until(lambda: any('"b": [' in line for line in inspected(app)), "everything")
    assert not any("… 5 lines" in line for line in inspected(app))


@command("Filter by the value")
async def filters_by_name(app: Bench, press: Press) -> None:
    await inspects(app)
    await app.press("end", "up", "right_square_bracket")
    await press()
    field = app.app.main_screen.messages.filter_line
    await app.until(lambda: field.value == 'topic == "site/set" and .c == "ON"', "the filter")
