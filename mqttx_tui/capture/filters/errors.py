"""What is wrong with a filter, and where."""

from __future__ import annotations

from mqttx_tui.model.errors import InputError


class FilterError(InputError):
    """A filter that cannot be read. ``column`` counts characters from 1."""

    def __init__(self, column: int, problem: str, *, hint: str = "") -> None:
        super().__init__(f"column {column}: {problem}", title="Bad filter", hint=hint)
        self.column = column
        self.problem = problem
