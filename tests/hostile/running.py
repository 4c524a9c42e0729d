"""The real app in a real terminal, among hostile servers."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.hostile.scanner import Scanner
from tests.hostile.texts import NAME
from tests.support.terminal import Pty, pty
from tests.support.wait import until

ESC, ENTER, DELETE, F5, HOME = b"\x1b", b"\r", b"\x1b[3~", b"\x1b[15~", b"\x1b[H"
ALONE_SECONDS = 0.1
PAGE_SECONDS = 0.4
"""How long a page is looked at: a countdown may repaint it before the key did."""
PASTE = b"\x1b[200~%s\x1b[201~"


def toml(text: str) -> str:
    """A TOML string (JSON's escapes are TOML's, DEL and all)."""
    return json.dumps(text)


def profiles(urls: dict[str, str], *, names: tuple[str, ...] = (), broken: bool = False) -> str:
    """A profile file with a connection for every server, named by ``NAME`` and the server.

    ``broken``: one that cannot be used stands among them.
    """
    lines = ["schema = 1"]
    for name, url in urls.items():
        if names and name not in names:
            continue
        raw = url.startswith("ws")
        lines += [
            f"[connections.{toml(NAME + name)}]",
            f"name = {toml(NAME + name)}",
            f"group = {toml(NAME)}",
            f"url = {toml(url)}",
            "connect = true",
        ]
        if raw:
            lines += ['protocol = "websocket"', 'topic_from = ".type"']
        else:
            lines += [
                'mqtt = "5"',
                f"client_id = {toml(NAME)}",
                f"username = {toml(NAME)}",
                f'subscriptions = ["#", {toml(NAME)}]',
                f"messages = [{{ name = {toml(NAME)}, topic = {toml(NAME)}, payload = {toml(NAME)} }}]",
            ]
    if not names:
        lines += [
            f"[connections.{toml(NAME + 'secret')}]",
            f"name = {toml(NAME + 'secret')}",
            f"url = {toml(urls['talkative'])}",
            'username = "u"',
            "password = { prompt = true }",
        ]
    if broken:
        lines += [f"[connections.{toml(NAME + 'broken')}]", f"url = {toml(NAME)}"]
    return "\n".join(lines) + "\n"


def environment(directory: Path) -> dict[str, str]:
    """An empty home, and no terminal of its own kind around the app."""
    (directory / "home").mkdir(exist_ok=True)
    return {
        "HOME": str(directory / "home"),
        "XDG_CONFIG_HOME": str(directory / "home"),
        "TMUX": "",
        "LANG": "C.UTF-8",
        "SSH_CONNECTION": "",
    }


class Running:
    """An app on a pty whose every byte is scanned."""

    def __init__(self, terminal: Pty, columns: int, rows: int) -> None:
        self.terminal = terminal
        self.scanner = Scanner(columns, rows)
        self._fed = 0
        self._pressed_at = 0.0

    def screen(self) -> str:
        """The screen as it is now."""
        end = len(self.terminal.output)
        self.scanner.feed(bytes(self.terminal.output[self._fed : end]))
        self._fed = end
        return self.scanner.text()

    def picture(self) -> str:
        """The screen for a person, or what an app that ended left behind."""
        _, left, after = bytes(self.terminal.output).partition(b"\x1b[?1049l")
        return after.decode("utf-8", "replace") if left else self.screen()

    def see(self, *texts: str) -> None:
        """Wait until all of ``texts`` are on screen."""
        try:
            until(lambda: _all_in(texts, self.screen()), timeout=15)
        except AssertionError:
            raise AssertionError(f"not all of {texts} on screen:\n{self.picture()}") from None

    def lose(self, text: str) -> None:
        """Wait until ``text`` is not on screen."""
        try:
            until(lambda: text not in self.screen(), timeout=15)
        except AssertionError:
            raise AssertionError(f"still {text!r} on screen:\n{self.picture()}") from None

    def hunt(self, texts: list[str], key: bytes) -> None:
        """Press ``key`` until each of ``texts`` was on screen."""
        wanted = set(texts)
        for _ in range(20):
            deadline = time.monotonic() + PAGE_SECONDS
            while time.monotonic() < deadline and wanted:
                screen = self.screen()
                wanted -= {text for text in wanted if text in screen}
                time.sleep(0.01)
            if not wanted:
                return
            self.press(key)
        raise AssertionError(f"never saw {wanted}; now:\n{self.picture()}")

    def press(self, *keys: bytes | str) -> None:
        """Send keys; an Enter at a person's pace, or it would be taken for the end of a pasted line."""
        for key in keys:
            if key == ENTER:
                until(lambda: time.monotonic() - self._pressed_at > ALONE_SECONDS)
            self.terminal.write(key.encode() if isinstance(key, str) else key)
            self._pressed_at = time.monotonic()

    def press_alone(self, key: bytes | str) -> None:
        """Send a key that acts only when no other came just before."""
        since = time.monotonic()
        until(lambda: time.monotonic() - since > ALONE_SECONDS)
        self.press(key)

    def paste(self, text: str) -> None:
        """Paste as terminals with bracketed paste do."""
        self.press(PASTE % text.encode())

    def click(self, text: str, offset: int) -> None:
        """Click into ``text``, ``offset`` cells from its beginning."""
        self.see(text)
        found = self.scanner.find(text)
        assert found is not None
        x, y = found[0] + offset + 1, found[1] + 1
        self.press(f"\x1b[<0;{x};{y}M", f"\x1b[<0;{x};{y}m")

    def number(self) -> str:
        """The number of the message that the inspector or the peek shows."""
        found = re.search(r"· #([\d,]+)", self.screen())
        return found[1] if found else ""

    @contextmanager
    def alone(self, number: str, title: str, hint: str) -> Iterator[None]:
        """One pane alone, with the keys; ``hint`` stands in its footer. Small screens show one anyway."""
        self.press_alone(number)
        self.see(hint)
        if self.scanner.columns < 110:
            yield
            return
        self.press("z")
        self._until_titles(lambda titles: titles == [title])
        yield
        self.press("z")
        self._until_titles(lambda titles: len(titles) > 1)

    def _until_titles(self, wanted: Callable[[list[str]], bool]) -> None:
        try:
            until(lambda: wanted(re.findall(r"─ \d ([A-Z]\w+) ", self.screen())), timeout=15)
        except AssertionError:
            raise AssertionError(f"other panes are on screen:\n{self.picture()}") from None

    def check(self) -> None:
        """The app lives, and nothing hostile came out."""
        self.screen()
        assert not self.scanner.offences, "\n".join(self.scanner.offences[:10])
        assert self.terminal.process.poll() is None, self.picture()


def _all_in(texts: tuple[str, ...], screen: str) -> bool:
    return all(text in screen for text in texts)


@contextmanager
def running(directory: Path, config: str, columns: int, rows: int) -> Iterator[Running]:
    """The app, connected to everything in ``config``."""
    path = directory / "connections.toml"
    path.write_text(config, encoding="utf-8")
    command = [sys.executable, "-m", "mqttx_tui", "--config", str(path)]
    with pty(command, columns=columns, rows=rows, env=environment(directory)) as terminal:
        app = Running(terminal, columns, rows)
        yield app
