"""Starting: the app's first frame against a one-label Textual app, ``pub`` and ``sub`` against the
command lines of others, in turn."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.rows import Row, alternate, medians, quick, record, rival
from benchmarks.session_rate import broker
from tests.support.mosquitto import find
from tests.support.terminal import pty

FRAME = 2.0
COMMAND = 0.5
"""Of what ``mqttx`` (Node) takes."""

ONE_LABEL = """
from textual.app import App
from textual.widgets import Label

class One(App):
    def compose(self):
        yield Label("Messages")

One().run()
"""
PROGRAM = [sys.executable, "-m", "mqttx_tui"]
LABEL, FRAMES = "one label", "mqttx-tui"
Runs = dict[str, Callable[[], float]]


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


def first_output(command: list[str]) -> float:
    """Seconds until a command that does not end printed something."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        said = process.stdout.read(1)
        took = time.perf_counter() - began
        process.kill()
    assert said, f"{command[0]} ended without a word"
    return took


def frames(rounds: int) -> None:
    """The first frame: outline and message pane drawn."""
    with tempfile.TemporaryDirectory() as directory:
        label = Path(directory, "one_label.py")
        label.write_text(ONE_LABEL)
        runs: Runs = {
            LABEL: lambda: first_frame([sys.executable, str(label)], directory),
            FRAMES: lambda: first_frame(PROGRAM, directory),
        }
        found = medians(alternate(rounds, runs))
    ratio = found[FRAMES] / found[LABEL]
    record(
        Row(
            benchmark="startup",
            figure="first frame / a one-label Textual app",
            value=ratio,
            unit="x",
            most=FRAME,
            medians=found,
            note=f"seconds, medians of {rounds} starts",
        )
    )


def commands(rounds: int) -> None:
    """``pub``, and ``sub`` until a retained message came."""
    with broker() as server:
        url, port = f"mqtt://127.0.0.1:{server.port}", str(server.port)
        mosquitto_pub, mosquitto_sub = find("mosquitto_pub"), find("mosquitto_sub")
        assert mosquitto_pub
        assert mosquitto_sub
        subprocess.run([mosquitto_pub, "-p", port, "-t", "kept", "-m", "x", "-r"], check=True)
        message, address = ["-t", "t", "-m", "x", "-q", "1"], ["-h", "127.0.0.1", "-p", port]
        pub: Runs = {
            "mqttx-tui pub": partial(whole, [*PROGRAM, "pub", url, *message]),
            "mosquitto_pub": partial(whole, [mosquitto_pub, "-p", port, *message]),
        }
        sub: Runs = {
            "mqttx-tui sub": partial(whole, [*PROGRAM, "sub", url, "-t", "kept", "-C", "1"]),
            "mosquitto_sub": partial(whole, [mosquitto_sub, "-p", port, "-t", "kept", "-C", "1"]),
        }
        if answer := rival("mosquitto_rr"):
            asked = [answer, "-p", port, "-t", "asked", "-e", "asked", "-m", "x"]
            sub["mosquitto_rr"] = partial(whole, asked)
        missing = []
        for name in ("mqttx", "mqtt"):
            if program := rival(name):
                pub[f"{name} pub"] = partial(whole, [program, "pub", *address, *message])
                sub[f"{name} sub"] = partial(first_output, [program, "sub", *address, "-t", "kept"])
            else:
                missing.append(f"{name} not found")
        _command("pub", medians(alternate(rounds, pub)), missing)
        _command("sub", medians(alternate(rounds, sub)), missing)


def _command(name: str, found: dict[str, float], missing: list[str]) -> None:
    """Against ``mqttx`` where it is here: the budget; else against the other one on Node, or in seconds."""
    ours = found[f"mqttx-tui {name}"]
    figure = "pub, whole" if name == "pub" else "sub, to its first message"
    base = next((party for party in (f"mqttx {name}", f"mqtt {name}") if party in found), "")
    record(
        Row(
            benchmark="startup",
            figure=f"{figure} / {base}" if base else figure,
            value=ours / found[base] if base else ours,
            unit="x" if base else "s",
            most=COMMAND if base == f"mqttx {name}" else None,
            medians=found,
            note="; ".join(["seconds", *missing]),
        )
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = quick(parser.parse_args().rounds, 1)
    frames(rounds)
    commands(rounds)


if __name__ == "__main__":
    main()
