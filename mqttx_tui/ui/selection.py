"""Several rows of the stream, chosen to be copied: anchored to message ids. No widgets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from mqttx_tui.ui.stream_model import StreamModel


class RowSelection:
    """The rows from the one where it began to the cursor; nothing while the stream follows."""

    def __init__(self, model: StreamModel) -> None:
        self._model = model
        self._anchor: int | None = None
        self._sticky = False

    @property
    def span(self) -> tuple[int, int] | None:
        """The first and last id; None when nothing is selected."""
        cursor = self._model.cursor_id
        if self._anchor is None or cursor is None or self._model.follow:
            return None
        return min(self._anchor, cursor), max(self._anchor, cursor)

    @property
    def count(self) -> int:
        """How many rows are selected; those that were evicted meanwhile count, too."""
        span = self.span
        if span is None:
            return 0
        picked = self._model.picked
        if picked is None:
            return span[1] - span[0] + 1
        return bisect_right(picked, span[1]) - bisect_left(picked, span[0])

    def ids(self, most: int) -> list[int]:
        """The selected messages in their order, the first ``most`` of them."""
        span = self.span
        if span is None:
            return []
        picked = self._model.picked
        if picked is None:
            return list(range(span[0], min(span[1], span[0] + most - 1) + 1))
        first = bisect_left(picked, span[0])
        return list(picked[first : min(bisect_right(picked, span[1]), first + most)])

    def holds(self, message_id: int) -> bool:
        """Whether a row is selected."""
        span = self.span
        return span is not None and span[0] <= message_id <= span[1]

    def begin(self, *, sticky: bool) -> None:
        """Select from the cursor on; ``sticky``: until it is ended, else until the cursor moves alone."""
        if self._model.cursor_id is None:
            return
        self._model.hold()
        if self.span is None:
            self._anchor = self._model.cursor_id
        self._sticky = sticky

    def clear(self) -> bool:
        """Select nothing; False when nothing was selected."""
        was = self.span is not None
        self._anchor = None
        return was

    def moved(self) -> None:
        """The cursor moved by a plain key, or the stream follows again."""
        if not self._sticky or self._model.follow:
            self._anchor = None
