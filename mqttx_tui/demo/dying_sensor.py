"""A garden sensor whose battery fails: its link breaks without DISCONNECT and its will speaks."""

from __future__ import annotations

import asyncio
import json
import math
import random
import time

from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import V5, Connect, Packet, Publish, Will

ALIVE_SECONDS = 25.0
DEAD_SECONDS = 15.0
REPORT_SECONDS = 2.5
STATUS = "home/garden/status"


async def dying_sensor(host: str, port: int) -> None:
    """Live, fall silent without a word, come back; for ever. Raises ``OSError`` without a broker."""
    while True:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            await asyncio.gather(_drain(reader), _live(writer))
        finally:
            writer.transport.abort()
        await asyncio.sleep(DEAD_SECONDS)


async def _drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(4096):
        pass


async def _live(writer: asyncio.StreamWriter) -> None:
    def send(packet: Packet) -> None:
        writer.write(encode(packet, V5))

    will = Will(STATUS, b"offline", qos=1, retain=True)
    send(Connect("home-garden", version=V5, keepalive=30, will=will))
    send(Publish(STATUS, b"online", retain=True))
    dies_at = time.monotonic() + ALIVE_SECONDS
    battery = 9
    while time.monotonic() < dies_at:
        sun = 11 + 4 * math.sin(time.time() / 40) + random.gauss(0, 0.1)
        reading = {"temperature": round(sun, 1), "humidity": random.randint(55, 70), "battery": battery}
        send(Publish("home/garden/weather", json.dumps(reading).encode()))
        battery = max(battery - 1, 0)
        await asyncio.sleep(REPORT_SECONDS)
    writer.transport.abort()
