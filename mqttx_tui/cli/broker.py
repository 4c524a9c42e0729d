"""``mqttx-tui broker``: the embedded broker alone, on loopback."""

from __future__ import annotations

import argparse
import asyncio


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--port", type=_port, default=1883, help="TCP port (default 1883; 0: a free one)")
    parser.add_argument("--ws-port", type=_port, default=0, help="ws port (default: a free one)")


def run(namespace: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from mqttx_tui.demo.run_broker import run_broker

    asyncio.run(run_broker(namespace.port, namespace.ws_port))
    return 0


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)
