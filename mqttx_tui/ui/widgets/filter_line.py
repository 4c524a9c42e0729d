"""The field in which a filter is typed: read back in words, completed, recalled.

A pane yields the field and its ``offers`` (the list under it) in the title's place, calls ``open_with`` and
``shut``, and answers ``Typed`` and ``Applied``. Keys, in the order in which they are asked:

* Tab takes the option that the list points at; without a list it applies the filter and goes on.
* Down goes into the list (and opens it where it is closed and nothing newer is recalled), Up goes back;
  from the list's first line Up recalls: a filter from before is never more than one key away.
* Enter applies what is written; in a list that was gone into with Down it takes the option.
* Esc closes the list, and only then the field.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from textual import events, on
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from mqttx_tui.ui.desk import desk
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.ui.widgets.offers import Offers

if TYPE_CHECKING:
    from mqttx_tui.capture.filters.seen import Seen

TYPING_SECONDS = 0.15
"""A valid filter is used this long after the last key."""
LEARN_SECONDS = 2.0
"""What was seen is looked up this often at most while a filter is typed."""
RECALLED = 50


class FilterLine(SafeInput):
    """One line; hidden until ``open_with``."""

    DEFAULT_CSS = """
    FilterLine { height: 1; border: none; padding: 0 1; background: $mq-field; display: none; }
    FilterLine:focus { border: none; }
    """

    class Typed(Message):
        """A filter that can be read stands in the field, and no key came for a moment."""

        def __init__(self, field: FilterLine, text: str) -> None:
            super().__init__()
            self.field = field
            self.text = text

        @property
        def control(self) -> FilterLine:
            """The field."""
            return self.field

    class Applied(Typed):
        """Enter on a filter that can be read."""

    def __init__(self, *, id: str) -> None:
        super().__init__(placeholder="/ filter", compact=True, id=id)
        self.offers = Offers(id=f"{id}-offers")
        self.offers.taken = self._take
        self.recallable: list[str] = []
        """Filters that were applied, oldest first."""
        self._former = ""
        self._recalled = 0
        self._typing: Timer | None = None
        self._settled = ""
        self._begun = False
        """Whether the newest text was typed, and no list for it was closed or taken from."""
        self._seen: Seen | None = None
        self._learned_at = -LEARN_SECONDS
        self._learning = False

    # the field

    @property
    def is_open(self) -> bool:
        """Whether a filter is being typed."""
        return bool(self.display)

    @property
    def former(self) -> str:
        """What was in force when the field was opened."""
        return self._former

    def open_with(self, text: str, proposal: str = "") -> None:
        """Show the field with the filter in force, and give it the keys.

        A ``proposal`` stands there instead; it is used when it was edited, or with Enter.
        """
        self._former = text
        self._recalled = 0
        self.display = True
        with self.prevent(Input.Changed):
            self._put(proposal or text)
        self.screen.set_focus(self, scroll_visible=False)
        self._read_back()
        self._learn()

    def shut(self) -> bool:
        """Hide the field; False when it was not open."""
        if not self.is_open:
            return False
        self._stop_waiting()
        self.offers.shut()
        self.display = False
        desk(self).show_hint(None)
        return True

    def remember(self, text: str) -> None:
        """Keep an applied filter for Up."""
        if text and text not in self.recallable[-1:]:
            self.recallable = [*self.recallable[-RECALLED:], text]

    def _stop_waiting(self) -> None:
        if self._typing is not None:
            self._typing.stop()
            self._typing = None

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if not self.is_open:
            return
        self._read_back()
        if event.value != self._settled:
            self._settled = event.value
            self._begun = True
            self._offer()
            self._learn()
        self._stop_waiting()
        self._typing = self.set_timer(TYPING_SECONDS, self._post_typed)

    def _read_back(self) -> None:
        desk(self).show_hint(read_back(self.value))

    def _post_typed(self) -> None:
        self._typing = None
        if readable(self.value):
            self.post_message(self.Typed(self, self.value))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if self.offers.is_chosen and self.take_offer():
            return
        self.apply()

    def apply(self) -> bool:
        """Apply what is written; False where it cannot be read: it stays as it is."""
        self.offers.shut()
        if not readable(self.value):
            return False
        self._stop_waiting()
        self.post_message(self.Applied(self, self.value.strip()))
        return True

    async def _on_key(self, event: events.Key) -> None:
        """Up and Down: the list, or filters from before."""
        if event.key not in ("up", "down"):
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        step = 1 if event.key == "down" else -1
        if self.offers.is_open and (step > 0 or self.offers.is_chosen):
            self.offers.move(step)
        elif step > 0 and not self._recalled:
            self._offer(asked=True)
        else:
            self._recall(-step)

    def _recall(self, step: int) -> None:
        self.offers.shut()
        found = self.recallable
        self._recalled = max(0, min(self._recalled + step, len(found)))
        self._put(found[-self._recalled] if self._recalled else self._former)

    def _put(self, text: str, cursor: int | None = None) -> None:
        """Write into the field; nothing is offered for that."""
        self._settled = text
        self._begun = False
        self.value = text
        self.cursor_position = len(text) if cursor is None else cursor

    # the list

    def _offer(self, *, asked: bool = False) -> None:
        """Open, change or close the list. Not ``asked``: only for a word or a value that was begun."""
        from mqttx_tui.capture.filters.complete import complete
        from mqttx_tui.capture.filters.seen import NOTHING

        seen = self._seen or NOTHING
        found = complete(
            self.value,
            self.cursor_position,
            paths=seen.paths,
            topics=seen.topics,
            users=seen.users,
            connections=seen.connections,
        )
        if found.options and (asked or found.wanted):
            self.offers.show(found)
        else:
            self.offers.shut()

    def watch_selection(self) -> None:
        """The cursor moved without anything being typed: the list was for where it was."""
        if self.value == self._settled and self.cursor_position != self.offers.replaces[1]:
            self.offers.shut()

    def close_offers(self) -> bool:
        """Esc: close the list; False when it was not open."""
        self._begun = False
        return self.offers.shut()

    def take_offer(self) -> bool:
        """Tab: take the option that the list points at; False when no list is open."""
        option = self.offers.current
        if option is None:
            return False
        self._take(option.text)
        return True

    def _take(self, text: str) -> None:
        start, end = self.offers.replaces
        self.offers.shut()
        self._put(self.value[:start] + text + self.value[end:], start + len(text))
        if text.endswith("."):
            self._offer()

    # what was seen

    def _learn(self) -> None:
        now = time.monotonic()
        path = desk(self).capture_path
        if self._learning or not path or now - self._learned_at < LEARN_SECONDS:
            return
        self._learning = True
        desk(self).run_task(self._learn_from(path), "completion")

    async def _learn_from(self, path: str) -> None:
        from mqttx_tui.capture.filters.seen import seen_in
        from mqttx_tui.wire.properties import decode_properties

        try:
            self._seen = await asyncio.to_thread(seen_in, path, decode_properties)
        finally:
            self._learning = False
            self._learned_at = time.monotonic()
        if self.is_open and self._begun and not self.offers.is_chosen:
            self._offer(asked=self.offers.is_open)


def readable(text: str) -> bool:
    """Whether a filter can be used; an empty one can."""
    from mqttx_tui.capture.filters import FilterError, parse

    try:
        parse(text)
    except FilterError:
        return False
    return True


def read_back(text: str) -> tuple[str, str]:
    """A filter being typed, in words, or what is wrong with it; and the ink for it."""
    if not text.strip():
        return "every message; for example  site/+/temp  or  .value > 20  or  sent and reason >= 0x80", "dim"
    from mqttx_tui.capture.filters import FilterError, parse

    try:
        return parse(text).words(), "text"
    except FilterError as error:
        hint = f"  {error.hint}" if error.hint else ""
        return f"{error.message}{hint}", "bad plain"
