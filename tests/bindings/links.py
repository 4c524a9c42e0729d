"""What the keys of connections do, and those of the dialogs that they open."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from textual.widgets import Input

from mqttx_tui.doctor.report import Check, OnCheck, Verdict
from mqttx_tui.model.message import RETAIN
from mqttx_tui.model.profile import Profile
from mqttx_tui.ui.screens.ask import Confirm
from mqttx_tui.ui.screens.broker import BrokerScreen
from mqttx_tui.ui.screens.close_form import CloseForm
from mqttx_tui.ui.screens.connection_form import ConnectionForm
from mqttx_tui.ui.screens.doctor import DoctorScreen
from mqttx_tui.ui.screens.handshake import HandshakeScreen
from mqttx_tui.ui.screens.import_form import ImportForm
from mqttx_tui.ui.screens.problems import ProblemScreen
from tests.bindings.composing import shows
from tests.bindings.dialogs import closes
from tests.bindings.main_screen import asked
from tests.bindings.registry import Press, effects_of
from tests.ui.bench_app import Bench, snapshot

effect = effects_of("ConnectionsPane")
closing = effects_of("CloseForm")
handshakes = effects_of("HandshakeScreen")
importing = effects_of("ImportForm")
problems = effects_of("ProblemScreen")
palette = effects_of("palette")

SOCKET = [
    snapshot(protocol="websocket", transport="wss", url="wss://ticker.lab/x", version="", subscriptions=())
]
BAD = """
[connections.zz-bad]
url = "mqtt://bad.lab"
timeot = 3
"""


async def sees(app: Bench, text: str) -> None:
    await app.until(lambda: text in "\n".join(app.lines), f"{text!r} on screen")


@contextmanager
def editor(app: Bench, answer: str) -> Iterator[Path]:
    """An editor that writes ``answer``; what it was given is in the file that is yielded."""
    folder = app.app.workspace.book.file.path.parent
    given, script = folder / "given", folder / "editor"
    (folder / "answer").write_text(answer)
    script.write_text(f'#!/bin/sh\nfor last; do :; done\ncp "$last" {given}\ncat {folder}/answer > "$last"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    driver = app.app._driver
    assert driver is not None
    words = {"VISUAL": str(script), "EDITOR": str(script)}
    with patch.dict(os.environ, words), patch.object(type(driver), "can_suspend", True):
        yield given


async def pings(app: Bench, press: Press) -> None:
    await app.press("1", "home")
    await press()
    await app.until(asked(app, "ping", 1), "the ping")
    await sees(app, "after 12 ms")


effect("connection.ping", snapshots=SOCKET)(pings)
palette("Ping", snapshots=SOCKET)(pings)


async def shows_the_handshake(app: Bench, press: Press) -> None:
    await app.press("1", "home")
    await press()
    await shows(app, HandshakeScreen)
    assert ("handshake", 1) in app.engine.calls


effect("connection.handshake", snapshots=SOCKET)(shows_the_handshake)
palette("Handshake of a WebSocket", snapshots=SOCKET)(shows_the_handshake)


async def examine(app: Bench, press: Press) -> None:
    """The doctor's process is another matter: here one check stands for it."""

    async def found(profile: Profile, seconds: float, ask: object, on_check: OnCheck) -> None:
        on_check(Check("tcp", Verdict.FAILED, f"nothing listens for {profile.label}", title="Refused"))

    with patch("mqttx_tui.doctor.apart.examine_apart", found):
        await app.press("1", "home", "j")
        await press()
        await shows(app, DoctorScreen)
        await sees(app, "Refused: nothing listens for ")


effect("connection.doctor", profiles=True)(examine)
palette("Doctor", profiles=True)(examine)


@effects_of("DoctorScreen")("doctor.close", profiles=True)
async def closes_the_doctor(app: Bench, press: Press) -> None:
    async def press_t() -> None:
        await app.press("T")

    await examine(app, press_t)
    await closes(app, press)


@palette("Leave with the will")
async def leaves_with_the_will(app: Bench, press: Press) -> None:
    await app.press("1", "home")
    await press()
    await app.until(lambda: ("disconnect", 1, 4, "") in app.engine.calls, "DISCONNECT 0x04")


@palette("Authenticate again")
async def authenticates_again(app: Bench, press: Press) -> None:
    await app.press("1", "home")
    await press()
    await app.until(lambda: ("authenticate", 1) in app.engine.calls, "AUTH 0x19")
    await sees(app, "authenticated again in 2 ms")


BROKER = [snapshot(broker=(("highest QoS", "1"), ("retained messages", "no")))]


async def shows_the_broker(app: Bench, press: Press) -> None:
    await app.press("1", "home")
    await press()
    await shows(app, BrokerScreen)
    await sees(app, "retained messages")


effect("connection.broker", snapshots=BROKER)(shows_the_broker)
palette("What the broker allows", snapshots=BROKER)(shows_the_broker)


@effects_of("BrokerScreen")("broker.close", snapshots=BROKER)
async def closes_the_broker(app: Bench, press: Press) -> None:
    await app.press("1", "home", "B")
    await shows(app, BrokerScreen)
    await closes(app, press)


async def imports(app: Bench, press: Press) -> None:
    await app.press("1")
    await press()
    await shows(app, ImportForm)
    await app.press(*"mqtts://broker.lab/site/#", "enter")
    await shows(app, ConnectionForm)
    await sees(app, "mqtts://broker.lab")


effect("connection.import", profiles=True)(imports)
palette("Import a connection", profiles=True)(imports)


async def looks_for_one(app: Bench, press: Press) -> None:
    await app.press("1")
    await sees(app, "Spare broker")
    await press()
    await app.press(*"spare")
    await app.until(lambda: not any("greenhouse" in line[:38] for line in app.lines[1:6]), "only the other")
    await sees(app, "Spare broker")


effect("connection.search", profiles=True)(looks_for_one)
palette("Search connections", profiles=True)(looks_for_one)


@palette("Reload the profiles", profiles=True)
async def reloads(app: Bench, press: Press) -> None:
    path = app.app.workspace.book.file.path
    path.write_text(path.read_text() + '\n[connections.fresh]\nurl = "mqtt://fresh.lab"\n')
    await press()
    await app.until(lambda: any(one.key == "fresh" for one in app.app.workspace.profiles), "the new one")


@palette("Edit the profile file", profiles=True)
async def edits_the_file(app: Bench, press: Press) -> None:
    text = 'schema = 1\n[connections.other]\nurl = "mqtt://other.lab"\n'
    with editor(app, text) as given:
        await press()
        await app.until(lambda: any(one.key == "other" for one in app.app.workspace.profiles), "taken over")
    assert "Spare broker" in given.read_text()


@palette("Close the connection", snapshots=SOCKET)
async def closes_a_socket(app: Bench, press: Press) -> None:
    await press()
    await shows(app, CloseForm)
    await app.press("enter")
    closed = ("disconnect", 1)
    await app.until(lambda: any(call[:2] == closed for call in app.engine.calls), "it is closed")


@palette("Undo the last clearing")
async def puts_back(app: Bench, press: Press) -> None:
    await app.feed([("site/set", b"ON", RETAIN)])
    await app.topics(1)
    await press()
    await sees(app, "nothing was cleared that could be put back")
    await app.press("2", "end", "delete")
    await shows(app, Confirm)
    await app.press("y")
    await app.until(asked(app, "publish", 1, "site/set", b"", True), "it is cleared")


async def close_form(app: Bench) -> CloseForm:
    await app.press("1", "home", "x")
    await shows(app, CloseForm)
    screen = app.app.screen
    assert isinstance(screen, CloseForm)
    await app.until(lambda: screen.query_one("#close-code", Input).has_focus, "the code")
    return screen


@closing("close.cancel", snapshots=SOCKET)
async def leaves_it_open(app: Bench, press: Press) -> None:
    await close_form(app)
    await closes(app, press)
    assert not any(call[0] == "disconnect" for call in app.engine.calls)


@closing("close.next", snapshots=SOCKET)
async def next_field(app: Bench, press: Press) -> None:
    screen = await close_form(app)
    await press()
    await app.until(lambda: screen.query_one("#close-reason", Input).has_focus, "the reason")


@closing("close.previous", snapshots=SOCKET)
async def previous_field(app: Bench, press: Press) -> None:
    screen = await close_form(app)
    await app.press("down")
    assert screen.query_one("#close-reason", Input).has_focus
    await press()
    await app.until(lambda: screen.query_one("#close-code", Input).has_focus, "the code")


@handshakes("handshake.close", snapshots=SOCKET)
async def closes_the_handshake(app: Bench, press: Press) -> None:
    await app.press("1", "home", "H")
    await shows(app, HandshakeScreen)
    await closes(app, press)


@importing("import.cancel", profiles=True)
async def imports_nothing(app: Bench, press: Press) -> None:
    await app.press("1", "I")
    await shows(app, ImportForm)
    await app.press(*"mqtt://x")
    await closes(app, press)


async def problem(app: Bench) -> Path:
    await app.press("1", "end", "enter")
    await shows(app, ProblemScreen)
    await sees(app, "timeot")
    return app.app.workspace.book.file.path


@problems("problem.close", added=BAD)
async def closes_the_problem(app: Bench, press: Press) -> None:
    await problem(app)
    await closes(app, press)


@problems("problem.edit", added=BAD)
async def mends_it_in_an_editor(app: Bench, press: Press) -> None:
    path = await problem(app)
    with editor(app, 'schema = 1\n[connections.zz-bad]\nurl = "mqtt://good.lab"\n'):
        await press()
        await app.until(lambda: "good.lab" in path.read_text(), "what the editor wrote")
        await app.until(lambda: any(one.key == "zz-bad" for one in app.app.workspace.profiles), "it is good")


@problems("problem.form", added=BAD.replace("timeot = 3", "keepalive = -3"))
async def mends_it_in_the_form(app: Bench, press: Press) -> None:
    await app.press("1", "end", "enter")
    await shows(app, ProblemScreen)
    await press()
    await shows(app, ConnectionForm)
