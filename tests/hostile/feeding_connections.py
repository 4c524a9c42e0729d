"""How the dialogs of connections are given hostile text."""

from __future__ import annotations

from tests.hostile.feeding import CLEAR, connection_list, feeds, first_connection, stream
from tests.hostile.running import ENTER, ESC, F5, HOME, Running
from tests.hostile.texts import NASTY, SEEN


@feeds("ConnectionForm")
def _form(app: Running) -> None:
    first_connection(app)
    app.press("e")
    app.see("Edit ␛[31337m", "client id")
    app.see("␛[31337m\ufffd7m\ufffd[/][@click=app.quit]x[/]")
    app.press(F5)
    app.see("connected")
    for _ in range(30):
        app.press("\x1b[B")
    app.press(ESC)
    app.lose("Edit ␛")
    stream(app)


def _frames(app: Running) -> None:
    """The cursor on a raw WebSocket, found by its name."""
    connection_list(app)
    app.press("/")
    app.see("/ name, URL or group")
    app.press(*"frames")
    app.see("1/1  ")
    app.press(ENTER)
    app.see("/ frames")
    app.press(HOME, "j")
    app.see("H handshake")


def _all_connections(app: Running) -> None:
    app.press("/")
    app.see("Enter keep")
    app.press(CLEAR)
    app.see("/ name, URL or group")
    app.press(ENTER)
    app.lose("/ name, URL or group")
    stream(app)


@feeds("CloseForm")
def _close(app: Running) -> None:
    _frames(app)
    app.press_alone("x")
    app.see("Close ", SEEN, "normal closure")
    app.click("reason  none", 9)
    app.paste(f"{NASTY['override']}\x9b31337m\x07")
    app.see("\ufffdabc\ufffd\ufffd31337m")
    app.press(ESC)
    app.lose("normal closure")
    _all_connections(app)


@feeds("HandshakeScreen")
def _handshake(app: Running) -> None:
    _frames(app)
    app.press("H")
    app.see("Handshake of ", SEEN, "HTTP/1.1")
    app.press(ESC)
    app.lose("Handshake of ")
    _all_connections(app)


@feeds("BrokerScreen")
def _broker(app: Running) -> None:
    first_connection(app)
    app.press("B")
    app.see("What the broker of ", "highest QoS", SEEN)
    app.press(ESC)
    app.lose("What the broker of ")


@feeds("DoctorScreen")
def _doctor(app: Running) -> None:
    first_connection(app)
    app.press("T")
    app.see("Doctor: ␛", "✓ mqtt", SEEN)
    app.press(ESC)
    app.lose("Doctor: ␛")


@feeds("ImportForm")
def _import(app: Running) -> None:
    connection_list(app)
    app.press("I")
    app.see("Paste a URL")
    app.paste(f"x{NASTY['override']}\x9b31337m\x07 -t a")
    app.press(ENTER)
    app.see("is no program known here", "\\u202eabc")
    app.press(ESC)
    app.lose("Paste a URL")
    stream(app)


@feeds("ProblemScreen")
def _problem(app: Running) -> None:
    connection_list(app)
    app.press("j")
    app.see("Enter what is wrong")
    app.press(ENTER)
    app.see("edit in $EDITOR", SEEN, "has no known scheme")
    app.press("l", "G", HOME)
    app.press(ESC)
    app.lose("edit in $EDITOR")
    stream(app)
