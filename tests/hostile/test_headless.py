"""The commands: text from outside is visible on a terminal, and untouched in a pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mqttx_tui.model.visible import visible, visible_bytes
from tests.hostile.running import environment, profiles, toml
from tests.hostile.servers import FRAMES, publishes, servers
from tests.hostile.texts import NAME, NASTY, PAYLOADS, SEEN
from tests.support.terminal import pty

PROGRAM = [sys.executable, "-m", "mqttx_tui"]
COUNT = str(len(publishes()))
TIMEOUT = 20


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with servers() as found:
        yield found


@pytest.fixture
def config(urls: dict[str, str], tmp_path: Path) -> str:
    path = tmp_path / "connections.toml"
    path.write_text(profiles(urls), encoding="utf-8")
    return str(path)


def harmless(output: bytes) -> str:
    """The text, which may hold no control character but ends of lines."""
    text = output.decode()
    for line in text.split("\r\n"):
        assert all(char.isprintable() for char in line), repr(line)
    return text


def on_terminal(directory: Path, *arguments: str, answer: bytes = b"", code: int | None = None) -> str:
    """What a command showed on a terminal."""
    with pty([*PROGRAM, *arguments], env=environment(directory)) as terminal:
        if answer:
            terminal.wait_for(b": ")
            terminal.write(answer)
        ended = terminal.rest()
        text = harmless(bytes(terminal.output))
    assert code is None or ended == code, text
    return text


@pytest.mark.parametrize(
    "options",
    [[], ["-v"], ["--json"], ["-F", "%t %p %j %J %R %C %P %D %x %20p %-9t|"]],
    ids=["people", "verbose", "json", "format"],
)
def test_sub_on_a_terminal(options: list[str], urls: dict[str, str], tmp_path: Path) -> None:
    shown = on_terminal(tmp_path, "sub", urls["talkative"], "-t", "#", "-C", COUNT, *options, code=0)
    assert "subscribed # qos 0" in shown
    if "--json" in options:
        topics = [json.loads(line)["topic"] for line in shown.split("\r\n") if line.startswith("{")]
        assert topics == [publish.topic for publish in publishes()]
        return
    for text in (*NASTY.values(), NAME):
        assert visible(text) in shown
    assert visible_bytes(PAYLOADS["not utf-8"]) in shown
    assert visible_bytes(PAYLOADS["nul"]) in shown
    assert visible_bytes(PAYLOADS["long line"]) in shown


def test_sub_in_a_pipe_is_byte_for_byte(urls: dict[str, str], tmp_path: Path) -> None:
    command = [*PROGRAM, "sub", urls["talkative"], "-t", "#", "-C", COUNT]
    environ = {**os.environ, **environment(tmp_path)}
    plain = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=True, env=environ)
    assert plain.stdout == b"".join(publish.payload + b"\n" for publish in publishes())
    named = subprocess.run([*command, "-v"], capture_output=True, timeout=TIMEOUT, check=True, env=environ)
    assert named.stdout == b"".join(
        publish.topic.encode() + b" " + publish.payload + b"\n" for publish in publishes()
    )


def test_frames_on_a_terminal(config: str, tmp_path: Path) -> None:
    count = str(len(FRAMES) + 2)
    shown = on_terminal(tmp_path, "sub", NAME + "frames", "--config", config, "-C", count, code=0)
    for text in (*NASTY.values(), "\x00\x1b]0;STOLEN\x07", NAME):
        assert visible(text) in shown
    for options in (["--json"], ["-F", "%t %j %J"]):
        on_terminal(tmp_path, "sub", NAME + "frames", "--config", config, "-C", count, *options, code=0)


@pytest.mark.parametrize(
    ("server", "code", "words"),
    [
        ("refusing", 4, SEEN),
        ("moving", 3, SEEN),
        ("garbage", 3, "not MQTT"),
        ("status", None, "\\x9b31337m"),
        ("escape", None, "␛[31337m[/]"),
        ("closing", None, SEEN),
    ],
)
def test_errors_on_a_terminal(server: str, code: int | None, words: str, config: str, tmp_path: Path) -> None:
    shown = on_terminal(tmp_path, "sub", NAME + server, "--config", config, "-W", "1", code=code)
    assert words in shown


def test_a_refused_publish_on_a_terminal(config: str, tmp_path: Path) -> None:
    target = [NAME + "talkative", "--config", config]
    shown = on_terminal(tmp_path, "pub", *target, "-t", NAME, "-m", NAME, "-q", "1")
    assert "Not delivered" in shown


def test_a_question_for_a_secret_on_a_terminal(config: str, tmp_path: Path) -> None:
    target = [NAME + "secret", "--config", config, "-t", "#"]
    shown = on_terminal(tmp_path, "sub", *target, "-C", "1", answer=b"pw\n", code=0)
    assert SEEN in shown


def test_profiles_on_a_terminal(config: str, tmp_path: Path) -> None:
    listed = on_terminal(tmp_path, "profiles", "list", "--config", config, code=0)
    assert listed.count(SEEN) >= 8
    on_terminal(tmp_path, "profiles", "list", "--json", "--config", config, code=0)
    shown = on_terminal(tmp_path, "profiles", "show", NAME + "talkative", "--config", config, code=0)
    assert "client_id" in shown
    on_terminal(tmp_path, "profiles", "check", "--config", config, code=0)


def test_problems_of_a_profile_file_on_a_terminal(tmp_path: Path) -> None:
    name = toml(NAME)
    bad = tmp_path / "bad.toml"
    bad.write_text(
        f"schema = 1\n{name} = 1\n[connections.{name}]\n{name} = {name}\nurl = {toml('foo://' + NAME)}\n"
        f"mqtt = {name}\ncolor = {name}\nkeepalive = {name}\nsubscriptions = [{toml('#' + NAME)}]\n"
    )
    shown = on_terminal(tmp_path, "profiles", "check", "--config", str(bad), code=2)
    assert SEEN in shown
    bad.write_bytes(b"schema = 1\n[connections.\x1b[31337m]\nurl = '\xff\xc2\x9b'\n")
    on_terminal(tmp_path, "profiles", "check", "--config", str(bad), code=2)
    bad.write_bytes(b"schema = 1\n[connections.\x1b[31337m\xc2\x9b]\nurl = ''\n")
    on_terminal(tmp_path, "profiles", "check", "--config", str(bad), code=2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["sub", NAME, "-t", "#"],
        ["sub", "mqtt://127.0.0.1:1/", "-t", NAME + "#"],
        ["sub", "mqtt://127.0.0.1:1/", "-t", "#", "-q", NAME],
        ["sub", "mqtt://127.0.0.1:1/", "-t", "#", "--where", NAME],
        ["sub", "mqtt://127.0.0.1:1/", "-t", "#", "-F", "%" + NAME],
        ["sub", "mqtt://" + NAME + "/", "-t", "#"],
        ["sub", "--config", "/nowhere/" + NAME, "x"],
        ["profiles", "show", NAME],
        ["profiles", NAME],
        ["open", NAME],
        ["--" + NAME],
        [NAME, "-t", "a#"],
    ],
    ids=str,
)
def test_wrong_arguments_on_a_terminal(arguments: list[str], tmp_path: Path) -> None:
    on_terminal(tmp_path, *arguments)


@pytest.mark.parametrize("name", ["title", "colour", "c1 csi", "override", "hidden", "bell"])
def test_the_check_of_these_tests_can_fail(name: str, tmp_path: Path) -> None:
    program = [sys.executable, "-c", f"print({NASTY[name]!r})"]
    with pty(program, env=environment(tmp_path)) as terminal:
        terminal.rest()
        with pytest.raises(AssertionError):
            harmless(bytes(terminal.output))


def test_a_crash_on_a_terminal(tmp_path: Path) -> None:
    program = f"import sys; from mqttx_tui.cli import main, output; main.guarded = lambda _: {{}}[{NAME!r}]"
    crash = f"{program}; sys.exit(main.main([]))"
    with pty([sys.executable, "-c", crash], env=environment(tmp_path)) as terminal:
        assert terminal.rest() == 1
        assert "KeyError" in harmless(bytes(terminal.output))
