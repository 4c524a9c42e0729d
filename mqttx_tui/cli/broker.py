"""``mqttx-tui broker``: the embedded broker alone, on loopback."""

from __future__ import annotations

import argparse
import asyncio


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--port", type=int, default=1883, help="TCP port (default 1883; 0: a free one)")
    parser.add_argument("--ws-port", type=int, default=0, help="ws port (default: a free one)")


def run(namespace: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from mqttx_tui.demo.run_broker import run_broker

    asyncio.run(run_broker(namespace.port, namespace.ws_port))
    return 0
