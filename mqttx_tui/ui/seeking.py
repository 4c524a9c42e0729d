"""What ``n`` and ``N`` look for: the last filter, or the topic marked with ``*``. No widgets."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from mqttx_tui.ui.stream_model import StreamModel
from mqttx_tui.ui.widgets.stream_row import Highlight

if TYPE_CHECKING:
    from mqttx_tui.capture.filters import Filter
    from mqttx_tui.capture.filters.nodes import Node
    from mqttx_tui.capture.filters.remote import AnyScan


class Nearest(NamedTuple):
    """The next match, and whether it is known that no other is nearer."""

    id: int | None
    sure: bool


class Seeking:
    """Looks through the whole capture for matches, in a thread, from the first ``n`` on."""

    def __init__(self, model: StreamModel, scan: Callable[[Filter], AnyScan]) -> None:
        self._model = model
        self._make_scan = scan
        self._scan: AnyScan | None = None
        self.wanted: Filter | None = None

    def use(self, wanted: Filter | None) -> None:
        """Look for this from now on, and highlight its words."""
        self.close()
        self.wanted = wanted
        self._model.highlight = Highlight(words=words_of(wanted.node)) if wanted is not None else None

    def use_topic(self, topic: str) -> bool:
        """Look for a topic and highlight it; False when it was that already: no longer then."""
        from mqttx_tui.capture.filters import Filter
        from mqttx_tui.capture.filters.nodes import Comparison, Named, Word

        if self._model.highlight == Highlight(topic=topic):
            self.use(None)
            return False
        self.use(Filter(f"topic == {topic}", Comparison(Named("topic"), "==", (Word(topic),))))
        self._model.highlight = Highlight(topic=topic)
        return True

    def nearest(self, step: int) -> Nearest:
        """The match after (``step`` 1) or before (-1) the cursor among the rows of the stream.

        The scan finds the newest first, without gaps: what it has found before the cursor is the
        nearest, and after the cursor once it has come past it.
        """
        if self.wanted is None:
            return Nearest(None, True)
        if self._scan is None:
            self._scan = self._make_scan(self.wanted)
        done = self._scan.progress().done
        ids, model = self._scan.ids(), self._model
        cursor = model.cursor_id if model.cursor_id is not None else model.last_id
        past = done or (len(ids) > 0 and ids[0] <= cursor)
        at = cursor + step
        while 0 <= (place := bisect_left(ids, at) if step > 0 else bisect_left(ids, at + 1) - 1) < len(ids):
            found = ids[place]
            if found > model.last_id or found < model.first_id:
                break
            shown = model.picked
            if shown is None:
                return Nearest(found, step < 0 or past)
            row = bisect_left(shown, found) if step > 0 else bisect_left(shown, found + 1) - 1
            if not 0 <= row < len(shown):
                break
            if shown[row] == found:
                return Nearest(found, step < 0 or past)
            at = shown[row]
        return Nearest(None, done)

    def close(self) -> None:
        """End the scan; the next question begins another one."""
        if self._scan is not None:
            self._scan.cancel()
            self._scan = None


def words_of(node: Node) -> tuple[str, ...]:
    """The plain text that a filter asks for."""
    from mqttx_tui.capture.filters.nodes import And, Anywhere, Or, Word

    match node:
        case And(parts) | Or(parts):
            return tuple(word for part in parts for word in words_of(part))
        case Anywhere(Word(text)):
            return (text,)
    return ()
