"""Engines that run on this machine for this person: found, described, stopped."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mqttx_tui.capture.place import directories, lives
from mqttx_tui.engine.address import Address, dial, published
from mqttx_tui.engine.channel import VERSION, ChannelError, encode_frame, frames
from mqttx_tui.engine.errors import error_from_json
from mqttx_tui.model.errors import AppError, InputError
from mqttx_tui.model.shown import count

ANSWER_SECONDS = 2.0
END_SECONDS = 5.0
POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Running:
    """An engine: ``ident`` is unique, ``names`` are its connections, ``started_at`` in seconds since
    1970, ``front_ends`` how many look at it, ``lingers`` whether one of those may vanish. ``excluded``
    and ``lost`` are messages of those ``received``, ``paused`` seconds for which nothing was read."""

    directory: Path
    address: Address
    pid: int
    started_at: float
    names: tuple[str, ...]
    received: int
    front_ends: int
    lingers: bool
    kept: bool
    excluded: int = 0
    lost: int = 0
    paused: float = 0.0

    @property
    def ident(self) -> str:
        """The random end of its directory's name."""
        return self.directory.name.rpartition("-")[2]

    @property
    def label(self) -> str:
        """Its connections' names."""
        return ", ".join(self.names) or "no connection"

    def words(self) -> str:
        """``greenhouse, 41 min, 1.2M messages``, and what was left out or lost of them."""
        words = f"{self.label}, {_duration(time.time() - self.started_at)}, {count(self.received)} messages"
        if self.excluded:
            words += f", {count(self.excluded)} excluded"
        if self.lost or self.paused:
            words += f", {count(self.lost)}{'*' if self.paused else ''} lost"
        return words


def _duration(seconds: float) -> str:
    minutes = max(0, int(seconds)) // 60
    if minutes < 60:
        return f"{minutes} min" if minutes else "under a minute"
    return f"{minutes // 60} h {minutes % 60} min"


async def find() -> list[Running]:
    """Every engine that answers, newest first."""
    places = await asyncio.to_thread(directories)
    found = await asyncio.gather(*(look(place) for place in places))
    return [one for one in found if one is not None]


async def look(directory: Path) -> Running | None:
    """The engine of a private directory; None when none answers there."""
    try:
        address = published(directory)
        if not lives(directory):
            return None
        about = await _ask(address, "about")
        return Running(
            directory=directory,
            address=Address(address.path, address.port, address.token, about["capture"]),
            pid=about["pid"],
            started_at=about["started_at"],
            names=tuple(about["names"]),
            received=about["received"],
            front_ends=about["front_ends"],
            lingers=about["lingers"],
            kept=about["kept"],
            excluded=about.get("excluded", 0),
            lost=about.get("lost", 0),
            paused=about.get("paused", 0.0),
        )
    except (AppError, OSError, TimeoutError, KeyError):
        return None


def pick(found: list[Running], name: str) -> Running:
    """The one that ``name`` means: an ident or a connection's name, or "" for the only one.

    Raises ``InputError``.
    """
    if not found:
        raise InputError("nothing captures in the background", title="Nothing runs")
    choices = [one for one in found if name in (one.ident, *one.names)] if name else found
    if len(choices) == 1:
        return choices[0]
    listed = "; ".join(f"{one.ident}: {one.words()}" for one in choices or found)
    if choices:
        raise InputError(f"{name or 'several run'}: which one? {listed}", title="Not clear", hint="name one")
    raise InputError(f"{name}: no such capture; there is {listed}", title="Not found")


async def stop(one: Running) -> None:
    """End an engine and wait for it; what it captured stays until the next start but one.

    Raises ``AppError`` when it does not end.
    """
    try:
        await _ask(one.address, "shutdown", keep=True)
    except (OSError, ChannelError) as error:
        if lives(one.directory):
            raise AppError(f"{one.label}: {error}", title="It does not answer") from None
    deadline = time.monotonic() + END_SECONDS
    while await asyncio.to_thread(lives, one.directory):
        if time.monotonic() > deadline:
            raise AppError(f"{one.label} (process {one.pid}) does not end", title="Still running")
        await asyncio.sleep(POLL_SECONDS)


async def _ask(address: Address, op: str, **fields: Any) -> dict[str, Any]:
    """One request on a channel of its own, without attaching."""
    async with asyncio.timeout(ANSWER_SECONDS):
        reader, writer = await dial(address)
        try:
            request = {"v": VERSION, "id": 1, "op": op, "token": address.token, **fields}
            writer.write(encode_frame(request))
            async for frame in frames(reader):
                if frame.header.get("id") != 1:
                    continue
                if not frame.header.get("ok"):
                    raise error_from_json(frame.header.get("error"))
                return frame.header
        finally:
            writer.close()
    raise ChannelError("the engine hung up")
