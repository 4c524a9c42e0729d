"""The frame of the command line: which module runs, what it loads, how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path

import pytest

from mqttx_tui import __version__
from mqttx_tui.cli import output
from mqttx_tui.cli.main import COMMANDS, main
from mqttx_tui.model.errors import AppError, Exit, InputError, LinkError
from mqttx_tui.model.start import StartOptions

RUN = [sys.executable, "-m", "mqttx_tui"]


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the program with an empty home."""
    environment = {**os.environ, "HOME": "/nonexistent", **variables}
    return subprocess.run([*RUN, *arguments], capture_output=True, text=True, env=environment, timeout=60)


def loaded_by(*arguments: str) -> set[str]:
    """The top-level modules that a command imports."""
    code = (
        "import sys, json; from mqttx_tui.cli.main import main; main(sys.argv[1:])\n"
        "print('\\n' + json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"mqttx-tui {__version__}\n", "")


def test_help_names_every_command() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout
    assert "PROFILE|URL" in done.stdout


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["profiles", "--help"], ["profiles", "path"]]
)
def test_little_is_loaded(arguments: list[str]) -> None:
    """No event loop, no network, no screen: that is what makes these commands quick."""
    heavy = {"asyncio", "textual", "rich", "aiomqtt", "paho", "websockets", "ssl", "sqlite3", "mqttx_tui.ui"}
    assert not loaded_by(*arguments) & heavy


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_module(command: str) -> None:
    module = import_module(f"mqttx_tui.cli.{command}")
    parser = ArgumentParser()
    module.add_arguments(parser)
    assert parser.format_help()
    assert callable(module.run)
    assert "textual" not in loaded_by(command, "--help")


def test_bad_arguments() -> None:
    done = run("profiles", "lst")
    assert done.returncode == 2
    assert "invalid choice: 'lst'" in done.stderr
    assert run("profiles").returncode == 2
    done = run("broker", "--port", "99999")
    assert done.returncode == 2
    assert "a port is a number from 0 to 65535" in done.stderr


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> list[StartOptions]:
    """The app replaced by a note of what it was started with."""
    started: list[StartOptions] = []
    module = types.ModuleType("mqttx_tui.ui.start")

    def run_app(options: StartOptions) -> int:
        started.append(options)
        return 0

    module.run_app = run_app  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mqttx_tui.ui.start", module)
    return started


def test_without_a_command_the_app_starts(app: list[StartOptions]) -> None:
    assert main([]) == 0
    arguments = [
        "lab",
        "-t",
        "a/#",
        "mqtt://h",
        "-q",
        "1",
        "-t",
        "b",
        "--config",
        "c.toml",
        "--capture",
        "x.db",
        "--theme",
        "light",
    ]
    assert main(arguments) == 0
    assert app == [
        StartOptions(),
        StartOptions(("lab", "mqtt://h"), ("a/#", "b"), 1, Path("c.toml"), "x.db", "light"),
    ]


def test_a_profile_named_like_a_command(app: list[StartOptions]) -> None:
    assert main(["--", "sub"]) == 0
    assert app == [StartOptions(("sub",))]


def test_a_bad_filter_starts_nothing(app: list[StartOptions], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "-t", "a/#/b"]) == 2
    assert app == []
    assert "# must be the last level" in capsys.readouterr().err


def test_config_before_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = str(tmp_path / "c.toml")
    for arguments in (["--config", wanted, "profiles", "path"], [f"--config={wanted}", "profiles", "path"]):
        assert main(arguments) == 0
        assert capsys.readouterr().out == wanted + "\n"
    for arguments in (["profiles", "--config", wanted, "path"], ["profiles", "path", "--config", wanted]):
        assert main(arguments) == 0
        assert capsys.readouterr().out == wanted + "\n"


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (AppError("it failed", title="Oh"), 1, "Oh: it failed\n"),
        (
            InputError("bad", title="Typing", hint="try this\nor that"),
            2,
            "Typing: bad\n  try this\n  or that\n",
        ),
        (LinkError("gone", stage="tcp"), 3, "Connection failed (tcp): gone\n"),
        (LinkError("no", stage="mqtt", exit_code=Exit.NOT_AUTHORISED), 4, "Connection failed (mqtt): no\n"),
        (KeyboardInterrupt(), 130, ""),
        (SystemExit(2), 2, ""),
        (AppError("a\x1b[31mb\u202e", title="Oh"), 1, "Oh: a␛[31mb\\u202e\n"),
    ],
)
def test_how_commands_end(
    error: BaseException, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> int:
        raise error

    assert output.guarded(command) == code
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", said)


def test_other_exceptions_pass() -> None:
    with pytest.raises(ZeroDivisionError):
        output.guarded(lambda: 1 // 0)


def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text("".join(f'[connections.c{number}]\nurl = "mqtt://h"\n' for number in range(5000)))
    process = subprocess.Popen(
        [*RUN, "profiles", "list", "--config", str(config)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(30), said) == (0, b"")


def test_a_terminal_gets_symbols_and_a_pipe_the_text(tmp_path: Path) -> None:
    hostile = "\x1b]0;x\x07\x9b31m\u202e[/]"
    code = f"from mqttx_tui.cli.output import put; put({hostile!r})"
    piped = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)
    assert piped.stdout.decode() == hostile + "\n"
    master, slave = os.openpty()
    subprocess.run([sys.executable, "-c", code], stdout=slave, timeout=60, check=True)
    os.close(slave)
    shown = os.read(master, 4096).decode()
    os.close(master)
    assert shown == "␛]0;x␇\\x9b31m\\u202e[/]\r\n"


def test_a_c_locale_ends_nothing() -> None:
    code = "from mqttx_tui.cli.output import put, say; put('ü\\ud800'); say('ü')"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"\\xfc\\ud800\n", b"\\xfc\n")
