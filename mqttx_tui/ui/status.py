"""The status line, with its one place for notices, the tab line and the footer."""

from __future__ import annotations

from collections.abc import Callable

from mqttx_tui.model.shown import count, size
from mqttx_tui.ui.panes.pane import Hint
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.widgets.piece_line import Bit, PieceLine, bits_width
from mqttx_tui.ui.workspace import Workspace

NOTICE_SECONDS = 8.0
ShownKey = Callable[[str], str]
"""The key that does now what this one does usually."""
TOPICS_BEHIND = 10_000
"""Topics whose new counts may wait to be written before that is shown: half a second's worth."""
LEVEL_INKS = {"info": "text", "warning": "busy", "error": "bad"}


def _if_any(name: str, number: int, ink: str, rank: int) -> list[tuple[str, str, str, int]]:
    return [(name, count(number), ink, rank)] if number else []


class StatusLine(PieceLine):
    """Counters left, the newest notice and ``log N`` right; a hint while something is typed."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(id="status")
        self._workspace = workspace

    def sync(self, now: float) -> bool:
        """Repaint when something differs."""
        workspace = self._workspace
        if workspace.hint is not None:
            text, ink = workspace.hint
            return self.show([Bit(" "), Bit(line(text, 300), ink)])
        right = self._right_bits(now)
        return self.show(self._left_bits(self.size.width - bits_width(right)), right)

    def _left_bits(self, cells: int) -> list[Bit]:
        counters = self._workspace.counters_now
        if counters is None:
            return [
                Bit(" starting …" if not self._workspace.replaying else " capture opened, no network", "dim")
            ]
        lost = f"{counters.lost:,}" + ("*" if counters.paused_seconds > 0 else "")
        private = not (self._workspace.keeps_capture or self._workspace.replaying)
        where = " temp" if private else ""
        narrow = self.size.width < 70
        fields = [
            ("rx", count(counters.received) if narrow else f"{counters.received:,}", "strong plain", 4),
            ("kept", count(counters.kept), "strong plain", 3),
            ("evicted", f"{counters.evicted:,}", "strong plain", 1),
            *_if_any("excluded", counters.excluded, "text", 3),
            ("lost", lost, "good" if counters.lost == 0 else "bad", 5),
            *_if_any("topics behind", max(counters.topics_waiting - TOPICS_BEHIND, 0), "busy", 1),
            ("capture", size(counters.file_bytes) + where, "text", 2),
        ]
        for least in range(6):
            bits = [Bit(" ")]
            for name, value, ink, rank in fields:
                if rank >= least:
                    bits += [Bit(f"{name} ", "dim"), Bit(f"{value}  ", ink)]
            if bits_width(bits) <= cells:
                return bits
        return []

    def _right_bits(self, now: float) -> list[Bit]:
        workspace = self._workspace
        if not workspace.notices:
            return []
        newest = workspace.notices[-1]
        log = Bit(f" log {workspace.noticed} ", "dim" if not workspace.unread else "busy", "show_log")
        if now - newest.at > NOTICE_SECONDS:
            return [log]
        text = line(newest.text, max(self.size.width * 2 // 3, 20))
        return [Bit(text, LEVEL_INKS.get(newest.level, "text"), "show_log"), Bit(" "), log]


class TabLine(PieceLine):
    """The panes by number, for screens that show one at a time."""

    TABS = (
        ("connections", "1", "Conn"),
        ("topics", "2", "Topics"),
        ("messages", "3", "Messages"),
        ("inspector", "4", "Inspect"),
        ("composer", "5", "Publish"),
    )

    def __init__(self) -> None:
        super().__init__(id="tabs")

    def sync_tabs(self, active: str, right: list[Bit], shown: ShownKey) -> bool:
        """Mark the active pane; ``right`` says LIVE or PAUSED, ``shown`` which keys go to the panes."""
        bits = [Bit(" ")]
        for name, key, text in self.TABS:
            label = f"{shown(key)} {text}"
            action = f"show_pane('{name}')"
            if name == active:
                bits.append(Bit(f"[{label}]", "in", action, "cursor"))
            else:
                bits.append(Bit(f" {label} ", "dim", action))
        return self.show(bits, right)


class Footer(PieceLine):
    """The keys of the focused pane; each can be clicked."""

    DEFAULT_CSS = "Footer { background: $mq-bar; }"

    def __init__(self) -> None:
        super().__init__(ground="bar", id="footer")

    def sync_hints(self, hints: list[Hint], shown_key: ShownKey) -> bool:
        """Show these keys, as many as fit; help and quit never fall off."""
        cells = self.size.width
        if cells <= 0:
            return False
        last = [
            Hint(":", "commands", "app.commands"),
            Hint("?", "help", "pane_help"),
            Hint("q", "quit", "app.request_quit"),
        ]
        if cells < 90:
            last = [
                Hint(":", "", "app.commands"),
                Hint("?", "help", "pane_help"),
                Hint("q", "quit", "app.request_quit"),
            ]
        tail = self._bits(last, shown_key)
        shown: list[Bit] = [Bit(" ")]
        for hint in hints:
            more = self._bits([hint], shown_key)
            if bits_width(shown) + bits_width(more) + bits_width(tail) > cells:
                break
            shown += more
        return self.show(shown + tail)

    @staticmethod
    def _bits(hints: list[Hint], shown_key: ShownKey) -> list[Bit]:
        bits = []
        for hint in hints:
            bits.append(Bit(shown_key(hint.key), "in", hint.action))
            bits.append(Bit(f" {hint.label}  " if hint.label else " ", "dim", hint.action))
        return bits
