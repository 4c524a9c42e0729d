"""docs/mqtt5.md: its commands run, its profile loads, its table is what ``-D`` takes."""

from __future__ import annotations

import re
import shlex
import tomllib
from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from mqttx_tui.cli.properties import COMMANDS, given
from mqttx_tui.model.errors import Exit
from mqttx_tui.profiles.load import parse
from mqttx_tui.ui.form_fields import from_table
from mqttx_tui.ui.form_sections import OPTIONS
from mqttx_tui.wire.properties import PROPERTIES
from tests.cli.commands import run
from tests.support.mosquitto import Mosquitto

PAGE = (Path(__file__).parents[2] / "docs" / "mqtt5.md").read_text()
ROWS = {name: words.split(", ") for name, words in re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE)}
LINES = [
    line for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
]


def takes(packet: str, name: str) -> bool:
    """Whether ``-D`` takes a property of this packet."""
    words = [packet, name, *(("a", "b") if name == "user-property" else ("1",))]
    try:
        given("\x1f".join(words))
    except ArgumentTypeError:
        return False
    return True


def test_the_table_is_whole() -> None:
    assert tuple(ROWS) == COMMANDS
    names = ["user-property" if row.name == "user" else row.name.replace("_", "-") for row in PROPERTIES]
    for packet in COMMANDS:
        assert ROWS[packet] == sorted(name for name in names if takes(packet, name))


@pytest.mark.parametrize("line", LINES)
def test_its_commands_run(mosquitto: Mosquitto, line: str) -> None:
    words = shlex.split(line.replace("mqtt://localhost", f"mqtt://127.0.0.1:{mosquitto.port}"))[1:]
    done = run(*words)
    assert done.returncode == (Exit.NOT_ACHIEVED if "-W" in words else Exit.DONE), done.stderr


def test_its_profiles_and_the_words_of_the_form(tmp_path: Path) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    for text in blocks:
        assert parse(f"schema = 1\n{text}".encode(), tmp_path / "connections.toml").problems == ()
    table = tomllib.loads("\n".join(blocks))["connections"]["lab"]
    [line] = from_table(table)[OPTIONS].splitlines()
    name, words = line.split("\t")
    assert f"`{name}` and\n`{words}`" in PAGE
