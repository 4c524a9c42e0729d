"""What a person sees when the app crashes: a plain traceback.

Textual prints one with the local variables of every frame; those hold passwords, and text from outside
that a terminal would obey.
"""

from __future__ import annotations

import sys
import traceback

from rich.text import Text
from textual.app import App

from mqttx_tui.model.visible import visible_lines


def report(error: BaseException) -> Text:
    """The traceback of ``error`` without local variables, control characters made visible."""
    written = "".join(traceback.format_exception(error))
    return Text("\n".join(visible_lines(written.rstrip("\n"))))


class PlainCrash(App[int]):
    """An app that ends with ``report`` after an exception that nobody caught."""

    def _fatal_error(self) -> None:
        """In place of Textual's own, which shows local variables."""
        error = sys.exc_info()[1] or self._exception
        if error is not None and not self._exit_renderables:
            self._exit_renderables.append(report(error))
        self._close_messages_no_wait()
