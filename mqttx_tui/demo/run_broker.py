"""The embedded broker alone, until it is interrupted."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys

from mqttx_tui.demo.broker import Broker
from mqttx_tui.model.errors import AppError


async def run_broker(port: int = 1883, ws_port: int = 0) -> None:
    """Serve on loopback; says the ports on stderr. Returns after SIGINT or SIGTERM.

    Raises ``AppError`` when a port is taken.
    """
    broker = Broker(port=port, ws_port=ws_port)
    try:
        await broker.start()
    except OSError as error:
        raise AppError(
            f"the broker cannot listen: {error.strerror or error}",
            title="Port in use",
            hint="choose another with --port, or --port 0 for a free one",
        ) from None
    print(f"mqtt://127.0.0.1:{broker.port}", file=sys.stderr)
    print(f"ws://127.0.0.1:{broker.ws_port}/mqtt", file=sys.stderr, flush=True)
    unwanted = asyncio.Event()
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGTERM, unwanted.set)
        loop.add_signal_handler(signal.SIGINT, unwanted.set)
    try:
        await unwanted.wait()
    finally:
        if broker.dropped:
            text = f"{broker.dropped} messages were dropped for clients that did not read or were away"
            print(text, file=sys.stderr)
        await broker.stop()
