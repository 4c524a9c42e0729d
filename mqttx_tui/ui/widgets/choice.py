"""Small one-row fields for forms: a choice, a switch, and a button that looks like text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class Choice(Widget, can_focus=True):
    """One of a few values: left, right and Space step through them, a value's first key picks it."""

    DEFAULT_CSS = """
    Choice { width: auto; height: 1; padding: 0 1; }
    Choice:focus { background: $accent 30%; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space", "step(1)", "next", show=False, id="choice.next"),
        Binding("left", "step(-1)", "previous", show=False, id="choice.previous"),
    ]
    value: reactive[str] = reactive("", layout=True)

    class Changed(Message):
        """The value changed."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> Choice:
            """The field that changed."""
            return self.choice

    def __init__(self, values: Sequence[str], value: str, *, label: str = "", id: str) -> None:
        super().__init__(id=id)
        self.values = list(values)
        self.label = label
        self.set_reactive(Choice.value, value)

    def render(self) -> Text:
        """``label ‹value›``."""
        text = Text(f"{self.label} " if self.label else "", style="dim")
        return text.append(f"‹{self.value}›", style="not dim")

    def action_step(self, by: int) -> None:
        """Go to the next or previous value."""
        index = self.values.index(self.value) if self.value in self.values else 0
        self.value = self.values[(index + by) % len(self.values)]
        self.post_message(self.Changed(self))

    def on_click(self) -> None:
        """A click steps."""
        self.action_step(1)

    def on_key(self, event: events.Key) -> None:
        """A key that is the first character of just one value picks it."""
        matching = [value for value in self.values if event.character and value.startswith(event.character)]
        if len(matching) == 1:
            event.stop()
            self.value = matching[0]
            self.post_message(self.Changed(self))


class Toggle(Widget, can_focus=True):
    """``☐ label`` or ``☑ label``; Space changes it."""

    DEFAULT_CSS = """
    Toggle { width: auto; height: 1; padding: 0 1; }
    Toggle:focus { background: $accent 30%; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "flip", "change", show=False, id="toggle.flip"),
    ]
    value: reactive[bool] = reactive(False)

    class Changed(Message):
        """The switch was flipped."""

        def __init__(self, toggle: Toggle) -> None:
            super().__init__()
            self.toggle = toggle

        @property
        def control(self) -> Toggle:
            """The switch."""
            return self.toggle

    def __init__(self, label: str, value: bool = False, *, id: str) -> None:
        super().__init__(id=id)
        self.label = label
        self.set_reactive(Toggle.value, value)

    def render(self) -> Text:
        """The box and its label."""
        return Text(f"{'☑' if self.value else '☐'} {self.label}")

    def action_flip(self) -> None:
        """Change the value."""
        self.value = not self.value
        self.post_message(self.Changed(self))

    def on_click(self) -> None:
        """A click changes it."""
        self.action_flip()


class TextButton(Widget, can_focus=True):
    """A button of one row. Enter presses it; no printable key does."""

    DEFAULT_CSS = """
    TextButton { width: auto; height: 1; padding: 0 1; color: $accent; }
    TextButton:focus { background: $accent; color: $background; text-style: bold; }
    TextButton:disabled { color: $foreground 40%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "press", "press", show=False, id="button.press"),
    ]

    class Pressed(Message):
        """The button was pressed."""

        def __init__(self, button: TextButton) -> None:
            super().__init__()
            self.button = button

        @property
        def control(self) -> TextButton:
            """The button."""
            return self.button

    def __init__(self, label: str, *, id: str) -> None:
        super().__init__(id=id)
        self.label = label

    def render(self) -> Text:
        """The label in brackets."""
        return Text(f"[ {self.label} ]")

    def action_press(self) -> None:
        """Press it."""
        self.post_message(self.Pressed(self))

    def on_click(self) -> None:
        """A click presses it."""
        self.action_press()
