"""Secrets that only a person knows, asked for on a real terminal."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands import PROGRAM, environment, run, url
from tests.support.mosquitto import Mosquitto, find
from tests.support.terminal import pty


@pytest.fixture
def config(start_mosquitto: Callable[..., Mosquitto], tmp_path: Path) -> str:
    """A profile whose password is asked for; the broker wants "geheim"."""
    passwords = tmp_path / "passwords"
    subprocess.run([find("mosquitto_passwd") or "", "-b", "-c", str(passwords), "me", "geheim"], check=True)
    passwords.chmod(0o644)
    broker = start_mosquitto(options=["allow_anonymous false", f"password_file {passwords}"])
    path = tmp_path / "connections.toml"
    path.write_text(
        f'schema = 1\n[connections.lab]\nurl = "{url(broker)}"\nusername = "me"\n'
        "password = { prompt = true }\n"
    )
    path.chmod(0o600)
    return str(path)


def command(config: str) -> list[str]:
    return [*PROGRAM, "pub", "lab", "--config", config, "-t", "t", "-m", "x", "-q", "1"]


def test_the_answer_is_used_and_not_echoed(config: str) -> None:
    with pty(command(config), env=environment()) as terminal:
        terminal.wait_for(b"lab: ")
        terminal.write(b"geheim\n")
        assert terminal.process.wait(10) == 0
        assert b"geheim" not in terminal.output


def test_a_wrong_answer(config: str) -> None:
    with pty(command(config), env=environment()) as terminal:
        terminal.wait_for(b"lab: ")
        terminal.write(b"falsch\n")
        assert terminal.process.wait(10) == 4


def test_ctrl_c_at_the_question(config: str) -> None:
    with pty(command(config), env=environment()) as terminal:
        terminal.wait_for(b"lab: ")
        terminal.write(b"\x03")
        assert terminal.process.wait(10) == 130
        assert b"Traceback" not in terminal.output


def test_nobody_to_ask(config: str) -> None:
    done = run(*command(config)[len(PROGRAM) :])
    assert done.returncode == 2
    assert b"password" in done.stderr
