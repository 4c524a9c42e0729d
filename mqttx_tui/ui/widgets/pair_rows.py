"""Rows of a name and a value, as many as there are: headers, query parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from mqttx_tui.ui.widgets.fields import SafeInput

Hides = Callable[[str, str], bool]
"""Whether the value of a name is a secret."""


class PairName(SafeInput):
    """The name of a pair. Lines of names and values that are pasted into an empty one become rows."""

    class Pasted(Message):
        """Pairs, instead of the row that they were pasted into."""

        def __init__(self, name: Input, pairs: list[tuple[str, str]]) -> None:
            super().__init__()
            self.field = name
            self.pairs = pairs

    def __init__(self, *arguments: Any, divider: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._divider = divider

    def on_paste(self, event: events.Paste) -> None:
        """Take the lines apart where each of them is a name, the divider and a value."""
        lines = [line for line in event.text.splitlines() if line.strip()]
        whole = not self.value or self.selected_text == self.value
        if not (self._divider and whole and lines and all(self._divider in line[1:] for line in lines)):
            return  # to the field itself
        event.stop()
        event.prevent_default()
        split = [(line[0] + line[1:].partition(self._divider)[0], line) for line in lines]
        self.post_message(self.Pasted(self, [(name, line[len(name) + 1 :]) for name, line in split]))


class PairRows(Vertical):
    """One row for each pair and an empty one below; a row emptied is a pair removed.

    ``value`` is lines of ``name TAB value``. A value for which ``hides`` is true is shown only while
    it is edited. ``divider`` is what stands between name and value where people write them on one line: in a
    name it leads on to the value, and a paste of such lines becomes rows.
    """

    DEFAULT_CSS = """
    PairRows { height: auto; width: 1fr; }
    PairRows > Horizontal { height: 1; }
    PairRows > Horizontal > .pair-name { width: 1fr; max-width: 26; margin-right: 1; }
    PairRows > Horizontal > .pair-value { width: 2fr; }
    """

    def __init__(
        self, value: str, *, hides: Hides, hint: str = "", divider: str = "", **options: Any
    ) -> None:
        super().__init__(**options)
        self._divider = divider
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
            PairName(name, placeholder=name_hint, compact=True, classes="pair-name", divider=self._divider),
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
    def _grow(self, event: Input.Changed) -> None:
        if any(_pair(self._rows[-1])):
            self.mount(self._row("", ""))
        self._lead_on(event.input)
        self._mask()

    def _lead_on(self, field: Input) -> None:
        """A divider that is typed behind a name: what follows is the value."""
        value = next((value for name, value in self._rows if name is field), None)
        typed = bool(self._divider) and field.value[1:].endswith(self._divider) and field.has_focus
        if value is not None and typed and not value.value:
            field.value = field.value.removesuffix(self._divider)
            self.screen.set_focus(value)

    @on(PairName.Pasted)
    async def _take(self, event: PairName.Pasted) -> None:
        """The first pair into the row that was pasted into, the others below it."""
        event.stop()
        place = next(place for place, (name, _) in enumerate(self._rows) if name is event.field)
        name, value = self._rows[place]
        name.value, value.value = (part.strip() for part in event.pairs[0])
        added = []
        for pair in event.pairs[1:]:
            added.append(self._row(*(part.strip() for part in pair)))
            self._rows.insert(place + len(added), self._rows.pop())
        await self.mount_all(added, after=name.parent if isinstance(name.parent, Widget) else None)
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
