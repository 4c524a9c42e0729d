"""Having a connection looked over: from its profile to the screen."""

from __future__ import annotations

from typing import Any

from textual.app import App

from mqttx_tui.doctor.report import OnCheck
from mqttx_tui.model.profile import Profile
from mqttx_tui.ui import dialogs
from mqttx_tui.ui.desk import Desk
from mqttx_tui.ui.safe import line

SECONDS = 10.0
"""For each answer that the doctor waits for."""


async def open_doctor(app: App[Any], desk: Desk, profile: Profile | None) -> None:
    """Examine a connection in a process of its own, beside whatever the engine does with it."""
    if profile is None:
        desk.say("info", "this connection's profile is not known here: mqttx-tui doctor URL")
        return
    from mqttx_tui.doctor.apart import examine_apart
    from mqttx_tui.ui.screens.doctor import DoctorScreen

    async def ask(label: str, question: str) -> str | None:
        return await dialogs.ask_secret(app, label, question)

    async def examine(on_check: OnCheck) -> None:
        await examine_apart(profile, SECONDS, ask, on_check)

    await app.push_screen(DoctorScreen(line(profile.label, 60), examine))
