"""A real mosquitto on free ports."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.wait import until


def find(name: str = "mosquitto") -> str | None:
    """The path of a mosquitto program, also where Debian puts daemons; None when missing."""
    extra = os.environ.get("MQTTX_TUI_MOSQUITTO_PATH", "")
    return shutil.which(name, path=os.pathsep.join([extra, os.environ.get("PATH", ""), "/usr/sbin"]))


def free_port() -> int:
    """A TCP port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether something accepts TCP connections on ``port``."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Mosquitto:
    """One broker process; ``start`` may be called again after ``kill`` (same ports and files).

    ``listeners`` maps a name to configuration lines of that listener (``protocol websockets``,
    ``cafile …``); each gets a free port, found in ``ports``. ``options`` are global lines.
    """

    directory: Path
    listeners: dict[str, list[str]] = field(default_factory=lambda: {"tcp": []})
    options: list[str] = field(default_factory=lambda: ["allow_anonymous true"])
    ports: dict[str, int] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        """The port of the first listener."""
        return self.ports[next(iter(self.listeners))]

    @property
    def log(self) -> str:
        """What the broker logged."""
        return (self.directory / "mosquitto.log").read_text(errors="replace")

    def start(self) -> Mosquitto:
        """Start and wait until every port accepts."""
        program = find()
        assert program, "mosquitto is not installed"
        for name in self.listeners:
            self.ports.setdefault(name, free_port())
        lines = [
            "per_listener_settings false",
            "log_type all",
            "persistence_location " + str(self.directory) + "/",
        ]
        lines += [f"user {'root' if os.geteuid() == 0 else os.environ.get('USER', 'nobody')}", *self.options]
        for name, extra in self.listeners.items():
            lines += [f"listener {self.ports[name]} 127.0.0.1", *extra]
        config = self.directory / "mosquitto.conf"
        config.write_text("\n".join(lines) + "\n")
        with (self.directory / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen(
                [program, "-c", str(config)], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        until(self._up, f"mosquitto listens on {self.ports}: {config}", timeout=15)
        return self

    def _up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"mosquitto ended: {self.log}"
        return all(accepts(port) for port in self.ports.values())

    def kill(self) -> None:
        """SIGKILL: as if the power went."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """SIGTERM, and wait."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
