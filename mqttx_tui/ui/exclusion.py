"""Topics that are left out: at once, kept in the profile when asked, shown again when asked."""

from __future__ import annotations

from typing import Any, NamedTuple

from textual.app import App

from mqttx_tui.ui.desk import Desk
from mqttx_tui.ui.dialogs import ask_screen
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.screens.menu import Menu
from mqttx_tui.ui.screens.question import Answer
from mqttx_tui.ui.workspace import Workspace

SHOWN = 30
"""Characters of a topic, its end, that leave room for the key that keeps it."""
MENU_KEYS = "123456789abcdefghijklmnopqrstuvwxyz"


class Excluded(NamedTuple):
    """A topic filter that a connection leaves out."""

    connection: int
    filter: str


def excluded_now(workspace: Workspace) -> list[Excluded]:
    """Everything that is left out, connection by connection."""
    found = []
    for snapshot in workspace.started:
        filters = workspace.excluded.get(snapshot.id)
        if filters is None:
            listed = [profile.exclude for profile in workspace.profiles if profile.key == snapshot.key]
            filters = listed[0] if listed else ()
        found += [Excluded(snapshot.id, one) for one in filters]
    return found


async def exclude(desk: Desk, connection: int, topic_filter: str) -> None:
    """Leave it out from now on. Raises ``AppError``."""
    engine = desk.workspace.engine
    if engine is None:
        return
    filters = desk.workspace.exclude(connection, topic_filter)
    await engine.exclude(connection, filters)
    shown = line(topic_filter, 400)
    shown = shown if len(shown) <= SHOWN else "…" + shown[1 - SHOWN :]
    kept = " · X keeps it in the profile" if _key(desk, connection) else " from here on"
    desk.say("info", f"left out: {shown}{kept}")


async def keep(desk: Desk, excluded: Excluded) -> None:
    """Write it into the connection's profile. Raises ``AppError``."""
    key = _key(desk, excluded.connection)
    if not key:
        desk.say("info", f"{_label(desk, excluded.connection)} is in no profile file: e makes it a profile")
        return
    desk.workspace.book.keep_exclude(key, excluded.filter)
    desk.say("info", f"{line(excluded.filter, 60)} stays excluded: kept in the profile {line(key, 40)}")


async def show_again(app: App[Any], desk: Desk) -> None:
    """Ask which topic to show again, and take it out of the profile, too, where it stands there."""
    workspace = desk.workspace
    found = excluded_now(workspace)[: len(MENU_KEYS)]
    if not found or workspace.engine is None:
        desk.say("info", "no topic is left out")
        return
    answers = tuple(
        Answer(key, f"{workspace.letter(one.connection)[0]} {line(one.filter, 60)}")
        for key, one in zip(MENU_KEYS, found, strict=False)
    )
    chosen = await ask_screen(app, Menu("Show again", answers))
    if not chosen:
        return
    wanted = found[MENU_KEYS.index(chosen)]
    rest = tuple(
        one.filter for one in excluded_now(workspace) if one.connection == wanted.connection and one != wanted
    )
    workspace.excluded[wanted.connection] = rest
    await workspace.engine.exclude(wanted.connection, rest)
    key = _key(desk, wanted.connection)
    listed = [profile for profile in workspace.profiles if profile.key == key]
    if key and listed and wanted.filter in listed[0].exclude:
        workspace.book.drop_exclude(key, wanted.filter)
    desk.say("info", f"{line(wanted.filter, 60)} is shown again")


def _key(desk: Desk, connection: int) -> str:
    """The key of its profile in the file; "" where it has none."""
    snapshot = desk.workspace.snapshots.get(connection)
    return snapshot.key if snapshot is not None and desk.workspace.book.holds(snapshot.key) else ""


def _label(desk: Desk, connection: int) -> str:
    snapshot = desk.workspace.snapshots.get(connection)
    return line(snapshot.name or snapshot.key, 40) if snapshot is not None else str(connection)
