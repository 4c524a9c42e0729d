"""Every command of the README is run, against real brokers, in real terminals."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest

from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.place import file_system
from mqttx_tui.cli.main import COMMANDS
from mqttx_tui.engine.running import look, stop
from mqttx_tui.profiles.load import load
from tests.support.mosquitto import Mosquitto, find
from tests.support.terminal import pty
from tests.support.wait import until

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PROGRAM = [sys.executable, "-m", "mqttx_tui"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands(first: str) -> list[str]:
    lines = [line.partition("  #")[0].strip() for block in blocks("console") for line in block.splitlines()]
    return [line for line in lines if line.startswith(first)]


WITHOUT_A_SCREEN = ("sub", "pub", "request", "doctor", "compare", "record", "profiles", "captures")
HEADLESS = [line for line in commands("mqttx-tui ") if line.split()[1] in WITHOUT_A_SCREEN]
SCREENS = [line for line in commands("mqttx-tui") if line not in HEADLESS]


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A place for private captures into which no other test looks."""
    parent = "/dev/shm" if file_system("/dev/shm") == "tmpfs" else None
    with tempfile.TemporaryDirectory(prefix="test-", dir=parent) as directory:
        yield Path(directory)


@pytest.fixture
def place(tmp_path: Path, runtime: Path) -> dict[str, str]:
    """An empty home with the README's own profile file in it."""
    config = tmp_path / "home" / ".config" / "mqttx-tui"
    config.mkdir(parents=True)
    (config / "connections.toml").write_text(blocks("toml")[0])
    return {
        **os.environ,
        "HOME": str(tmp_path / "home"),
        "XDG_CONFIG_HOME": str(tmp_path / "home" / ".config"),
        "PYTHONPATH": str(ROOT),
        "XDG_RUNTIME_DIR": str(runtime),
        "TMPDIR": str(runtime),
    }


@contextmanager
def in_the_background(place: dict[str, str], mosquitto: Mosquitto) -> Iterator[None]:
    """An engine whose front end was killed; it is gone at the end, whoever stopped it."""
    url = f"mqtt://localhost:{mosquitto.port}"
    command = [sys.executable, "-m", "tests.engine.frontend", url, "60", "greenhouse"]
    with subprocess.Popen(command, env=place, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        directory = Path(process.stdout.readline().decode().split()[1]).parent
        process.kill()
    try:
        yield
    finally:
        left = asyncio.run(look(directory))
        if left is not None:
            asyncio.run(stop(left))


def arguments(line: str, port: int) -> list[str]:
    """The command's arguments, with the fixture's broker for localhost."""
    return shlex.split(line.replace("mqtt://localhost", f"mqtt://localhost:{port}"))[1:]


def background(line: str, place: dict[str, str], mosquitto: Mosquitto) -> AbstractContextManager[None]:
    """What a command about captures in the background needs."""
    if line.split()[1:2] in (["attach"], ["captures"]):
        return in_the_background(place, mosquitto)
    return nullcontext()


@pytest.mark.mosquitto
@pytest.mark.parametrize("line", HEADLESS)
def test_headless_command(line: str, place: dict[str, str], mosquitto: Mosquitto, tmp_path: Path) -> None:
    with background(line, place, mosquitto), answers(line, mosquitto):
        run_headless(arguments(line, mosquitto.port), place, mosquitto, tmp_path)


@contextmanager
def answering(topic: str, mosquitto: Mosquitto) -> Iterator[None]:
    """mosquitto's own programs answer the first request on a topic."""
    tools = [find("mosquitto_sub") or "", find("mosquitto_pub") or ""]
    script = 'set -- $("$1" -V 5 -p "$3" -i "$4" -t "$4" -C 1 -F "%R %D") "$2" "$3"'
    script += '; exec "$3" -V 5 -p "$4" -t "$1" -m pong -D publish correlation-data "$2"'
    with subprocess.Popen(["sh", "-c", script, "sh", *tools, str(mosquitto.port), topic]) as process:
        until(lambda: f"Sending SUBACK to {topic}" in mosquitto.log, "the responder subscribes")
        yield
    assert process.returncode == 0


def answers(line: str, mosquitto: Mosquitto) -> AbstractContextManager[None]:
    words = line.split()
    return answering(words[words.index("-t") + 1], mosquitto) if words[1] == "request" else nullcontext()


def run_headless(words: list[str], place: dict[str, str], mosquitto: Mosquitto, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*PROGRAM, *words], cwd=tmp_path, env=place, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    if words[0] == "sub":
        feed = [*PROGRAM, "pub", f"mqtt://localhost:{mosquitto.port}", "-t", "site/1"]
        assert process.stderr is not None
        while b"subscribed" not in (told := process.stderr.readline()):
            assert told, "it ended"
        subprocess.run([*feed, "-l"], env=place, check=True, input=b'{"temperature": 21}\n' * 10)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err.decode()
    if (
        words[0] in ("sub", "request", "doctor", "compare", "profiles", "captures")
        and words[1:] != ["check"]
        and words[1] != "stop"
    ):
        assert out
    if words[0] == "record":
        assert (tmp_path / "night.mqttx").stat().st_size > 0


@pytest.mark.mosquitto
@pytest.mark.parametrize("line", SCREENS)
def test_command_with_a_screen(
    line: str, place: dict[str, str], mosquitto: Mosquitto, tmp_path: Path
) -> None:
    words = arguments(line, mosquitto.port)
    shown = b"Messages"
    if words[:1] == ["open"]:
        record = [
            "record",
            f"mqtt://localhost:{mosquitto.port}",
            "-t",
            "#",
            "--capture",
            words[1],
            "--timeout",
            "0.5",
        ]
        subprocess.run([*PROGRAM, *record], cwd=tmp_path, env=place, check=True)
        words[1] = str(tmp_path / words[1])
    if words[:1] == ["broker"]:
        shown = b"mqtt://127.0.0.1:"
    with background(line, place, mosquitto), pty([*PROGRAM, *words], env=place) as terminal:
        terminal.wait_for(shown)
        if words[:1] not in (["broker"], []):
            terminal.write(b"q")
            terminal.wait_for(b"again quit")
        else:
            terminal.write(b"\x03\x03")
        terminal.write(b"q")
        until(lambda: terminal.process.poll() is not None, "it ends")


def test_every_command_is_in_the_readme() -> None:
    assert set(COMMANDS) - {"demo"} <= {line.split()[1] for line in commands("mqttx-tui ")}
    assert "mqttx-tui demo" in README


def test_every_dev_command_is_known() -> None:
    known = subprocess.run([sys.executable, ROOT / "dev", "help"], capture_output=True, text=True, check=True)
    for line in commands("./dev"):
        assert line.split()[:2] == ["./dev", line.split()[1]]
        assert f"./dev {line.split()[1]}" in known.stdout


def test_the_profile_file_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "connections.toml"
    path.write_text(blocks("toml")[0])
    file = load(path)
    assert not file.problems
    assert [profile.key for profile in file.profiles] == ["bench", "ticker", "production"]


def test_the_filters_are_valid() -> None:
    lines = [line for block in blocks("text") for line in block.splitlines()]
    assert len(lines) >= 5
    for line in lines:
        parse(line)


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
