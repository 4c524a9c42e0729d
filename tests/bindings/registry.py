"""What a binding does, as a test; and all the bindings there are."""

from __future__ import annotations

import importlib
import pkgutil
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from textual.binding import Binding
from textual.dom import DOMNode

import mqttx_tui.ui
from mqttx_tui.ui.keys import GUARD_SECONDS
from tests.ui.bench_app import Bench

Press = Callable[[], Awaitable[None]]
"""Presses the key under test: every effect is called once for each key of its binding."""
Test = Callable[[Bench, Press], Awaitable[None]]
Where = tuple[str, str]
"""Name of the class whose BINDINGS hold it, and its id; or ``palette`` and a command's title."""

CONFIG = """\
schema = 1

[connections.greenhouse]
url = "mqtt://127.0.0.1:1"
subscriptions = [{ filter = "site/#", qos = 1 }]

[connections.spare]
name = "Spare broker"
url = "mqtt://127.0.0.1:2"
subscriptions = ["a/#"]
"""


@dataclass(frozen=True)
class Effect:
    """A test, and the app that it wants."""

    test: Test
    options: dict[str, Any]


EFFECTS: dict[Where, Effect] = {}


def effects_of(owner: str) -> Callable[..., Callable[[Test], Test]]:
    """A decorator that registers the tests of one class: ``@effect(id, **options of bench)``."""

    def effect(identity: str, **options: Any) -> Callable[[Test], Test]:
        def register(test: Test) -> Test:
            where = (owner, identity)
            assert where not in EFFECTS, f"{where} has a test already"
            EFFECTS[where] = Effect(test, options)
            return test

        return register

    return effect


class Found(NamedTuple):
    """A binding and the class that declares it."""

    owner: str
    binding: Binding

    @property
    def where(self) -> Where:
        """How the registry names it."""
        return self.owner, self.binding.id or f"without an id: {self.binding.key}"


def every_binding() -> Iterator[Found]:
    """Those of every app, screen, pane and widget of ours, in the order of their classes' names."""
    for module in pkgutil.walk_packages(mqttx_tui.ui.__path__, "mqttx_tui.ui."):
        importlib.import_module(module.name)
    for kind in sorted(set(_kinds(DOMNode)), key=lambda kind: kind.__qualname__):
        for binding in vars(kind).get("BINDINGS", ()):
            if not isinstance(binding, Binding):
                binding = Binding(*binding)
            yield Found(kind.__qualname__, binding)


def _kinds(kind: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for below in kind.__subclasses__():
        if below.__module__.startswith("mqttx_tui."):
            yield below
        yield from _kinds(below)


def keys_of(binding: Binding) -> list[str]:
    """Every key of it, stand-ins such as ``alt+p`` and ``£`` too."""
    return [key.strip() for key in binding.key.split(",")]


def bench_options(effect: Effect, directory: Path) -> dict[str, Any]:
    """What ``bench`` is called with.

    ``profiles=True``: a profile file with two connections, the first of which is the bench's;
    ``added``: with this at its end.
    """
    options = dict(effect.options)
    added = options.pop("added", "")
    if options.pop("profiles", False) or added:
        path = directory / "connections.toml"
        path.write_text(CONFIG + added)
        options["config"] = str(path)
    return options


async def alone(app: Bench) -> None:
    """Until the next key is far enough from the last one to be a person's."""
    since = time.monotonic()
    await app.until(lambda: time.monotonic() - since > 2 * GUARD_SECONDS, "a person's pace")
