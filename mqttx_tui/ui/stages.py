"""The course and outcome of one attempt to connect, for the form."""

from __future__ import annotations

from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.model.visible import visible
from mqttx_tui.ui.empty import Line, stage_lines


def outcome_lines(snapshot: ConnectionSnapshot, cells: int) -> list[Line]:
    """The stages in ``cells`` each, then the error and what to do next, or the success."""
    lines = stage_lines(snapshot, cells, indent=0)
    error = snapshot.error
    if error is not None:
        lines.append([(visible(f"{error.title}: {error.message}"), "bad")])
        if error.hint:
            lines.append([(visible(f"Try: {error.hint}"), "text")])
        if not error.retry:
            lines.append([("Not retrying: the same answer would come.", "dim")])
    elif snapshot.phase is Phase.CONNECTED:
        version = f", MQTT {snapshot.version}" if snapshot.version else ""
        lines.append([(visible(f"connected{version}"), "good")])
    return lines
