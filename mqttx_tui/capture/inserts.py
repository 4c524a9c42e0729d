"""Inserting many rows with few statements.

Each step of a statement gives the interpreter lock away, and beside a busy event loop getting it
back takes a switch interval. One row a step writes 2,500 rows/s then; thousands of rows in one
multi-row statement write over 250,000 (and twice as many as row by row when alone).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

_MAX_VARIABLES = 32_766


class ManyRows:
    """``INSERT INTO … VALUES (…),(…)…`` in prepared sizes of falling powers of eight."""

    def __init__(self, head: str, columns: int, tail: str = "", *, largest: int = 4096) -> None:
        """``head`` up to ``VALUES``; ``tail`` after the rows (an ON CONFLICT clause)."""
        self.columns = columns
        row = "(" + ",".join("?" * columns) + ")"
        size = min(largest, _MAX_VARIABLES // columns)
        self._statements: list[tuple[int, str]] = []
        while size > 1:
            self._statements.append((size, f"{head} VALUES {','.join([row] * size)} {tail}"))
            size //= 8
        self._statements.append((1, f"{head} VALUES {row} {tail}"))

    def run(self, database: sqlite3.Connection, flat: Sequence[Any]) -> None:
        """Insert ``flat``: the columns of row after row."""
        position, left = 0, len(flat) // self.columns
        for size, statement in self._statements:
            while left >= size:
                end = position + size * self.columns
                database.execute(statement, flat[position:end])
                position, left = end, left - size
