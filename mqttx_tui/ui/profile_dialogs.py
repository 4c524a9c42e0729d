"""The profile file beside the app: what is wrong in it, editing it outside, reading it again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from textual.app import App

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.profile import Profile
from mqttx_tui.profiles.load import ProfileFile
from mqttx_tui.ui.desk import Desk
from mqttx_tui.ui.dialogs import ask_screen
from mqttx_tui.ui.workspace import LIVE, Known


def look_again(desk: Desk) -> None:
    """Somebody may have edited the file: take over what changed, without a word where nothing did."""
    if not desk.workspace.replaying and desk.workspace.book.file.path.name:
        desk.run_task(_quietly(desk), "profiles")


async def _quietly(desk: Desk) -> None:
    try:
        await reload(desk, asked=False)
    except AppError:
        return  # it cannot be read just now; a reload that is asked for says why


async def reload(desk: Desk, *, asked: bool = True) -> None:
    """Read the profile file again; connections that did not change go on. Raises ``AppError``."""
    workspace = desk.workspace
    book = workspace.book
    if workspace.replaying or not book.file.path.name:
        raise AppError("there is no profile file here", title="Not read")
    before = book.file
    found = await asyncio.to_thread(book.read, force=asked)
    if found is None or book.file is not before:
        if asked:
            desk.say("info", f"{before.path.name} is as it was")
        return
    old = {profile.key: profile for profile in before.profiles}
    book.adopt(found)
    desk.say("warning" if found.problems else "info", _summary(before, found))
    for problem in found.problems:
        desk.say("warning", str(replace(problem, file=before.path.name)))
    await _exclude(desk, old, found.profiles)


def _summary(before: ProfileFile, now: ProfileFile) -> str:
    old = {profile.key: profile for profile in before.profiles}
    usable = {profile.key for profile in now.profiles}
    counts = (
        (len(usable - old.keys() - set(before.broken)), "new"),
        (len(usable & set(before.broken)), "mended"),
        (sum(one.key in old and _moved(old[one.key], one) for one in now.profiles), "changed"),
        (len(old.keys() - usable - set(now.broken)), "gone"),
        (len(now.broken), "with problems"),
    )
    parts = [f"{count} {what}" for count, what in counts if count]
    return f"{before.path.name} was read again: {', '.join(parts) or 'no connection changed'}"


def _moved(old: Profile, new: Profile) -> bool:
    """Whether a profile differs otherwise than by its place in the file."""
    return replace(new, line=old.line, read_only_line=old.read_only_line) != old


async def _exclude(desk: Desk, old: dict[str, Profile], now: tuple[Profile, ...]) -> None:
    """What is left out needs no new connection."""
    engine = desk.workspace.engine
    for profile in now:
        snapshot = desk.workspace.snapshot_of(profile.key)
        before = old.get(profile.key)
        if engine is None or snapshot is None or before is None or snapshot.phase not in LIVE:
            continue
        if before.exclude != profile.exclude:
            desk.workspace.excluded.pop(snapshot.id, None)
            await engine.exclude(snapshot.id, profile.exclude)


async def show_problems(app: App[Any], desk: Desk, known: Known) -> None:
    """What is wrong and where; to be mended in an editor, or in the form where it can show it."""
    from mqttx_tui.ui import connection_dialogs
    from mqttx_tui.ui.screens.problems import ProblemScreen

    book = desk.workspace.book
    table = book.broken_table(known.key)
    screen = ProblemScreen(known.label, known.problems, book.file.text, form=table is not None)
    answer = await ask_screen(app, screen)
    if answer == "f" and table is not None:
        await connection_dialogs.mend(app, desk, known.key, table)
    elif answer == "e":
        await edit_file(app, desk, next((p.line for p in known.problems if p.line), 1))


async def edit_file(app: App[Any], desk: Desk, at: int = 1) -> None:
    """The profile file in the person's editor, and what changed afterwards. Raises ``AppError``."""
    from mqttx_tui.ui import external_editor

    workspace = desk.workspace
    if workspace.replaying or not workspace.book.file.path.name:
        raise AppError("there is no profile file here", title="Not edited")
    await external_editor.edit_file(app, workspace.book.file.path, at)
    await reload(desk, asked=False)
