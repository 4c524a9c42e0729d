"""Rows of a name and a value, as many as there are: headers, query parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input

from mqttx_tui.ui.widgets.fields import SafeInput

Hides = Callable[[str, str], bool]
"""Whether the value of a name is a secret."""


class PairRows(Vertical):
    """One row for each pair and an empty one below; a row emptied is a pair removed.

    ``value`` is lines of ``name TAB value``. A value for which ``hides`` is true is shown only while
    it is edited.
    """

    DEFAULT_CSS = """
    PairRows { height: auto; width: 1fr; }
    PairRows > Horizontal { height: 1; }
    PairRows > Horizontal > .pair-name { width: 1fr; max-width: 26; margin-right: 1; }
    PairRows > Horizontal > .pair-value { width: 2fr; }
    """

    def __init__(self, value: str, *, hides: Hides, hint: str = "", **options: Any) -> None:
        super().__init__(**options)
        self._hides = hides
        self._hint = hint
        self._rows: list[tuple[Input, Input]] = []
        self._first = [tuple(line.partition("\t")[::2]) for line in value.split("\n") if line]

    def compose(self) -> ComposeResult:
        """The pairs, and an empty row."""
        for name, value in (*self._first, ("", "")):
            yield self._row(name, value)

    def _row(self, name: str, value: str) -> Horizontal:
        name_hint, _, value_hint = self._hint.partition(": ")
        hidden = self._hides(name, value)
        pair = (
            SafeInput(name, placeholder=name_hint, compact=True, classes="pair-name"),
            SafeInput(value, placeholder=value_hint, compact=True, password=hidden, classes="pair-value"),
        )
        self._rows.append(pair)
        return Horizontal(*pair)

    @property
    def value(self) -> str:
        """The pairs as lines of ``name TAB value``; empty rows are left out."""
        pairs = map(_pair, self._rows)
        return "\n".join(f"{name}\t{value}" for name, value in pairs if name or value)

    def focus(self, scroll_visible: bool = True) -> PairRows:
        """Focus the first name."""
        self._rows[0][0].focus(scroll_visible)
        return self

    @on(Input.Changed)
    def _grow(self) -> None:
        if any(_pair(self._rows[-1])):
            self.mount(self._row("", ""))
        self._mask()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A secret is shown while it is edited."""
        self._mask()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """It is hidden again."""
        self._mask()

    def _mask(self) -> None:
        for row in self._rows:
            row[1].password = not row[1].has_focus and self._hides(*_pair(row))


def _pair(row: tuple[Input, Input]) -> tuple[str, str]:
    return row[0].value.strip().replace("\t", " "), row[1].value.strip()
