"""The header: a chip for every connection, the rate with its sparkline, REC."""

from __future__ import annotations

import math

from textual.app import ComposeResult
from textual.containers import Horizontal

from mqttx_tui.model.shown import count
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine, bits_width
from mqttx_tui.ui.workspace import Workspace, letter_ink

GLYPHS = {
    Phase.IDLE: ("○", "dim"),
    Phase.CLOSED: ("○", "dim"),
    Phase.CONNECTING: ("◌", "busy"),
    Phase.RETRYING: ("◌", "busy"),
    Phase.CONNECTED: ("●", "good"),
    Phase.FAILED: ("✗", "bad"),
}
BARS = "▁▂▃▄▅▆▇█"
RATE_WIDTH = 9
SPARK_WIDTH = 7
CALM_CLOCK_SECONDS = 5
WORD_CELLS, SHORT_WORD_CELLS = 10, 4
"""What a chip keeps free for its word, in full and in short: the other chips stay where they are."""


def glyph(phase: Phase) -> tuple[str, str]:
    """State glyph and its ink."""
    return GLYPHS[phase]


def round_trip(snapshot: ConnectionSnapshot) -> str:
    """``12ms``, ``1.2s`` or nothing: four cells at the most, but for an answer after 100 s."""
    value = snapshot.round_trip_ms
    if value is None:
        return ""
    if value >= 999.5:
        return f"{value / 1000:.1f}s" if value < 9950 else f"{value / 1000:.0f}s"
    return f"{value:.0f}ms" if value >= 1 else "<1ms"


def state_word(snapshot: ConnectionSnapshot, now: float, *, short: bool = False) -> str:
    """What the chip says after the glyph, apart from transport and version."""
    if snapshot.phase is Phase.RETRYING:
        left = max(math.ceil((snapshot.retry_at or now) - now), 0)
        return f"{left}s" if short else f"retry {left}s"
    if snapshot.phase is Phase.CONNECTING:
        return "…" if short else "connecting"
    if snapshot.phase is Phase.FAILED:
        return "" if short else "refused"
    return round_trip(snapshot)


def scheme(snapshot: ConnectionSnapshot) -> str:
    """The URL's scheme: what the transport is called by people."""
    return line(snapshot.url.partition("://")[0], 12)


def sparkline(rates: list[float], cells: int) -> str:
    """The last rates as bars, against their own maximum."""
    shown = rates[-cells:]
    top = max(shown, default=0.0)
    if top <= 0:
        return " " * cells
    return "".join(BARS[min(int(value / top * 7.99), 7)] if value > 0 else " " for value in shown).rjust(
        cells
    )


class Header(Horizontal):
    """Chips left, rate and REC right; nothing moves while connections flap."""

    DEFAULT_CSS = f"""
    Header {{ height: 1; width: 1fr; background: $mq-bar; }}
    Header PieceLine {{ background: $mq-bar; }}
    #header-rate {{ width: {RATE_WIDTH + SPARK_WIDTH + 3}; }}
    #header-rec {{ width: 13; }}
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(id="header")
        self._clock = -1
        self._workspace = workspace
        self._chips = PieceLine(ground="bar", id="header-chips")
        self._rate = PieceLine(ground="bar", id="header-rate")
        self._rec = PieceLine(ground="bar", id="header-rec")
        self._widest: dict[tuple[int, int], int] = {}

    def compose(self) -> ComposeResult:
        """Three lines side by side."""
        yield self._chips
        yield self._rate
        yield self._rec

    def sync(self, now: float, place: list[Bit] | None = None) -> bool:
        """Repaint what differs. ``place`` (pane and motion) stands where the sparkline would."""
        workspace = self._workspace
        self._rec.display = workspace.keeps_capture
        painted = self._chips.show(self._fitting(self._chips.size.width, now))
        rate = workspace.counters_now.rate if workspace.counters_now is not None else 0.0
        spark = sparkline(list(workspace.rates), SPARK_WIDTH)
        text = f"{rate:,.0f}/s" if rate < 100_000 else f"{count(int(rate))}/s"
        bits = [Bit(f"{text:>{RATE_WIDTH}} ", "text"), Bit(spark, "value"), Bit("  ")]
        if place is not None:
            bits = [place[0], Bit(f"{count(int(rate)) + '/s':>8} "), place[1], Bit(" ")]
        wanted = bits_width(bits) if place is not None else RATE_WIDTH + SPARK_WIDTH + 3
        if self._rate.styles.width is None or self._rate.styles.width.value != wanted:
            self._rate.styles.width = wanted
        painted |= self._rate.show([], bits)
        if workspace.keeps_capture:
            self._sync_clock(int(now - workspace.opened_at))
        return painted

    def _sync_clock(self, seconds: int) -> None:
        """The clock is no traffic: it does not keep the ticker fast, and ticks calmly while nothing comes."""
        step = 1 if any(self._workspace.rates) else CALM_CLOCK_SECONDS
        if self._clock <= seconds < self._clock + step:
            return
        self._clock = seconds
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        self._rec.show([Bit(f"REC {clock} ", "bad plain")])

    def _fitting(self, cells: int, now: float) -> list[Bit]:
        for detail in (3, 2, 1, 0):
            bits = self._all_chips(detail, now)
            if bits_width(bits) <= cells or detail == 0:
                return bits
        return []

    def _all_chips(self, detail: int, now: float) -> list[Bit]:
        bits = [Bit(" ")]
        started = self._workspace.started
        if not started:
            text = "no connection" if not self._workspace.replaying else "capture, no connection"
            return [*bits, Bit(text, "dim")]
        for snapshot in started:
            chip = self._chip(snapshot, detail, now)
            key = (snapshot.id, detail)
            widest = max(bits_width(chip), self._widest.get(key, 0))
            self._widest[key] = widest
            bits += [*chip, Bit(" " * (widest - bits_width(chip) + (3 if detail >= 2 else 2)))]
        return bits

    def _chip(self, snapshot: ConnectionSnapshot, detail: int, now: float) -> list[Bit]:
        mark, ink = glyph(snapshot.phase)
        action = f"show_connection({snapshot.id})"
        bits = [Bit(snapshot.letter, letter_ink(snapshot.letter), action)]
        if detail >= 1:
            bits.append(Bit(f" {line(snapshot.name or snapshot.key, 24)}", "strong", action))
        bits.append(Bit(f" {mark}", ink, action))
        if snapshot.read_only:
            bits.append(Bit(" READ ONLY", "bad", action))
        if not snapshot.tls_verified and snapshot.phase is Phase.CONNECTED:
            bits.append(Bit(" NOT VERIFIED", "bad", action))
        word = state_word(snapshot, now, short=detail == 2)
        cells = WORD_CELLS if detail >= 3 else SHORT_WORD_CELLS
        if detail >= 3 and snapshot.phase is Phase.CONNECTED:
            version = (
                f" v{line(snapshot.version, 6)}" if snapshot.version and snapshot.protocol == "mqtt" else ""
            )
            word = f"{scheme(snapshot)}{version} {word:>4}".rstrip()
        if detail >= 2:
            quiet = snapshot.phase is Phase.CONNECTED
            bits.append(
                Bit(f" {word:<{cells}}", "dim" if quiet else ink if ink != "bad" else "bad plain", action)
            )
        return bits
