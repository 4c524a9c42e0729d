"""What the tree says about the topics that are past the limit. No widgets."""

from __future__ import annotations

from functools import lru_cache
from textwrap import wrap

from mqttx_tui.ui.widgets.ink import Piece

EXACT = 8_192
"""From so many on a name that comes again may be counted anew (``capture.topic_ids``)."""


@lru_cache(maxsize=8)
def left_out_lines(more: int, limit: int, cells: int) -> list[list[Piece]]:
    """Lines for ``cells`` columns; none where every topic is listed."""
    if more <= 0:
        return []
    upto = "" if more < EXACT else "up to "
    topics = "topic" if more == 1 else "topics"
    text = (
        f"+ {upto}{more:,} more {topics}, captured but not listed or counted here: "
        f"past the limit of {limit:,} (setting retention.topics)"
    )
    return [[(f" {part}", "dim")] for part in wrap(text, max(cells - 2, 12), subsequent_indent="  ")]
