"""No binding without a test that asserts its effect, and no test without its binding."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.widget import Widget

from mqttx_tui.ui.commands import WITHOUT_KEY
from tests.bindings import (
    composing,
    dialogs,
    inspector_tabs,
    links,
    lists,
    main_screen,
    palette,
    panes,
    payload_tab,
    settling,
    stream,
    tracing,
)
from tests.bindings.registry import EFFECTS, Where, alone, bench_options, every_binding, keys_of
from tests.ui.bench_app import bench

REGISTERING = (
    composing,
    dialogs,
    inspector_tabs,
    links,
    lists,
    main_screen,
    palette,
    panes,
    payload_tab,
    settling,
    stream,
    tracing,
)
"""The modules whose import fills the registry."""
BOUND = {found.where: found.binding for found in every_binding()}
TITLES = {("palette", title) for title, _, _ in WITHOUT_KEY}
CASES = [(where, key) for where, binding in BOUND.items() for key in keys_of(binding)]


def test_every_binding_has_an_id_of_its_own() -> None:
    found = Counter(found.where for found in every_binding())
    assert [where for where, number in found.items() if number > 1 or "without an id" in where[1]] == []


def test_every_binding_and_every_command_has_a_test_of_its_effect() -> None:
    assert sorted((BOUND.keys() | TITLES) - EFFECTS.keys()) == []


def test_every_test_of_an_effect_has_its_binding_or_command() -> None:
    assert sorted(EFFECTS.keys() - (BOUND.keys() | TITLES)) == []


def test_a_binding_that_nobody_tests_is_found() -> None:
    """The enumeration sees a class that was defined a moment ago, wherever it stands."""
    name = {"__module__": "mqttx_tui.somewhere", "BINDINGS": [Binding("j,alt+j", "jump", "jump", id="jump")]}
    stray = type("Stray", (Widget,), name)
    found = [one for one in every_binding() if one.owner == stray.__qualname__]
    assert [(one.where, keys_of(one.binding)) for one in found] == [(("Stray", "jump"), ["j", "alt+j"])]
    assert ("Stray", "jump") not in EFFECTS


async def run(where: Where, key: str, directory: Path) -> None:
    effect = EFFECTS[where]
    async with bench(directory, **bench_options(effect, directory)) as app:

        async def press() -> None:
            await alone(app)
            await app.press(key)

        await effect.test(app, press)


@pytest.mark.parametrize(("where", "key"), [pytest.param(w, k, id=f"{w[0]}-{w[1]}-{k}") for w, k in CASES])
async def test_the_key_has_its_effect(where: Where, key: str, tmp_path: Path) -> None:
    if where not in EFFECTS:
        pytest.fail(f"no test in tests/bindings asserts what {key} of {where} does")
    await run(where, key, tmp_path)


@pytest.mark.parametrize("title", [title for title, _, _ in WITHOUT_KEY])
async def test_the_command_has_its_effect(title: str, tmp_path: Path) -> None:
    if ("palette", title) not in EFFECTS:
        pytest.fail(f"no test in tests/bindings asserts what the command {title!r} does")
    await palette.run(title, tmp_path)
