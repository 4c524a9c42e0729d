"""What the SQL back end is put together from."""

from __future__ import annotations

from typing import NamedTuple


class Part(NamedTuple):
    """A condition (0 or 1, never NULL) and its cost for one message, in rough tenths of a microsecond."""

    sql: str
    cost: int
