"""One message of a topic's history as a line: fixed columns, in inks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from mqttx_tui.model.message import BINARY_FRAME, CHANGED, DUP, OUTGOING, RETAIN, WEBSOCKET, Message, qos_of
from mqttx_tui.model.shown import size
from mqttx_tui.ui.safe import fit, fit_right
from mqttx_tui.ui.topic_value import value_text
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.widgets.stream_row import clock_text

SIZE = 7
MOST_DIGITS = 40
"""Longer numbers are compared as text: their difference would be no use in a column."""


@dataclass(frozen=True, slots=True)
class HistoryColumns:
    """Widths in cells: margin 1, time, blank, arrow QoS flag 3, blank, size 7, two blanks, value, change."""

    time: int
    value: int
    change: int

    @classmethod
    def of(cls, cells: int) -> HistoryColumns:
        """Short times and changes where it is narrow."""
        time, change = (12, 14) if cells >= 70 else (7, 10)
        return cls(time, max(cells - (1 + time + 1 + 3 + 1 + SIZE + 2) - change - 1, 0), change)


def heading(columns: HistoryColumns) -> str:
    """The heads over their columns."""
    return (
        f" {'time':<{columns.time}} q   {'size':>{SIZE}}  {'value':<{columns.value}}"
        f"{'change':>{columns.change}} "
    )


def history_pieces(
    message: Message | None, older: Message | None, columns: HistoryColumns, mark: Piece
) -> list[Piece]:
    """The line of a message; ``older`` is the one before it. None: it was evicted."""
    if message is None:
        return [mark, (" " * (columns.time + 5), "dim"), (" evicted", "dim")]
    flags = message.flags
    out = bool(flags & OUTGOING)
    pieces: list[Piece] = [mark, (clock_text(message.at, columns.time) + " ", "dim")]
    pieces.append(("→", "out") if out else ("←", "in"))
    if flags & WEBSOCKET:
        pieces.append(("bi" if flags & BINARY_FRAME else "tx", "dim"))
    else:
        pieces.append((str(qos_of(flags)), "strong plain"))
        pieces.append(("R", "retained") if flags & RETAIN else ("D" if flags & DUP else " ", "dim"))
    pieces.append((f" {size(message.payload_size):>{SIZE}}  ", "dim"))
    value = value_text(message, columns.value) if message.payload_size else "(empty)"
    pieces.append((fit(value, columns.value), "text" if message.payload_size else "dim"))
    change = change_text(message, older)
    pieces.append((fit_right(change, columns.change) + " ", "dim" if change == "=" else "retained"))
    return pieces


def change_text(message: Message, older: Message | None) -> str:
    """What differs from the message before: ``=``, ``+0.6``, ``changed``, ``elsewhere`` than in the value.

    Empty where there is none before.
    """
    if older is None:
        return ""
    whole = len(message.payload) == message.payload_size and len(older.payload) == older.payload_size
    if message.payload == older.payload if whole else not message.flags & CHANGED:
        return "="
    now, before = _number(message), _number(older)
    if now is None or before is None:
        return "changed"
    difference = now - before
    if difference == 0:
        return "elsewhere" if message.payload[:1] in (b"{", b"[") else "changed"
    return f"{difference:+f}" if abs(difference.adjusted()) < 12 else f"{difference:+.3E}"


def _number(message: Message) -> Decimal | None:
    text = value_text(message, MOST_DIGITS).strip()
    try:
        number = Decimal(text) if len(text) < MOST_DIGITS else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() and abs(number.adjusted()) < 100 else None
