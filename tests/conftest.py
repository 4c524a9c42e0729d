"""Fixtures that every test may use."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.certificates import Certificates, make
from tests.support.mosquitto import Mosquitto, find

os.environ.setdefault("MQTTX_TUI_LINGER", "0")  # no engine outlives a test that does not ask for it
os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
for name in ("NO_COLOR", "FORCE_COLOR", "TMUX", "STY", "SSH_CONNECTION", "VISUAL", "EDITOR"):
    os.environ.pop(name, None)  # tests see the terminal that they name, not the one they were started in


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the app remembers by itself, test by test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "mqttx-tui"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A CA with server and client certificates."""
    return make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def need_mosquitto() -> None:
    """Skip where mosquitto is missing; in CI that is a failure."""
    if find() and find("mosquitto_sub"):
        return
    if os.environ.get("CI"):
        pytest.fail("mosquitto is missing: ./dev test --install installs it")
    pytest.skip("mosquitto is missing: ./dev test --install installs it")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB in memory; only root may mount one."""
    point = tmp_path / "disk"
    point.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(point)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no small file system can be mounted")
    yield point
    subprocess.run(["umount", "-l", str(point)], check=True)


@pytest.fixture
def start_mosquitto(need_mosquitto: None, tmp_path: Path) -> Iterator[Callable[..., Mosquitto]]:
    """Start brokers with options of one's own; all end with the test."""
    brokers: list[Mosquitto] = []

    def start(listeners: dict[str, list[str]] | None = None, options: list[str] | None = None) -> Mosquitto:
        directory = tmp_path / f"mosquitto-{len(brokers)}"
        directory.mkdir()
        broker = Mosquitto(directory)
        if listeners is not None:
            broker.listeners = listeners
        if options is not None:
            broker.options = options
        brokers.append(broker)
        return broker.start()

    yield start
    for broker in brokers:
        broker.stop()


@pytest.fixture(scope="session")
def mosquitto(need_mosquitto: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """One anonymous broker on TCP and ws for the whole run, without queue limits."""
    broker = Mosquitto(
        tmp_path_factory.mktemp("mosquitto"),
        listeners={"tcp": [], "ws": ["protocol websockets"]},
        options=["allow_anonymous true", "max_queued_messages 0", "max_inflight_messages 0"],
    )
    broker.start()
    yield broker
    broker.stop()
