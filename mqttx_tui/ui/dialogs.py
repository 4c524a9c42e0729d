"""Questions to the person: where panes meet screens."""

from __future__ import annotations

import asyncio
from typing import Any

from textual.app import App
from textual.screen import Screen

from mqttx_tui.model.profile import Subscription
from mqttx_tui.model.state import ConnectionSnapshot
from mqttx_tui.ui.desk import Desk
from mqttx_tui.ui.screens.ask import Confirm, SecretPrompt, SubscribeForm
from mqttx_tui.ui.screens.question import Answer, Question


async def ask_screen(app: App[Any], screen: Screen[Any]) -> Any:
    """Push a screen and wait for what it is dismissed with."""
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def settle(value: Any) -> None:
        if not done.done():
            done.set_result(value)

    await app.push_screen(screen, settle)
    return await done


async def confirm(app: App[Any], question: str, *, yes: str = "Yes") -> bool:
    """A yes-or-no question; only y or the button is yes."""
    return bool(await ask_screen(app, Confirm(question, yes=yes)))


async def choose(app: App[Any], question: str, answers: tuple[Answer, ...]) -> str:
    """One of several answers by its key; "" for none."""
    return str(await ask_screen(app, Question(question, answers)) or "")


async def ask_secret(app: App[Any], label: str, question: str) -> str | None:
    """A secret for a connection; None when declined."""
    answer: str | None = await ask_screen(app, SecretPrompt(label, question))
    return answer


async def open_subscribe(
    app: App[Any], desk: Desk, connection: ConnectionSnapshot, proposal: str = ""
) -> None:
    """Ask for a topic filter and subscribe to it."""
    label = f"{connection.letter} {connection.name or connection.key}"
    form = SubscribeForm(label, proposal, version=connection.version)
    wanted: Subscription | None = await ask_screen(app, form)
    engine = desk.workspace.engine
    if wanted is not None and engine is not None:
        await engine.subscribe(connection.id, wanted)
