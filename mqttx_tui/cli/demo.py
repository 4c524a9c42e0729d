"""``mqttx-tui demo``: a broker, a smart home and two WebSockets, and the app connected to them."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mqttx_tui.cli.arguments import add_low_memory
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.start import StartOptions

PROFILES = """\
schema = 1

[connections.home]
name = "smart home"
url = "mqtt://127.0.0.1:{mqtt}"
mqtt = "5"
connect = true
subscriptions = ["home/#", {{ filter = "$SYS/#", on = false }}]

[[connections.home.messages]]
name = "heat the kitchen"
topic = "home/kitchen/HeaterControl"
payload = "ON"
qos = 1

[[connections.home.messages]]
name = "let the office cool down"
topic = "home/office/HeaterControl"
payload = '{{"power": 0}}'
qos = 1

[connections.garden]
name = "garden over ws"
url = "mqtt+ws://127.0.0.1:{mqtt_ws}/mqtt"
connect = true
subscriptions = ["home/garden/#"]

[connections.chat]
url = "ws://127.0.0.1:{websocket}/chat"
protocol = "websocket"
connect = true
topic_from = ".type"

[connections.ticker]
url = "ws://127.0.0.1:{websocket}/ticker"
protocol = "websocket"
connect = true
compression = true
topic_from = ".type"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--theme", default="", help="colour theme")
    add_low_memory(parser)
    parser.add_argument("--no-app", action="store_true", help="run the house alone and print its addresses")


def run(namespace: argparse.Namespace) -> int:
    """Start the house in its own process, then the app on it."""
    with _house() as ports, tempfile.TemporaryDirectory(prefix="mqttx-tui-demo-") as directory:
        config = Path(directory) / "connections.toml"
        config.write_text(PROFILES.format(**ports))
        if namespace.no_app:
            return _show(ports)
        from mqttx_tui.profiles.paths import config_path
        from mqttx_tui.profiles.settings import settings_path
        from mqttx_tui.ui.start import run_app

        mine = settings_path(config_path())
        return run_app(
            StartOptions(config=config, theme=namespace.theme, settings=mine, low_memory=namespace.low_memory)
        )


def _show(ports: dict[str, int]) -> int:
    print(f"mqtt://127.0.0.1:{ports['mqtt']}")
    print(f"mqtt+ws://127.0.0.1:{ports['mqtt_ws']}/mqtt")
    print(f"ws://127.0.0.1:{ports['websocket']}/chat")
    print(f"ws://127.0.0.1:{ports['websocket']}/ticker", flush=True)
    sys.stdin.read()
    return 0


@contextmanager
def _house() -> Iterator[dict[str, int]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "mqttx_tui.demo"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise AppError("the demo's broker did not start", title="No demo")
        yield json.loads(line)
    finally:
        process.stdin.close()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
