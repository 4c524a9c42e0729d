"""Saving the running capture."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from textual.app import App

from mqttx_tui.model.errors import AppError
from mqttx_tui.ui.desk import Desk
from mqttx_tui.ui.dialogs import ask_screen, confirm
from mqttx_tui.ui.screens.ask import TextPrompt


async def save_capture(app: App[Any], desk: Desk) -> None:
    """Ask for a path and copy the capture there, while it goes on."""
    engine = desk.workspace.engine
    if engine is None:
        raise AppError("this capture is already a file", title="Not saved", hint=desk.capture_path)
    proposal = time.strftime("capture-%Y%m%d-%H%M%S.mqttx", time.localtime(desk.workspace.clock()))
    answer: str | None = await ask_screen(app, TextPrompt("Save the capture to", str(Path.cwd() / proposal)))
    if not answer or not answer.strip():
        return
    path = Path(answer.strip()).expanduser()
    if path.exists() and not await confirm(app, f"{path} exists. Replace it?", yes="Replace"):
        return
    count = await engine.save(str(path))
    desk.say("info", f"saved {count:,} messages to {path}")
