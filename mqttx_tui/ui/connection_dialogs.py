"""Adding, editing, copying, deleting and testing connections."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import Callable
from typing import Any

from textual.app import App

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.profile import Profile
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.profiles.import_table import Imported
from mqttx_tui.ui.desk import Desk
from mqttx_tui.ui.dialogs import ask_screen, choose, confirm
from mqttx_tui.ui.form_fields import Table
from mqttx_tui.ui.profile_book import ProfileBook
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.screens.connection_form import ConnectionForm, FormOutcome, prefilled
from mqttx_tui.ui.screens.question import Answer
from mqttx_tui.ui.workspace import LIVE, TEST_PREFIX

TEST_SECONDS = 15.0
WITH_WILL = 0x04
"""Reason of a DISCONNECT after which the broker publishes the will."""
_numbers = itertools.count(1)


async def open_form(app: App[Any], desk: Desk, profile: Profile | None) -> None:
    """The form for a new connection, or for one that exists; connects what it was told to."""
    book = desk.workspace.book
    if profile is None:
        await _form(app, desk, book, "New connection", "", prefilled())
    else:
        heading = f"Edit {profile.label}"
        await _form(app, desk, book, heading, profile.key, book.table(profile))


async def duplicate(app: App[Any], desk: Desk, profile: Profile) -> None:
    """The form, filled with a copy that does not start by itself."""
    book = desk.workspace.book
    table = dict(book.table(profile))
    table.pop("connect", None)
    table["name"] = f"{profile.label} (copy)"
    await _form(app, desk, book, f"Copy of {profile.label}", "", table)


async def delete(app: App[Any], desk: Desk, key: str, label: str) -> None:
    """Close a connection and delete it from the file, after a question."""
    book = desk.workspace.book
    if not book.holds(key):
        desk.say("info", f"{label} is not in {book.file.path}")
        return
    question = f"Delete {label} from {book.file.path}? What was captured stays."
    if not await confirm(app, question, yes="Delete"):
        return
    engine, known = desk.workspace.engine, desk.workspace.snapshot_of(key)
    book.delete(key)
    if engine is not None and known is not None:
        await engine.remove(known.id)
    desk.say("info", f"deleted {label}; the file before is in {book.file.path}.bak")


async def mend(app: App[Any], desk: Desk, key: str, table: Table) -> None:
    """The form for a connection that has problems in the file."""
    await _form(app, desk, desk.workspace.book, f"Mend {key}", key, table)


async def import_line(app: App[Any], desk: Desk) -> None:
    """A connection from a URL or a command line: the form opens with what was taken over."""
    from mqttx_tui.ui.screens.import_form import ImportForm

    found: Imported | None = await ask_screen(app, ImportForm())
    if found is None:
        return
    table = dict(found.table)
    if found.asks_protocol:
        answers = (Answer("m", "MQTT over WebSocket"), Answer("w", "raw WebSocket"))
        answer = await choose(app, "This URL speaks", answers)
        if not answer:
            return
        table["protocol"] = "mqtt" if answer == "m" else "websocket"
        if answer == "m":
            table.setdefault("subscriptions", ["#"])
    await _form(app, desk, desk.workspace.book, "Import a connection", "", table, notes=found.notes)


async def _form(
    app: App[Any],
    desk: Desk,
    book: ProfileBook,
    heading: str,
    key: str,
    table: Table,
    notes: tuple[str, ...] = (),
) -> None:
    async def test(profile: Profile, tell: Callable[[ConnectionSnapshot], None]) -> None:
        await _test(desk, profile, tell)

    form = ConnectionForm(
        heading=heading,
        notes=notes,
        key=key,
        table=table,
        defaults=book.defaults,
        save=lambda changed: book.save(key, changed),
        test=test,
    )
    outcome: FormOutcome | None = await ask_screen(app, form)
    engine = desk.workspace.engine
    if outcome is None or outcome.profile is None or engine is None:
        return
    profile = outcome.profile
    if not outcome.saved and not key:
        profile = dataclasses.replace(
            profile, key=f"unsaved-{next(_numbers)}", name=profile.name or "unsaved"
        )
    desk.workspace.stale.pop(profile.key, None)
    await engine.connect(profile)


async def _test(desk: Desk, profile: Profile, tell: Callable[[ConnectionSnapshot], None]) -> None:
    """Connect under a name of its own until the first outcome, then let go."""
    workspace, engine = desk.workspace, desk.workspace.engine
    if engine is None:
        raise AppError("this capture has no engine", title="Not tested")
    known = workspace.snapshot_of(profile.key)
    taken = known is not None and known.phase in LIVE
    trial = dataclasses.replace(
        profile,
        key=f"{TEST_PREFIX}{next(_numbers)}",
        subscriptions=(),
        messages=(),
        will=None,
        client_id="" if taken else profile.client_id,
    )
    connection = await engine.connect(trial)
    try:
        async with asyncio.timeout(TEST_SECONDS + profile.connect_timeout):
            while True:
                snapshot = workspace.trials.get(connection)
                if snapshot is not None:
                    tell(snapshot)
                    if snapshot.phase in (Phase.CONNECTED, Phase.FAILED, Phase.RETRYING, Phase.CLOSED):
                        return
                await workspace.next_change()
    except TimeoutError:
        raise AppError("no outcome in time", title="Not tested") from None
    finally:
        await engine.remove(connection)


async def show_broker(app: App[Any], desk: Desk, snapshot: ConnectionSnapshot) -> None:
    """What the broker said when it accepted a connection."""
    if snapshot.protocol != "mqtt":
        desk.say("info", f"{line(snapshot.name or snapshot.key, 60)} is no MQTT connection")
        return
    if not snapshot.broker:
        desk.say("info", f"{line(snapshot.name or snapshot.key, 60)} was not accepted by its broker yet")
        return
    from mqttx_tui.ui.screens.broker import BrokerScreen

    await app.push_screen(BrokerScreen(snapshot))


async def authenticate_again(desk: Desk, snapshot: ConnectionSnapshot) -> None:
    """AUTH 0x19 and what follows (MQTT 5.0 §4.12.1); tells how long it took."""
    engine = desk.workspace.engine
    if engine is None:
        raise AppError("there is no engine", title="Not authenticated")
    took = await engine.authenticate(snapshot.id)
    desk.say("info", f"{line(snapshot.name or snapshot.key, 60)}: authenticated again in {took:.0f} ms")


async def leave_with_will(desk: Desk, snapshot: ConnectionSnapshot) -> None:
    """Disconnect with reason 0x04 (MQTT 5.0 §3.14.2.1)."""
    engine = desk.workspace.engine
    name = line(snapshot.name or snapshot.key, 60)
    if engine is None or snapshot.phase is not Phase.CONNECTED or snapshot.version != "5":
        desk.say("info", f"{name} is not connected with MQTT 5: its will is published when it is lost")
        return
    await engine.disconnect(snapshot.id, code=WITH_WILL)
    desk.say("info", f"{name} left; its broker publishes the will, if there is one")
