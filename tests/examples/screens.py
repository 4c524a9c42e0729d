"""How each screen of the app is brought up in a bench, and which of its words do not fit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from rich.cells import cell_len
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from mqttx_tui.doctor.report import Check, OnCheck, Verdict
from mqttx_tui.model.handshake import Handshake
from mqttx_tui.ui.screens.ask import Confirm, SecretPrompt, SubscribeForm, TextPrompt
from mqttx_tui.ui.screens.broker import BrokerScreen
from mqttx_tui.ui.screens.close_form import CloseForm
from mqttx_tui.ui.screens.doctor import DoctorScreen
from mqttx_tui.ui.screens.handshake import HandshakeScreen
from mqttx_tui.ui.screens.import_form import ImportForm
from mqttx_tui.ui.screens.log import LogScreen
from mqttx_tui.ui.widgets.choice import Choice, TextButton, Toggle
from mqttx_tui.ui.widgets.piece_line import PieceLine, bits_width
from tests.ui.bench_app import Bench, snapshot

Opener = Callable[[Bench], Awaitable[None]]
OPENERS: dict[str, Opener] = {}


def by_keys(*keys: str) -> Opener:
    """Press these keys."""

    async def press(app: Bench) -> None:
        await app.press(*keys)

    return press


def pushed(make: Callable[[], Screen[Any]]) -> Opener:
    """Push this screen."""

    async def push(app: Bench) -> None:
        await app.app.push_screen(make())

    return push


HANDSHAKE = Handshake("GET /x HTTP/1.1", (("Host", "ticker.lab"),), 101, (("Upgrade", "websocket"),))
FOUND = Check(
    "tls", Verdict.FAILED, "expired", 12.5, (("issuer", "CN=lab"),), "Certificate expired", "renew it\n" * 12
)


async def diagnose(tell: OnCheck) -> None:
    """Two findings, and the end."""
    tell(Check("tcp", Verdict.OK, "127.0.0.1:8883", 0.4))
    tell(FOUND)


OPENERS |= {
    "connections": by_keys("1"),
    "topics": by_keys("2", "home"),
    "messages": by_keys("3"),
    "paused": by_keys("3", "space"),
    "inspector": by_keys("4"),
    "composer": by_keys("p"),
    "ConnectionForm": by_keys("1", "end", "e"),
    "HelpScreen": by_keys("question_mark"),
    "Menu": by_keys("3", "up", "Y"),
    "Palette": by_keys("ctrl+p"),
    "SettingsScreen": by_keys("comma"),
    "TraceScreen": by_keys("3", "w"),
    "SavedScreen": by_keys("p", "ctrl+o"),
    "HistoryScreen": by_keys("p", "ctrl+r"),
    "LogScreen": pushed(lambda: LogScreen([], 0)),
    "Confirm": pushed(lambda: Confirm("Clear the retained message of site/7/set (1 topic)?", yes="Clear")),
    "SubscribeForm": pushed(lambda: SubscribeForm("A greenhouse", version="5")),
    "SecretPrompt": pushed(lambda: SecretPrompt("greenhouse", "password")),
    "TextPrompt": pushed(lambda: TextPrompt("Save the capture to", "capture.db")),
    "CloseForm": pushed(lambda: CloseForm("C ticker")),
    "ImportForm": pushed(ImportForm),
    "BrokerScreen": pushed(lambda: BrokerScreen(snapshot(broker=(("highest QoS", "2"),) * 30))),
    "DoctorScreen": pushed(lambda: DoctorScreen("A greenhouse", diagnose)),
    "HandshakeScreen": pushed(lambda: HandshakeScreen("C ticker", HANDSHAKE)),
}


def labels(screen: Widget) -> Iterator[tuple[Widget, str]]:
    """The widgets that are labels or carry one, with the line that they need."""
    for widget in screen.query("*"):
        if not widget.display or not all(one.display for one in widget.ancestors if isinstance(one, Widget)):
            continue
        if isinstance(widget, TextButton | Choice | Toggle) or (
            isinstance(widget, Static) and widget.styles.height is not None and widget.size.height == 1
        ):
            text = str(widget.render())
            if text.strip():
                yield widget, text


def cut_words(app: Bench) -> list[str]:
    """Every label on screen that its place is too small for, and every line whose pieces do not fit."""
    screen = app.app.screen
    found = []
    for widget, text in labels(screen):
        if widget.size.width and cell_len(text) > widget.size.width and widget.size.height == 1:
            found.append(f"{widget!r} ({widget.size.width}): {text}")
        if widget.region.right > app.app.size.width:
            found.append(f"{widget!r} goes over the edge: {text}")
    for line in screen.query(PieceLine):
        # the settings' title ends with a path, which may be as long as it likes
        if line.display and line.size.width and line.region.area and line.id != "settings-title":
            wanted = bits_width(line._left) + bits_width(line._right)
            if wanted > line.size.width:
                words = "".join(bit.text for bit in [*line._left, *line._right])
                found.append(f"{line!r} ({line.size.width} of {wanted}): {words}")
    return found
