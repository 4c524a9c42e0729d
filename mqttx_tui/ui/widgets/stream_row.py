"""One message as a line: fixed columns, in inks. Pure: a message in, pieces out."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from mqttx_tui.capture.rows import FateRow
from mqttx_tui.model.message import (
    BINARY_FRAME,
    DUP,
    OUTGOING,
    RETAIN,
    WEBSOCKET,
    Message,
    qos_of,
)
from mqttx_tui.model.shown import milliseconds
from mqttx_tui.payload.preview import preview
from mqttx_tui.ui.safe import LOOKED_AT, clip, fit, fit_left, fit_right, line, width
from mqttx_tui.ui.widgets.ink import MARKED, Piece


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of the columns, in cells, for a stream of ``cells``."""

    cells: int
    time: int
    letter: int
    topic: int

    @classmethod
    def of(cls, cells: int, *, letters: bool) -> Columns:
        """Columns as INTERFACE 3.1: topic a quarter of the width, 14 to 40; short times when narrow."""
        return cls(
            cells=cells,
            time=12 if cells >= 70 else 7,
            letter=1 if letters else 0,
            topic=max(14, min(cells // 4 + 2, 40)),
        )

    @property
    def before_topic(self) -> int:
        """Cells left of the topic: margin, time, blank, letter, arrow, QoS, flag, blank."""
        return 1 + self.time + 1 + self.letter + 3 + 1

    @property
    def payload(self) -> int:
        """Cells for payload and acknowledgement."""
        return max(self.cells - self.before_topic - self.topic - 3, 0)


def clock_text(at: int, cells: int) -> str:
    """``12:00:01.123``, or ``00:01.1`` in seven cells."""
    seconds, rest = divmod(at, 1_000_000_000)
    moment = time.localtime(seconds)
    if cells >= 12:
        return f"{moment.tm_hour:02}:{moment.tm_min:02}:{moment.tm_sec:02}.{rest // 1_000_000:03}"
    return f"{moment.tm_min:02}:{moment.tm_sec:02}.{rest // 100_000_000}"


def since_text(since: int | None, cells: int) -> str:
    """``+0.017``, ``-1:02.500``, ``+1:02:03``, ``+12d 03:00`` in exactly ``cells``; blank for None."""
    if since is None:
        return " " * cells
    sign, whole = "-" if since < 0 else "+", abs(since)
    seconds, rest = divmod(whole // 1_000_000, 1000)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    short = cells < 12
    if seconds < 60:
        text = f"{seconds}.{rest:03}"[: 5 if short else None]
    elif seconds < 3600:
        text = f"{minutes}:{seconds % 60:02}" + ("" if short else f".{rest:03}")
    elif days == 0:
        text = f"{hours}h{minutes % 60:02}" if short else f"{hours}:{minutes % 60:02}:{seconds % 60:02}"
    else:
        text = f"{days}d" + (f"{hours % 24:02}h" if short else f" {hours % 24:02}:{minutes % 60:02}")
    return fit_right(sign + text, cells)


def mark_pieces(at: int, cells: int) -> list[Piece]:
    """The line of a mark: ``── 12:04:11 mark ────``."""
    text = f" ── {clock_text(at, 12)[:8]} mark "
    return [(text, "busy"), ("─" * max(cells - len(text) - 1, 0), "rule")]


def acknowledgement(fate: FateRow | None) -> Piece | None:
    """What stands at the right end of an outgoing row."""
    if fate is None:
        return None
    if fate.state == "acknowledged":
        took = f" {milliseconds(fate.milliseconds)}" if fate.milliseconds is not None else ""
        return f"✓{took}", "dim"
    if fate.state == "refused":
        reason = f" 0x{fate.reason:02x} {reason_word(fate.reason)}" if fate.reason is not None else " refused"
        return f"✗{reason}", "bad"
    if fate.state == "queued":
        return "… queued", "busy"
    if fate.state == "dropped":
        return "✗ dropped", "bad"
    return None


def reason_word(code: int) -> str:
    """The name of a reason code."""
    from mqttx_tui.wire.reasons import reason_name

    return line(reason_name(code), 40)


def shown_payload(message: Message, cells: int, offset: int = 0) -> str:
    """The payload on one line: text, or hex and length when it is not text; about ``cells`` wide."""
    if message.payload_size == 0:
        return "(empty)"
    return preview(message.payload, cells, message.flags, size=message.payload_size, skip=offset)


def message_pieces(
    message: Message,
    columns: Columns,
    letter: Piece,
    fate: FateRow | None = None,
    *,
    offset: int = 0,
    mark: str = " ",
    when: str | None = None,
) -> list[Piece]:
    """The line of a message; ``letter`` is the connection's letter and its ink.

    ``when`` stands in the column of times, None: the time of day.
    """
    flags = message.flags
    out = bool(flags & OUTGOING)
    if when is None:
        when = clock_text(message.at, columns.time)
    pieces: list[Piece] = [(mark, "in"), (when + " ", "dim")]
    if columns.letter:
        pieces.append(letter)
    pieces.append(("→", "out") if out else ("←", "in"))
    if flags & WEBSOCKET:
        pieces.append(("bi " if flags & BINARY_FRAME else "tx ", "dim"))
    else:
        pieces.append((str(qos_of(flags)), "strong plain"))
        if flags & RETAIN:
            pieces.append(("R ", "retained"))
        else:
            pieces.append(("D " if flags & DUP else "  ", "dim"))
    end = message.topic[-columns.topic * LOOKED_AT :]
    pieces.append((fit_left(line(end), columns.topic), "strong"))
    pieces.append(("  ", "text"))
    room = columns.payload
    ack = acknowledgement(fate) if out else None
    if ack is not None:
        text = clip(ack[0], max(room // 2, 8))
        taken = width(text) + 1
        body = shown_payload(message, room - taken, offset)
        pieces.append((fit(body, room - taken), _payload_ink(message)))
        pieces.append((fit_right(text, taken), ack[1]))
    else:
        pieces.append((fit(shown_payload(message, room, offset), room), _payload_ink(message)))
    pieces.append((" ", "text"))
    return pieces


@dataclass(frozen=True, slots=True)
class Highlight:
    """What is shown reversed: the topic of rows with this topic, and these words in topic and payload."""

    topic: str = ""
    words: tuple[str, ...] = ()


def highlighted(pieces: list[Piece], topic: str, highlight: Highlight) -> list[Piece]:
    """The line of a message of ``topic`` with what matches reversed."""
    words = re.compile("|".join(map(re.escape, highlight.words)), re.IGNORECASE)
    marked: list[Piece] = []
    for text, ink in pieces:
        if ink == "strong" and highlight.topic and topic == highlight.topic:
            shown = text.rstrip()
            marked += [(shown, ink + MARKED), (text[len(shown) :], ink)]
        elif highlight.words and ink in ("strong", "text"):
            at = 0
            for found in words.finditer(text):
                marked += [(text[at : found.start()], ink), (found[0], ink + MARKED)]
                at = found.end()
            marked.append((text[at:], ink))
        else:
            marked.append((text, ink))
    return [piece for piece in marked if piece[0]]


def evicted_pieces(columns: Columns, message: Message | None, mark: str = " ") -> list[Piece]:
    """A row that is no longer in the capture: said at its place, dim."""
    when = clock_text(message.at, columns.time) if message is not None else " " * columns.time
    lead = columns.before_topic - 1 - columns.time
    return [(mark, "in"), (when + " " * lead, "dim"), ("evicted", "dim")]


def _payload_ink(message: Message) -> str:
    return "dim" if message.payload_size == 0 else "text"
