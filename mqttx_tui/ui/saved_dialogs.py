"""Saved messages: the list, the form, and saving what the composer holds."""

from __future__ import annotations

from typing import Protocol

from textual.app import App

from mqttx_tui.model.errors import AppError, InputError
from mqttx_tui.model.profile import Profile
from mqttx_tui.model.state import ConnectionSnapshot
from mqttx_tui.ui.desk import Desk
from mqttx_tui.ui.dialogs import ask_screen, confirm
from mqttx_tui.ui.draft import Draft
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.saved_messages import Table, check, draft_of, table_of
from mqttx_tui.ui.screens.ask import TextPrompt
from mqttx_tui.ui.screens.saved_form import SavedForm
from mqttx_tui.ui.screens.saved_list import SavedChoice, SavedScreen


class Composer(Protocol):
    """What is asked of the composer."""

    @property
    def app(self) -> App[object]:
        """Where dialogs are shown."""

    @property
    def desk(self) -> Desk:
        """Connections and the profile file."""

    @property
    def target(self) -> ConnectionSnapshot | None:
        """The connection whose messages they are."""

    @property
    def draft(self) -> Draft:
        """What the fields hold."""

    async def put_draft(self, draft: Draft, connection: int | None = None) -> None:
        """Fill the fields in."""

    def saved_under(self, name: str) -> None:
        """Remember the name of what the fields hold."""

    def send_draft(self, draft: Draft, target: ConnectionSnapshot) -> None:
        """Send without touching the fields."""

    def focus_payload(self) -> None:
        """Give the payload the keys."""


async def open_saved(composer: Composer) -> None:
    """The list, again and again until something is taken from it."""
    target, profile = _profile(composer)
    place = 0
    while True:
        profile = _now(composer, profile)
        screen = SavedScreen(profile.label, profile.messages, place=place)
        choice: SavedChoice | None = await ask_screen(composer.app, screen)
        if choice is None:
            return
        place = choice.place
        if choice.verb == "fill":
            await composer.put_draft(draft_of(profile.messages[place]), target.id)
            composer.desk.show_pane("composer")
            composer.focus_payload()
            return
        if choice.verb == "send":
            composer.send_draft(draft_of(profile.messages[place]), target)
            return
        if choice.verb == "delete":
            await _delete(composer, profile, profile.messages[place].name)
        else:
            await _edit(composer, profile, "" if choice.verb == "new" else profile.messages[place].name)


async def save_draft(composer: Composer) -> None:
    """Ask for a name and keep what the composer holds; a message of that name is replaced."""
    _, profile = _profile(composer)
    draft = composer.draft
    _need_file(composer, profile)
    name: str | None = await ask_screen(composer.app, TextPrompt(f"Save in {profile.label} as", draft.name))
    name = (name or "").strip()
    if not name:
        return
    kept = composer.desk.workspace.book.messages(profile.key)
    before = next((one for one in kept if one.get("name") == name), {})
    if before and name != draft.name:
        question = f"{profile.label} has a message {line(name, 60)} already. Replace it?"
        if not await confirm(composer.app, question, yes="Replace"):
            return
    table = table_of(draft, name, before)
    problems = check(table, raw=profile.protocol == "websocket")
    if problems:
        raise InputError("; ".join(problems.values()), title="Not saved")
    _write(composer, profile, name, table)
    composer.saved_under(name)


async def _edit(composer: Composer, profile: Profile, name: str) -> None:
    """The form for a message that exists, or for a new one with what the composer holds."""
    _need_file(composer, profile)
    kept = composer.desk.workspace.book.messages(profile.key)
    table = next((one for one in kept if one.get("name") == name), None) if name else None
    if table is None:
        table = table_of(composer.draft, "", {})
        table.pop("name", None)

    def save(changed: Table) -> None:
        others = [
            one for one in composer.desk.workspace.book.messages(profile.key) if one.get("name") != name
        ]
        if any(one.get("name") == changed["name"] for one in others):
            raise InputError(f"a message {changed['name']!r} stands there already", title="Not saved")
        _write(composer, profile, name or str(changed["name"]), changed)

    heading = f"Message {name}" if name else f"New message of {profile.label}"
    raw = profile.protocol == "websocket"
    await ask_screen(composer.app, SavedForm(heading=heading, table=table, raw=raw, save=save))


async def _delete(composer: Composer, profile: Profile, name: str) -> None:
    _need_file(composer, profile)
    book = composer.desk.workspace.book
    question = f"Delete the message {line(name, 60)} from {book.file.path}?"
    if await confirm(composer.app, question, yes="Delete"):
        book.change_messages(profile.key, lambda kept: [one for one in kept if one.get("name") != name])
        composer.desk.say("info", f"deleted {line(name, 60)}; the file before is in {book.file.path}.bak")


def _write(composer: Composer, profile: Profile, name: str, table: Table) -> None:
    """Put a message in the place of the one called ``name``, else at the end."""

    def change(kept: list[Table]) -> list[Table]:
        if any(one.get("name") == name for one in kept):
            return [table if one.get("name") == name else one for one in kept]
        return [*kept, table]

    composer.desk.workspace.book.change_messages(profile.key, change)
    by_itself = any(table.get(key) for key in ("on_connect", "every", "when"))
    later = "; what it does by itself begins at the next connect" if by_itself else ""
    composer.desk.say("info", f"saved {line(str(table['name']), 60)} in {profile.label}{later}")


def _profile(composer: Composer) -> tuple[ConnectionSnapshot, Profile]:
    target = composer.target
    if target is None:
        raise InputError("there is no connection", title="No messages", hint="1, then Enter connects")
    workspace = composer.desk.workspace
    profile = next((one for one in workspace.profiles if one.key == target.key), None)
    if profile is None:
        label = target.name or target.key
        raise AppError(
            f"{label} is in no profile file",
            title="No messages",
            hint="1, then e and Ctrl+S save the connection",
        )
    return target, profile


def _now(composer: Composer, profile: Profile) -> Profile:
    """The profile as it is in the file by now."""
    profiles = composer.desk.workspace.profiles
    return next((one for one in profiles if one.key == profile.key), profile)


def _need_file(composer: Composer, profile: Profile) -> None:
    book = composer.desk.workspace.book
    if not book.holds(profile.key):
        raise AppError(
            f"{profile.label} is not in {book.file.path}",
            title="Not saved",
            hint="1, then e and Ctrl+S save the connection",
        )
