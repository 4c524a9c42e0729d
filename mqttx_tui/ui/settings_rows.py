"""The rows of the settings screen: what stands there, and a value that was typed. No widgets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.shown import size
from mqttx_tui.model.state import EngineCounters
from mqttx_tui.profiles.settings import AUTO, SETTINGS, TIMES, Setting, Settings
from mqttx_tui.profiles.settings_read import check
from mqttx_tui.ui.key_names import key_name
from mqttx_tui.ui.keymap import DIALOG, EVERYWHERE, PANE, SCREEN, WIDGET, Bound, Keymap
from mqttx_tui.ui.safe import fit, line
from mqttx_tui.ui.widgets.ink import Piece

NAME_CELLS = 28
_TITLES = {EVERYWHERE: "Keys everywhere", SCREEN: "Keys on the main screen"}
LATER = " From the next start on."


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a heading, a setting, or an action with its key."""

    heading: str = ""
    setting: Setting | None = None
    bound: Bound | None = None

    @property
    def label(self) -> str:
        """What is searched and shown on the left."""
        if self.setting is not None:
            return self.setting.label
        return self.bound.identity if self.bound is not None else self.heading

    def meaning(self) -> str:
        """What stands under the list."""
        if self.setting is not None:
            return self.setting.meaning + ("" if self.setting.at_once else LATER)
        if self.bound is not None:
            return f"{self.bound.description}. Usually {'  '.join(map(key_name, self.bound.keys))}."
        return ""


def all_lines(bindings: Iterable[Bound]) -> list[Line]:
    """Every setting, then every action by where it works; an id that is in two places stands once."""
    lines = [Line(heading="Settings"), *(Line(setting=setting) for setting in SETTINGS)]
    seen: set[str] = set()
    scope = ""
    for bound in bindings:
        if bound.identity in seen:
            continue
        seen.add(bound.identity)
        if bound.scope != scope:
            scope = bound.scope
            lines.append(Line(heading=_title(scope)))
        lines.append(Line(bound=bound))
    return lines


def matching(lines: list[Line], text: str) -> list[Line]:
    """The lines that hold every word, and the headings above them."""
    words = text.lower().split()
    found: list[Line] = []
    heading: Line | None = None
    for one in lines:
        if one.heading:
            heading = one
        elif all(word in f"{one.label} {one.meaning()}".lower() for word in words):
            if heading is not None:
                found.append(heading)
                heading = None
            found.append(one)
    return found


def _title(scope: str) -> str:
    if scope in _TITLES:
        return _TITLES[scope]
    for kind, words in ((PANE, "Keys of the pane"), (WIDGET, "Keys in"), (DIALOG, "Keys of the dialog")):
        if scope.startswith(kind):
            return f"{words} {scope.removeprefix(kind)}"
    return scope


def in_force(counters: EngineCounters | None) -> dict[str, str]:
    """What the engine works with where a setting leaves it to the memory and the disk found."""
    if counters is None or not counters.limit_bytes:
        return {}
    return {
        "bytes": size(counters.limit_bytes),
        "topics": f"{counters.limit_topics:,}",
        "low_memory": "yes" if counters.low_memory else "no",
    }


def pieces(one: Line, settings: Settings, keymap: Keymap, now: Mapping[str, str]) -> list[Piece]:
    """A row: name, value, and for an action what it does. What is not the default is bold.

    ``now`` is what stands for an automatic value (``in_force``).
    """
    if one.heading:
        return [(one.heading, "strong")]
    if one.setting is not None:
        value = getattr(settings, one.setting.name)
        chosen = value != one.setting.default
        automatic = value == AUTO or (one.setting.automatic and value == 0)
        return [
            (" " + fit(one.label, NAME_CELLS), "text"),
            (shown_value(one.setting, value), "value bold" if chosen else "text"),
            (f"  {TIMES[value]}" if one.setting.name == "time" else "", "dim"),
            (f": {now[one.setting.name]}" if automatic and one.setting.name in now else "", "dim"),
        ]
    assert one.bound is not None
    own = one.bound.identity in keymap.chosen
    keys = "  ".join(key_name(key) for key in keymap.keys(one.bound.identity, one.bound.keys))
    return [
        (" " + fit(one.label, NAME_CELLS), "text"),
        (fit(keys, 16) + " ", "value bold" if own else "in plain"),
        (line(one.bound.description), "dim"),
    ]


def shown_value(setting: Setting, value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    if setting.automatic and value == 0:
        return "automatic"
    if setting.kind == "size":
        return size(value)
    return f"{value:,}" if setting.kind == "count" else line(str(value))


def stepped(setting: Setting, value: Any, step: int) -> Any:
    """The next value of a switch, a choice, or a switch that can be automatic."""
    if setting.kind == "switch":
        return not value
    choices = (AUTO, True, False) if setting.kind == "maybe" else setting.choices
    return choices[(choices.index(value) + (step or 1)) % len(choices)]


def typed(setting: Setting, value: Any) -> str:
    """A value as it is proposed for typing."""
    if isinstance(value, tuple):
        return ", ".join(value)
    return size(value) if setting.kind == "size" and value else str(value)


def parse(setting: Setting, text: str) -> Any:
    """What was typed, as ``Settings`` holds it. Raises ``InputError``."""
    text = text.strip()
    if setting.kind == "names":
        return check(setting, [word for word in text.replace(",", " ").split() if word])
    if setting.kind == "size" and not text.replace("_", "").isdecimal():
        return check(setting, text)
    if setting.kind in ("count", "size", "share"):
        try:
            number = float(text) if setting.kind == "share" else int(text.replace(",", ""))
        except ValueError:
            raise InputError("needs a number") from None
        return check(setting, number)
    return check(setting, text)
