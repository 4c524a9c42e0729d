"""The simulated smart home: thermostats, heaters, a controller, a door, and a sensor that dies."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import struct
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiomqtt
from aiomqtt import ProtocolVersion

from mqttx_tui.demo.climate import WANTED, Room, parse_power, wanted_power
from mqttx_tui.demo.dying_sensor import dying_sensor

REPORT_SECONDS = 1.0
HOLD_SECONDS = 60.0
"""How long the controller leaves a heater alone after somebody else set it."""
RECONNECT_SECONDS = 1.0
OWN_MARK = b'"by": "controller"'


def rooms() -> list[Room]:
    """The rooms of the house, each at its own temperature."""
    return [
        Room("living-room", 18.2, insulation=1.2),
        Room("kitchen", 19.6),
        Room("bedroom", 17.1, insulation=0.9),
        Room("bathroom", 20.4),
        Room("office", 16.4, insulation=0.8),
    ]


@dataclass
class SmartHome:
    """Every device of the house, each with its own connection to the broker on loopback."""

    port: int
    host: str = "127.0.0.1"
    rooms: list[Room] = field(default_factory=rooms)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self) -> None:
        """Bring the devices to life; they reconnect by themselves."""
        devices: list[tuple[str, Callable[[], Coroutine[None, None, None]]]] = [
            ("controller", self._controller),
            ("front-door", self._door),
            ("meter", self._meter),
            ("garden", lambda: dying_sensor(self.host, self.port)),
        ]
        devices += [(room.name, lambda room=room: self._room(room)) for room in self.rooms]  # type: ignore[misc]
        self._tasks = [
            asyncio.create_task(_for_ever(device), name=f"device {name}") for name, device in devices
        ]

    async def stop(self) -> None:
        """Switch everything off."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @asynccontextmanager
    async def _client(self, name: str) -> AsyncIterator[aiomqtt.Client]:
        async with aiomqtt.Client(
            self.host,
            self.port,
            identifier=f"home-{name}",
            protocol=ProtocolVersion.V5,
            will=aiomqtt.Will(f"home/{name}/status", "offline", qos=1, retain=True),
            keepalive=30,
        ) as client:
            await client.publish(f"home/{name}/status", "online", qos=1, retain=True)
            yield client

    async def _room(self, room: Room) -> None:
        async with self._client(room.name) as client:
            await client.subscribe(f"home/{room.name}/HeaterControl", qos=1)
            obey = asyncio.create_task(self._obey(client, room), name=f"heater {room.name}")
            try:
                await self._report(client, room)
            finally:
                obey.cancel()
                await asyncio.gather(obey, return_exceptions=True)

    async def _report(self, client: aiomqtt.Client, room: Room) -> None:
        last = time.monotonic()
        while True:
            now = time.monotonic()
            room.step(now - last)
            last = now
            reading = {"value": room.look(random.gauss(0, 0.02)), "unit": "C"}
            await client.publish(f"home/{room.name}/Temperature", json.dumps(reading))
            await asyncio.sleep(REPORT_SECONDS * random.uniform(0.9, 1.1))

    async def _obey(self, client: aiomqtt.Client, room: Room) -> None:
        async for message in client.messages:
            power = parse_power(_bytes(message))
            if power is None:
                await client.publish(f"home/{room.name}/log", "HeaterControl: ON, OFF, 0-100 or JSON", qos=0)
                continue
            room.power = power
            state = {"power": power, "on": power > 0, "wanted": WANTED}
            await client.publish(f"home/{room.name}/Heater", json.dumps(state), qos=1, retain=True)

    async def _controller(self) -> None:
        """Closes the loop: reads temperatures and sets heaters, unless a person just did."""
        held: dict[str, float] = {}
        asked: dict[str, float] = {}
        async with self._client("controller") as client:
            await client.subscribe("home/+/Temperature")
            await client.subscribe("home/+/HeaterControl", qos=1)
            async for message in client.messages:
                room, kind = message.topic.value.split("/")[1:3]
                payload = _bytes(message)
                if kind == "HeaterControl":
                    if OWN_MARK not in payload:
                        held[room] = time.monotonic() + HOLD_SECONDS
                        asked.pop(room, None)
                    continue
                if time.monotonic() < held.get(room, 0.0):
                    continue
                power = wanted_power(json.loads(payload)["value"])
                if abs(power - asked.get(room, -100.0)) >= 5:
                    asked[room] = power
                    control = json.dumps({"power": power, "by": "controller"})
                    await client.publish(f"home/{room}/HeaterControl", control, qos=1)

    async def _door(self) -> None:
        async with self._client("front-door") as client:
            for is_open in itertools.cycle((False, True)):
                contact = "ON" if is_open else "OFF"
                await client.publish("home/front-door/contact", contact, qos=1, retain=True)
                await asyncio.sleep(random.uniform(2, 5) if is_open else random.uniform(8, 20))

    async def _meter(self) -> None:
        """A Modbus answer as it comes off the wire: bytes, not text."""
        async with self._client("meter") as client:
            while True:
                watts = int(400 + sum(room.power for room in self.rooms) * 12 + random.gauss(0, 15))
                frame = struct.pack(">BBBHH", 1, 3, 4, watts & 0xFFFF, 2300)
                await client.publish("home/meter/modbus", frame)
                await asyncio.sleep(2.0)


def _bytes(message: aiomqtt.Message) -> bytes:
    return message.payload if isinstance(message.payload, bytes) else b""


async def _for_ever(device: Callable[[], Coroutine[None, None, None]]) -> None:
    while True:
        try:
            await device()
        except (aiomqtt.MqttError, OSError):
            await asyncio.sleep(RECONNECT_SECONDS)
