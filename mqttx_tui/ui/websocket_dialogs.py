"""What a person does to an open link by hand: ping it, look at its handshake, close it with a code."""

from __future__ import annotations

from typing import Any

from textual.app import App

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.ui.desk import Desk
from mqttx_tui.ui.dialogs import ask_screen
from mqttx_tui.ui.safe import line


def label(snapshot: ConnectionSnapshot) -> str:
    """Letter and name."""
    return line(f"{snapshot.letter} {snapshot.name or snapshot.key}", 60)


async def close(app: App[Any], desk: Desk, snapshot: ConnectionSnapshot) -> None:
    """Disconnect; an open WebSocket is closed with a code and a reason that are asked for."""
    engine = desk.workspace.engine
    if engine is None:
        raise AppError("there is no engine", title="Not closed")
    if snapshot.protocol != "websocket" or snapshot.phase is not Phase.CONNECTED:
        await engine.disconnect(snapshot.id)
        return
    from mqttx_tui.ui.screens.close_form import CloseForm

    answer: tuple[int, str] | None = await ask_screen(app, CloseForm(label(snapshot)))
    if answer is not None:
        await engine.disconnect(snapshot.id, code=answer[0], reason=answer[1])


async def ping(desk: Desk, snapshot: ConnectionSnapshot) -> None:
    """Ping once and tell the round trip."""
    engine = desk.workspace.engine
    if engine is None:
        raise AppError("there is no engine", title="Not pinged")
    took = await engine.ping(snapshot.id)
    what = "pong" if snapshot.protocol == "websocket" else "PINGRESP"
    desk.say("info", f"{label(snapshot)}: {what} after {took:.{0 if took >= 10 else 1}f} ms")


async def show_handshake(app: App[Any], desk: Desk, snapshot: ConnectionSnapshot) -> None:
    """Request, answer, subprotocol and extensions of the WebSocket below a connection."""
    engine = desk.workspace.engine
    if engine is None:
        raise AppError("there is no engine", title="No handshake")
    found = await engine.handshake(snapshot.id)
    from mqttx_tui.ui.screens.handshake import HandshakeScreen

    await app.push_screen(HandshakeScreen(label(snapshot), found))
