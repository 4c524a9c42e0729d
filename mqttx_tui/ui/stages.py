"""The stages of connecting as lines: they stay in place, each only gains its mark."""

from __future__ import annotations

from mqttx_tui.model import shown
from mqttx_tui.model.state import ConnectionSnapshot, Phase, StageReport
from mqttx_tui.model.visible import visible

_NAMES = {
    "name": "name",
    "tcp": "TCP",
    "proxy": "proxy",
    "tls": "TLS",
    "upgrade": "upgrade",
    "mqtt": "MQTT",
    "link": "link",
}
_MARKS = {"pending": "·", "running": "…", "ok": "✓", "failed": "✗"}
_EXPECTED = {
    "tcp": ("name", "tcp", "mqtt"),
    "tls": ("name", "tcp", "tls", "mqtt"),
    "ws": ("name", "tcp", "upgrade"),
    "wss": ("name", "tcp", "tls", "upgrade"),
    "unix": ("tcp", "mqtt"),
}


def stage_lines(snapshot: ConnectionSnapshot) -> list[tuple[str, str]]:
    """Lines and their ink (``good``, ``bad``, ``dim``): the stages, the error, and what to do next."""
    reported = {report.stage: report for report in snapshot.stages}
    expected = list(_EXPECTED.get(snapshot.transport, ("name", "tcp")))
    if snapshot.protocol == "mqtt" and "mqtt" not in expected:
        expected.append("mqtt")
    order = expected + [stage for stage in reported if stage not in expected]
    lines = [_line(reported.get(stage, StageReport(stage))) for stage in order]
    if snapshot.error is not None:
        lines.append((visible(f"{snapshot.error.title}: {snapshot.error.message}"), "bad"))
        if snapshot.error.hint:
            lines.append((visible(f"Try: {snapshot.error.hint}"), "text"))
        if not snapshot.error.retry:
            lines.append(("Not retrying: the same answer would come.", "dim"))
    elif snapshot.phase is Phase.CONNECTED:
        version = f" {snapshot.version}" if snapshot.version else ""
        lines.append((visible(f"connected{version}"), "good"))
    return lines


def _line(report: StageReport) -> tuple[str, str]:
    ink = {"ok": "text", "failed": "bad"}.get(report.status, "dim")
    took = shown.milliseconds(report.ms) if report.status in ("ok", "failed") else ""
    name = _NAMES.get(report.stage, report.stage)
    return f"{_MARKS.get(report.status, '·')} {name:<9} {visible(report.detail)[:56]:<56} {took:>7}", ink
