"""Starting: the app's first frame against a one-label Textual app, ``pub`` and ``sub`` alone.

Alternating starts; medians and ratios. ``mqttx`` (Node) is measured too where it is on PATH.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.support.mosquitto import Mosquitto, find
from tests.support.terminal import pty

ONE_LABEL = """
from textual.app import App
from textual.widgets import Label

class One(App):
    def compose(self):
        yield Label("Messages")

One().run()
"""
PROGRAM = [sys.executable, "-m", "mqttx_tui"]


def first_frame(command: list[str], home: str) -> float:
    """Seconds from start until the terminal showed the word."""
    began = time.perf_counter()
    with pty(command, env={"HOME": home, "XDG_CONFIG_HOME": home, "MQTTX_TUI_LINGER": "0"}) as terminal:
        terminal.wait_for(b"Messages")
        return time.perf_counter() - began


def whole(command: list[str]) -> float:
    """Seconds that a command takes."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def medians(rounds: int, runs: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Median seconds of each, measured in turn."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            taken[name].append(run())
    return {name: statistics.median(times) for name, times in taken.items()}


def report(title: str, found: dict[str, float], base: str) -> None:
    """One line for each, with its ratio to ``base``."""
    print(title)
    for name, seconds in found.items():
        print(f"  {name:<28} {seconds * 1000:7.0f} ms   {seconds / found[base]:.2f} x")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        label = place / "one_label.py"
        label.write_text(ONE_LABEL)
        frames = {
            "one label": lambda: first_frame([sys.executable, str(label)], directory),
            "mqttx-tui": lambda: first_frame(PROGRAM, directory),
        }
        report("first frame", medians(rounds, frames), "one label")
        broker = Mosquitto(place).start()
        try:
            commands(broker, rounds)
        finally:
            broker.stop()


def commands(broker: Mosquitto, rounds: int) -> None:
    """``pub``, and ``sub`` until a retained message came."""
    url, port = f"mqtt://127.0.0.1:{broker.port}", str(broker.port)
    mosquitto_pub, mosquitto_sub = find("mosquitto_pub"), find("mosquitto_sub")
    assert mosquitto_pub
    assert mosquitto_sub
    subprocess.run([mosquitto_pub, "-p", port, "-t", "kept", "-m", "x", "-r"], check=True)
    pub = {
        "mosquitto_pub": [mosquitto_pub, "-p", port, "-t", "t", "-m", "x", "-q", "1"],
        "mqttx-tui pub": [*PROGRAM, "pub", url, "-t", "t", "-m", "x", "-q", "1"],
    }
    sub = {
        "mosquitto_sub": [mosquitto_sub, "-p", port, "-t", "kept", "-C", "1"],
        "mqttx-tui sub": [*PROGRAM, "sub", url, "-t", "kept", "-C", "1"],
    }
    node = shutil.which("mqttx")
    if node:
        pub["mqttx pub (Node)"] = [node, "pub", "-p", port, "-t", "t", "-m", "x", "-q", "1"]
    else:
        print("mqttx (Node) is not on PATH: not measured")
    for title, table in (("pub", pub), ("sub to its first message", sub)):
        runs: dict[str, Callable[[], float]] = {name: partial(whole, row) for name, row in table.items()}
        report(title, medians(rounds, runs), next(iter(table)))


if __name__ == "__main__":
    os.environ.setdefault("LANG", "C.UTF-8")
    main()
