"""Commands of ours and of mosquitto, beside an embedded broker or a mosquitto."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.cli.commands import PROGRAM, Command
from tests.support.mosquitto import find
from tests.support.wait import until


@asynccontextmanager
async def beside(*words: str, program: list[str] | None = None) -> AsyncIterator[Command]:
    """A command of ours (or ``program``) for the length of an ``async with``."""
    command = Command([*(PROGRAM if program is None else program), *words], None)
    try:
        yield command
    finally:
        command.process.kill()
        await asyncio.to_thread(command.end)
        for pipe in (command.process.stdout, command.process.stderr):
            if pipe is not None:
                pipe.close()


def tool(name: str) -> list[str]:
    """A program of mosquitto's."""
    found = find(name)
    assert found, f"{name} is missing"
    return [found]


async def prints(command: Command, count: int) -> list[str]:
    """Wait for so many lines on stdout."""

    def whole() -> bool:
        return bytes(command.out).count(b"\n") >= count or command.over

    await asyncio.to_thread(until, whole, f"{count} lines on stdout")
    lines = bytes(command.out).decode().splitlines()
    assert len(lines) >= count, bytes(command.err).decode()
    return lines


async def says(command: Command, text: str) -> None:
    """Wait for words on stderr."""
    await asyncio.to_thread(command.says, text)


async def ends(command: Command) -> int:
    """Wait for its end; returns the exit code."""
    return await asyncio.to_thread(command.end)
