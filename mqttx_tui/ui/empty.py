"""What an empty stream says: where the connection stands, and what can be done."""

from __future__ import annotations

import math

from mqttx_tui.model.shown import milliseconds
from mqttx_tui.model.state import STAGES, ConnectionSnapshot, Phase, StageReport
from mqttx_tui.ui.safe import clip, fit, fit_right, line, width
from mqttx_tui.ui.widgets.ink import Piece
from mqttx_tui.ui.workspace import Workspace, letter_ink

STAGE_NAMES = {
    "name": "name",
    "tcp": "TCP",
    "proxy": "proxy",
    "tls": "TLS",
    "upgrade": "upgrade",
    "mqtt": "MQTT",
    "link": "link",
}
MARKS = {"pending": ("·", "dim"), "running": ("◌", "busy"), "ok": ("✓", "good"), "failed": ("✗", "bad")}

Line = list[Piece]


def stage_lines(snapshot: ConnectionSnapshot, cells: int, *, indent: int = 3) -> list[Line]:
    """One line per stage; each only gains its mark, none ever moves."""
    reports = {report.stage: report for report in snapshot.stages}
    return [
        _stage_line(reports.get(stage, StageReport(stage)), cells, indent)
        for stage in STAGES
        if stage in reports or (stage in _expected(snapshot) and stage != "link")
    ]


def _expected(snapshot: ConnectionSnapshot) -> tuple[str, ...]:
    if snapshot.transport == "unix":
        return ("tcp", "mqtt")
    tls = ("tls",) if snapshot.transport in ("tls", "wss") else ()
    upgrade = ("upgrade",) if snapshot.transport in ("ws", "wss") else ()
    mqtt = ("mqtt",) if snapshot.protocol == "mqtt" else ()
    return ("name", "tcp", *tls, *upgrade, *mqtt)


def _stage_line(report: StageReport, cells: int, indent: int) -> Line:
    mark, ink = MARKS.get(report.status, ("·", "dim"))
    took = milliseconds(report.ms) if report.status in ("ok", "failed") and report.ms > 0 else ""
    name_width = 8 if cells < 50 else 10
    room = max(cells - indent - 2 - name_width - 8, 4)
    detail_ink = "bad plain" if report.status == "failed" else "text"
    return [
        (" " * indent, "text"),
        (mark + " ", ink),
        (fit(STAGE_NAMES.get(report.stage, line(report.stage, 8)), name_width), "strong plain"),
        (fit(line(report.detail, 200), room), detail_ink),
        (fit_right(took, 7), "dim"),
        (" ", "text"),
    ]


def connecting_lines(snapshot: ConnectionSnapshot, cells: int, now: float) -> list[Line]:
    """A connection that is not up: attempt, stages, what is wrong, what to try."""
    head = f"─ {snapshot.letter} {line(snapshot.name or snapshot.key, 40)} ─ {line(snapshot.url, 80)} "
    left = max(math.ceil((snapshot.retry_at or now) - now), 0) if snapshot.phase is Phase.RETRYING else 0
    tail = f" attempt {snapshot.attempt} ─" if snapshot.attempt else "─"
    if snapshot.phase is Phase.RETRYING:
        tail = f" attempt {snapshot.attempt} ─ {left:>2} s ─"
    head = clip(head, max(cells - width(tail), 1))
    lines: list[Line] = [
        [
            (head, letter_ink(snapshot.letter)),
            ("─" * (cells - width(head) - width(tail)), "rule"),
            (tail, "dim"),
        ]
    ]
    lines += stage_lines(snapshot, cells)
    if snapshot.error is not None:
        lines += error_lines(snapshot, cells)
    return lines


def error_lines(snapshot: ConnectionSnapshot, cells: int, *, indent: int = 3) -> list[Line]:
    """Title, message and hint of the last failure."""
    error = snapshot.error
    if error is None:
        return []
    pad = " " * indent
    again = "" if error.retry else " Not retried: the same answer would come."
    lines: list[Line] = []
    for text in _wrap(
        line(f"{error.title}: {error.message}.{again}".replace("..", "."), 400), cells - indent - 1
    ):
        lines.append([(pad, "text"), (text, "bad plain")])
    if error.hint:
        for text in _wrap(line(f"Try: {error.hint}", 300), cells - indent - 1):
            lines.append([(pad, "text"), (text, "text")])
    lines.append(
        [
            (pad, "text"),
            *_key("e", "edit"),
            *_key("Enter", "retry now" if error.retry else "try again"),
            *_key("x", "give up"),
        ]
    )
    return lines


def _key(key: str, label: str) -> Line:
    return [(key, "in"), (f" {label}   ", "dim")]


def _wrap(text: str, cells: int) -> list[str]:
    lines: list[str] = []
    rest = text
    while rest and len(lines) < 4:
        if width(rest) <= cells:
            lines.append(rest)
            break
        cut = rest.rfind(" ", 0, max(cells, 1))
        cut = cut if cut > cells // 2 else max(cells - 1, 1)
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return lines


FILTERED = "No message matches. / changes the filter; an empty one shows everything."
NARROWED = "No message of this subtree matches. Esc shows all topics again."
"""Why a capture that holds messages shows none."""


def empty_stream(workspace: Workspace, cells: int, height: int, *, hidden: str = "") -> list[Line]:
    """The lines of a stream without rows; ``hidden`` says why what is there is not shown."""
    if hidden:
        return [[], *([("   ", "text"), (text, "text")] for text in _wrap(hidden, max(cells - 4, 10)))]
    if workspace.replaying:
        return _texts(["", "This capture holds no messages."])
    started = workspace.started
    if not started:
        return _nothing_started(workspace)
    now = workspace.clock()
    lines: list[Line] = []
    for snapshot in started:
        if snapshot.phase in (Phase.CONNECTING, Phase.RETRYING, Phase.FAILED):
            lines += [[], *connecting_lines(snapshot, cells, now)]
    connected = [s for s in started if s.phase is Phase.CONNECTED]
    if connected and not lines:
        lines = _silent(connected[0], now, cells)
    return lines[:height] or _texts(["", "Not connected. Enter on a connection (1) connects it."])


def _nothing_started(workspace: Workspace) -> list[Line]:
    if workspace.problems and not workspace.profiles:
        problem = workspace.problems[0]
        where = f"line {problem.line}: " if problem.line else ""
        return [
            [],
            [("   No connection can be used.", "strong")],
            [],
            [(f"   ✗ {where}{line(problem.text, 200)}", "bad plain")],
            [],
            [("   ", "text"), *_key("1", "connections"), *_key("Enter", "show what is wrong, and where")],
        ]
    if workspace.profiles:
        return [
            [],
            [("   Not connected.", "strong")],
            [],
            [("   ", "text"), *_key("1", "connections"), *_key("Enter", "connect the one under the cursor")],
        ]
    return [
        [],
        [("   No connection yet.", "strong")],
        [],
        [
            ("   ", "text"),
            ("A", "in"),
            (" adds one: an address is enough, for example mqtt://localhost", "dim"),
        ],
        [
            ("   ", "text"),
            ("1", "in"),
            (" and ", "dim"),
            ("I", "in"),
            (" import a URL or a line of mosquitto_sub, mqttx, websocat", "dim"),
        ],
        [("   or try the app on its own broker: ", "dim"), ("mqttx-tui demo", "text")],
    ]


ADVICE_CELLS = 54


def _silent(snapshot: ConnectionSnapshot, now: float, cells: int) -> list[Line]:
    wanted = [s for s in snapshot.subscriptions if s.on]
    subscribed = ", ".join(f"{line(s.filter, 40)} ({_granted(s.granted, s.reason)})" for s in wanted[:3])
    waited = max(int(now - (snapshot.connected_at or now)), 0)
    waited = waited if waited < 10 else waited // 10 * 10
    lines: list[Line] = [[]]
    what = f"subscribed to {subscribed}" if subscribed else "nothing subscribed"
    if snapshot.protocol != "mqtt":
        what = "a raw WebSocket"
    lines += [
        [("   ", "text"), (text, "strong plain")]
        for text in _wrap(f"Connected to {line(snapshot.url, 80)}, {what}.", min(cells - 4, 74))
    ]
    lines.append(
        [
            (f"   Nothing has arrived for {waited} s.", "text"),
            (" That can be right:" if wanted else "", "text"),
        ]
    )
    if snapshot.protocol != "mqtt":
        return [*lines, *_advice("the server may wait for a message first", "p", "send one", cells)]
    if not wanted:
        return [*lines, *_advice("no topic filter is on", "s", "subscribe", cells)]
    lines += _advice("no message is retained here, and no device spoke", "", "", cells)
    if any(s.filter == "#" for s in wanted):
        lines += _advice("# does not include $SYS/#", "s", "subscribe $SYS/#", cells)
    lines += _advice("this user may not read (the broker grants, then sends nothing)", "", "", cells)
    return [*lines, *_advice("publish one yourself", "p", "publish", cells)]


def _granted(granted: int | None, reason: int | None) -> str:
    if reason is not None and reason >= 0x80:
        return f"refused 0x{reason:02x}"
    return f"granted q{granted}" if granted is not None else "asked"


def _advice(text: str, key: str, label: str, cells: int) -> list[Line]:
    """What it may be, and the key that helps: at the right, or close behind where there is little room."""
    parts = _wrap(text, max(cells - 8, 10))
    lines: list[Line] = [
        [("     · " if n == 0 else "       ", "text"), (part, "text")] for n, part in enumerate(parts)
    ]
    if key:
        used = 7 + width(parts[-1])
        room = ADVICE_CELLS if cells >= ADVICE_CELLS + 20 else used + 2
        lines[-1] += [(" " * max(room - used, 2), "text"), *_key(key, label)]
    return lines


def _texts(texts: list[str]) -> list[Line]:
    return [[(f"   {text}", "text")] if text else [] for text in texts]
