"""How the dialogs of the composer are given hostile text: they need what its own feeder left there."""

from __future__ import annotations

from tests.hostile.feeding import feeds, stream
from tests.hostile.running import ESC, F5, Running
from tests.hostile.texts import NASTY, SEEN


@feeds("HistoryScreen")
def _published(app: Running) -> None:
    _compose(app)
    app.press(F5)
    app.press("\x12")
    app.see("Published before", "type to narrow", "][@click=app.quit]x[/]")
    app.paste(f"{NASTY['override']}\x9b31337m\x07")
    app.see("nothing like that was published")
    app.press(ESC)
    app.lose("Published before")
    app.press(ESC)
    app.lose("^T to another")
    stream(app)


@feeds("SavedScreen")
def _saved(app: Running) -> None:
    _in_saved(app)
    app.press(ESC)
    app.lose("Saved messages of")
    app.press(ESC)
    app.lose("^T to another")
    stream(app)


def _compose(app: Running) -> None:
    """The composer, with the hostile message in it that its own feeder left there."""
    stream(app)
    app.press("p")
    app.see("format ‹", "31337m")


def _in_saved(app: Running) -> None:
    """The list of a connection that has a message with a hostile name."""
    _compose(app)
    app.press("\x0f")
    app.see("Saved messages of", f"› {SEEN[:16]}")


@feeds("SavedForm")
def _saved_form(app: Running) -> None:
    _in_saved(app)
    app.press("e")
    app.see(f"Message {SEEN}", "send it every")
    for _ in range(20):
        app.press("\x1b[B")
    app.press("\x13")
    app.lose("send it every")
    app.press(ESC)
    app.lose("Saved messages of")
    app.press(ESC)
    app.lose("^T to another")
    stream(app)
