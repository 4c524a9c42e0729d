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

SHORT = "short"
TIME_CELLS = {SHORT: 7, "s": 8, "ms": 12, "us": 15, "date": 23, "utc": 13, "iso": 24}
"""Formats of the time column (``profiles.settings.TIMES``, and the short one) with their widths."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a person chose: the format of times, the columns, the topic's width (0: by the stream's)."""

    time: str = "ms"
    shown: tuple[str, ...] = ("time", "connection", "arrow", "qos", "flag", "topic")
    topic_width: int = 0


USUAL = Look()


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of the columns, in cells, for a stream of ``cells``; 0 is a column that is not shown."""

    cells: int
    time: int
    letter: int
    topic: int
    format: str = "ms"
    arrow: int = 1
    qos: int = 1
    flag: int = 1

    @classmethod
    def of(cls, cells: int, *, letters: bool, look: Look = USUAL) -> Columns:
        """Columns as INTERFACE 3.1: topic a quarter of the width, 14 to 40; short times when narrow.

        Up to 80 cells the topic gives way, so that 40 are left for the payload.
        """
        shown = look.shown
        form = look.time if cells >= min(58 + TIME_CELLS[look.time], 80) else SHORT
        usual = max(14, min(cells // 4 + (2 if cells > 80 else -2), 40))
        topic = min(look.topic_width, cells // 2) or usual
        return cls(
            cells=cells,
            time=TIME_CELLS[form] if "time" in shown else 0,
            letter=1 if letters and "connection" in shown else 0,
            topic=topic if "topic" in shown else 0,
            format=form,
            arrow=int("arrow" in shown),
            qos=int("qos" in shown),
            flag=int("flag" in shown),
        )

    @property
    def marks(self) -> int:
        """Cells of letter, arrow, QoS and flag with the blank behind them."""
        found = self.letter + self.arrow + self.qos + self.flag
        return found + 1 if found else 0

    @property
    def before_topic(self) -> int:
        """Cells left of the topic: margin, time, blank, letter, arrow, QoS, flag, blank."""
        return 1 + (self.time + 1 if self.time else 0) + self.marks

    @property
    def payload(self) -> int:
        """Cells for payload and acknowledgement."""
        return max(self.cells - self.before_topic - (self.topic + 2 if self.topic else 0) - 1, 0)

    def clock(self, at: int) -> str:
        """The column of times for a message of ``at`` ns, with the blank behind it."""
        return time_text(at, self.format) + " " if self.time else ""


def time_text(at: int, form: str) -> str:
    """A moment (ns since 1970) in one of the formats of ``TIME_CELLS``, exactly as wide as it says."""
    seconds, rest = divmod(at, 1_000_000_000)
    moment = time.gmtime(seconds) if form in ("utc", "iso") else time.localtime(seconds)
    if form == SHORT:
        return f"{moment.tm_min:02}:{moment.tm_sec:02}.{rest // 100_000_000}"
    clock = f"{moment.tm_hour:02}:{moment.tm_min:02}:{moment.tm_sec:02}"
    if form == "s":
        return clock
    if form == "us":
        return f"{clock}.{rest // 1000:06}"
    clock += f".{rest // 1_000_000:03}"
    day = f"{moment.tm_year:04}-{moment.tm_mon:02}-{moment.tm_mday:02}"
    return {"ms": clock, "date": f"{day} {clock}", "utc": f"{clock}Z", "iso": f"{day}T{clock}Z"}[form]


def clock_text(at: int, cells: int) -> str:
    """``12:00:01.123``, or ``00:01.1`` in seven cells."""
    return time_text(at, "ms" if cells >= 12 else SHORT)


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
        if fate.reason:  # taken, and nobody gets it
            return f"✓{took} 0x{fate.reason:02x} {reason_word(fate.reason)}", "busy"
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


def payload_cells(message: Message) -> int:
    """How wide a payload is on one line, about, as far as it was read."""
    cells = len(shown_payload(message, 4 * len(message.payload) + 40))
    return cells + (message.payload_size > len(message.payload))


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
    shown = (
        columns.clock(message.at) if when is None else f"{when} "[: columns.time + 1 if columns.time else 0]
    )
    pieces: list[Piece] = [(mark, "in"), (shown, "dim")]
    if columns.letter:
        pieces.append(letter)
    if columns.arrow:
        pieces.append(("→", "out") if out else ("←", "in"))
    if flags & WEBSOCKET:
        kind = "bi" if flags & BINARY_FRAME else "tx"
        pieces.append((kind[: columns.qos + columns.flag], "dim"))
    else:
        pieces.append((str(qos_of(flags))[: columns.qos], "strong plain"))
        if flags & RETAIN:
            pieces.append(("R"[: columns.flag], "retained"))
        else:
            pieces.append((("D" if flags & DUP else " ")[: columns.flag], "dim"))
    if columns.marks:
        pieces.append((" ", "dim"))
    if columns.topic:
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
    cells = columns.before_topic - 1
    when = columns.clock(message.at) if message is not None else ""
    return [(mark, "in"), (when.ljust(cells), "dim"), ("evicted", "dim")]


def _payload_ink(message: Message) -> str:
    return "dim" if message.payload_size == 0 else "text"
