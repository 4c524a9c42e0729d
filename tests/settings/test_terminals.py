"""Terminals that have few colours or none, and those that lack characters: everything is said by letters."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import pytest

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.writer import CaptureWriter
from mqttx_tui.model.message import OUTGOING, RETAIN, Row
from mqttx_tui.ui.spelling import ascii_only, for_console, has_colors, speller
from tests.support.terminal import Pty, pty, tmux
from tests.ui.bench_app import NOON

SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
NO_COLORS = {0, 1, 2, 3, 4, 7, 9, 22, 23, 24, 27, 29}
SIXTEEN = {*range(30, 38), 39, *range(40, 48), 49, *range(90, 98), *range(100, 108)}


async def _write(path: Path) -> None:
    writer = CaptureWriter(path, limits=Limits(messages=1000, bytes=100_000_000), kept=True)
    number = writer.connection(name="lab", letter="A", url="mqtt://broker.lab", protocol="mqtt")
    sink = writer.sink(number)
    rows = []
    for topic, payload, flags in (
        ("site/7/temp", b"21.4", RETAIN),
        ("site/7/set", "Grün 温".encode(), OUTGOING),
        ("a/very/long/topic/that/is/clipped/on/its/left/side/temp", b"ON", 0),
    ):
        known = sink.topic(topic)
        assert known is not None
        rows.append(Row(NOON, known, flags, len(payload) + 20, payload, None))
    sink.messages(rows)
    await writer.flushed()
    await writer.close(delete=False)


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    path = tmp_path / "kept.db"
    asyncio.run(_write(path))
    return [sys.executable, "-m", "mqttx_tui", "open", str(path)]


def environment(directory: Path, **more: str) -> dict[str, str]:
    """Without the colours and the language of the terminal that the tests run in."""
    bare = {"COLORTERM": "", "NO_COLOR": "", "LC_ALL": "", "LC_CTYPE": "", "LANG": "", "MQTTX_TUI_CONFIG": ""}
    return bare | {"XDG_CONFIG_HOME": str(directory), "HOME": str(directory), "TZ": "UTC"} | more


def codes(output: bytes) -> set[int]:
    """Every parameter of every SGR sequence."""
    return {int(part or 0) for found in SGR.findall(output) for part in re.split(rb"[;:]", found)}


def shown(terminal: Pty) -> bytes:
    """What was written until all three messages stood there, a dialog included."""
    terminal.wait_for(b"side/temp")
    terminal.wait_for(b"site/7/set")
    terminal.write(b"?")
    terminal.wait_for(b"Here")
    return bytes(terminal.output)


@pytest.mark.parametrize(
    "env", [{"NO_COLOR": "1", "COLORTERM": "truecolor"}, {"TERM": "dumb"}, {"TERM": "vt100"}], ids=str
)
def test_without_colours_no_sequence_sets_one(
    command: list[str], tmp_path: Path, env: dict[str, str]
) -> None:
    with pty(command, env=environment(tmp_path, **env)) as terminal:
        output = shown(terminal)
    assert codes(output) <= NO_COLORS
    assert 1 in codes(output), "bold stays"
    text = output.decode()
    assert "←" in text
    assert "→" in text
    assert "0R" in re.sub("\x1b\\[[0-9;]*m", "", text)


@pytest.mark.parametrize("term", ["linux", "screen", "tmux"])
def test_a_terminal_of_16_colours_gets_no_others(command: list[str], tmp_path: Path, term: str) -> None:
    with pty(command, env=environment(tmp_path, TERM=term)) as terminal:
        output = shown(terminal)
    assert codes(output) <= NO_COLORS | SIXTEEN
    assert codes(output) & SIXTEEN


@pytest.mark.parametrize("term", ["alacritty", "xterm-kitty", "xterm-256color"])
def test_a_terminal_known_by_name_gets_more_over_ssh(command: list[str], tmp_path: Path, term: str) -> None:
    with pty(command, env=environment(tmp_path, TERM=term, SSH_CONNECTION="1 2 3 4")) as terminal:
        output = shown(terminal)
    assert 38 in codes(output)


@pytest.mark.parametrize(
    ("env", "payload"),
    [({"TERM": "linux"}, "Grün 温"), ({"LANG": "C"}, "Gr?n ??"), ({"LC_ALL": "de_DE.ISO-8859-1"}, "Gr?n ??")],
    ids=str,
)
def test_what_the_terminal_lacks_is_written_in_ascii(
    command: list[str], tmp_path: Path, env: dict[str, str], payload: str
) -> None:
    with pty(command, env=environment(tmp_path, **env)) as terminal:
        output = shown(terminal).decode()
    text = re.sub("\x1b\\[[0-9;]*m", "", output)
    assert payload in text
    assert set(text.replace(payload, "")) <= {chr(number) for number in range(128)}
    assert "<0R site/7/temp" in text
    assert ">0  site/7/set" in text
    assert "~" in text, "the long topic is clipped"


@pytest.mark.parametrize("term", ["linux", "screen", "tmux", "dumb", "vt100", "xterm-256color"])
@pytest.mark.parametrize("size", [(120, 40), (60, 20)], ids=str)
def test_the_app_starts_in_tmux(command: list[str], tmp_path: Path, term: str, size: tuple[int, int]) -> None:
    env = environment(tmp_path, TERM=term)
    with tmux(["env", f"TERM={term}", *command], columns=size[0], rows=size[1], env=env) as terminal:
        terminal.wait_for("site/7/set")
        screen = terminal.wait_for("0R site/7/temp")
        assert "LIVE" in screen
        terminal.keys("?")
        terminal.wait_for("Every message, both ways")


def test_whether_there_are_colours() -> None:
    assert has_colors({"TERM": "xterm"})
    assert has_colors({"TERM": "linux", "NO_COLOR": ""})
    assert not has_colors({"TERM": "xterm", "NO_COLOR": "0"})
    assert not has_colors({"TERM": "VT100"})


def test_which_characters_are_spelled() -> None:
    assert speller("auto", {"LANG": "de_DE.UTF-8"}) is None
    assert speller("auto", {}) is None
    assert speller("auto", {"LANG": "C", "LC_CTYPE": "C.UTF-8"}) is ascii_only
    assert speller("auto", {"LC_ALL": "C.UTF-8", "LANG": "C"}) is None
    assert speller("auto", {"TERM": "linux", "LANG": "C.UTF-8"}) is for_console
    assert speller("unicode", {"TERM": "linux", "LANG": "C"}) is None
    assert speller("ascii", {"LANG": "de_DE.UTF-8"}) is ascii_only


def test_every_sign_of_ours_has_a_stand_in_as_wide() -> None:
    import mqttx_tui.ui

    sources = Path(mqttx_tui.ui.__file__).parent.rglob("*.py")
    found = {sign for path in sources for sign in path.read_text() if sign > "\u00ff"}
    left = {sign for sign in found if not for_console(sign).isascii()} - set("™∞•º")
    assert left == set(), "spelling.py lacks these"
    for sign in found:
        assert len(for_console(sign)) == 1
    assert ascii_only("aé温\u0301b") == "a???b"
