"""The demo's own process: broker, smart home and WebSocket server.

Prints one JSON line ``{"mqtt": PORT, "mqtt_ws": PORT, "websocket": PORT}`` on stdout and runs
until stdin closes, so that it never outlives the one who started it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys

from mqttx_tui.demo.broker import Broker
from mqttx_tui.demo.smart_home import SmartHome
from mqttx_tui.demo.websocket_server import WebSocketServer


async def serve() -> None:
    """Run the whole demo until nobody wants it any more."""
    broker = Broker()
    await broker.start()
    sockets = WebSocketServer()
    await sockets.start()
    home = SmartHome(broker.port)
    await home.start()
    ports = {"mqtt": broker.port, "mqtt_ws": broker.ws_port, "websocket": sockets.port}
    print(json.dumps(ports), flush=True)
    await _until_unwanted()
    await home.stop()
    await sockets.stop()
    await broker.stop()


async def _until_unwanted() -> None:
    loop = asyncio.get_running_loop()
    unwanted = asyncio.Event()
    with contextlib.suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGTERM, unwanted.set)
        loop.add_signal_handler(signal.SIGINT, unwanted.set)
    closed = loop.run_in_executor(None, sys.stdin.buffer.read)
    closed.add_done_callback(lambda _: unwanted.set())
    await unwanted.wait()


if __name__ == "__main__":
    asyncio.run(serve())
