"""What ``pub`` does: one connection, one message or a line at a time, and each one's fate."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from argparse import Namespace
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from mqttx_tui.cli.headless import NOT_AUTHORIZED, Run, connected, quiet, run_engine
from mqttx_tui.cli.output import say
from mqttx_tui.cli.properties import of_publish
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.errors import AppError, Exit, InputError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile
from mqttx_tui.session.base import Delivery, Fate
from mqttx_tui.session.saved import outgoing_of

NO_SUBSCRIBERS = 0x10
"""In PUBACK and PUBREC (MQTT 5.0 §3.4.2.1): taken, and nobody gets it."""
UNDER_WAY = 100
"""Lines that may be on their way before the next one is read."""
CLOSE_SECONDS = 60.0
"""How long the peer may take to accept what was handed over, when no --timeout says."""


async def publish(profile: Profile, namespace: Namespace) -> Exit:
    """Publish what the options say; returns the exit code."""
    run = Run(lasting=False, tell_broker=namespace.debug)
    payload = None if namespace.stdin_line or namespace.saved is not None else payload_of(namespace)

    async def work(engine: LocalEngine, connections: list[int]) -> None:
        run.end_after(namespace.timeout, Exit.NOT_ACHIEVED)
        if not await run.until(connected):
            return
        connection = connections[0]
        if namespace.stdin_line:
            await _send_lines(engine, connection, namespace, profile)
        else:
            if payload is None:
                outgoing = await _saved(engine.resolved(connection), namespace)
            else:
                outgoing = _outgoing(namespace, profile, payload)
            delivery = await settled(engine.deliver(connection, outgoing))
            check_delivery(delivery)
            if delivery.reason == NO_SUBSCRIBERS:
                say(f"nobody subscribes to {outgoing.topic}")
        run.finish(Exit.DONE)

    profile = replace(quiet(profile), subscriptions=())
    seconds = CLOSE_SECONDS if namespace.timeout is None else namespace.timeout
    return await run_engine(run, [profile], work, close_seconds=seconds)


def payload_of(namespace: Namespace) -> bytes:
    """What the options of ``add_payload`` give; blocks for stdin. Raises ``InputError`` where it cannot be
    had."""
    if namespace.message is not None:
        return os.fsencode(namespace.message)
    for name in ("hex", "base64"):
        if (typed := getattr(namespace, name)) is not None:
            from mqttx_tui.payload.encode import encode

            return encode(typed, name)
    if namespace.stdin_file or namespace.file == "-":
        return sys.stdin.buffer.read()
    if namespace.file is not None:
        try:
            return Path(namespace.file).expanduser().read_bytes()
        except OSError as error:
            raise InputError(f"{namespace.file}: {error.strerror}", title="No payload") from None
    return b""


def typed_as_bytes(namespace: Namespace) -> bool:
    """Whether a raw WebSocket gets a binary frame, also where the bytes are a text."""
    return namespace.hex is not None or namespace.base64 is not None


def _outgoing(namespace: Namespace, profile: Profile, payload: bytes) -> Outgoing:
    binary = profile.protocol == "websocket" and (typed_as_bytes(namespace) or not _is_text(payload))
    return Outgoing(
        namespace.topic or "",
        payload,
        namespace.qos or 0,
        namespace.retain,
        binary,
        properties=of_publish(namespace),
        fragments=namespace.fragments,
    )


def _is_text(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


async def _saved(profile: Profile, namespace: Namespace) -> Outgoing:
    """The message of that name; -t, -q and -r go before what it says."""
    found = [message for message in profile.messages if message.name == namespace.saved]
    if not found:
        names = ", ".join(repr(message.name) for message in profile.messages if message.name)
        raise InputError(
            f"{profile.label} has no message {namespace.saved!r}",
            title="Unknown message",
            hint=f"known: {names}" if names else "the profile has none",
        )
    outgoing = await asyncio.to_thread(outgoing_of, found[0], client_id=profile.client_id)
    return replace(
        outgoing,
        topic=namespace.topic or outgoing.topic,
        qos=outgoing.qos if namespace.qos is None else namespace.qos,
        retain=outgoing.retain or namespace.retain,
        fragments=namespace.fragments,
        properties={**outgoing.properties, **of_publish(namespace)},
    )


async def settled(delivery: Delivery) -> Delivery:
    """The delivery with its final fate."""
    await asyncio.shield(delivery.done)
    return delivery


def check_delivery(delivery: Delivery) -> None:
    """Raise what became of a message that was not delivered."""
    if delivery.fate in (Fate.SENT, Fate.ACKNOWLEDGED):
        return
    error = AppError(delivery.text or f"the message was {delivery.fate}", title="Not delivered")
    if delivery.reason == NOT_AUTHORIZED:
        error.exit_code = Exit.NOT_AUTHORISED
    raise error


async def _send_lines(engine: LocalEngine, connection: int, namespace: Namespace, profile: Profile) -> None:
    """Publish line by line; the first that fails ends it."""
    under_way: list[asyncio.Task[Delivery]] = []
    async with aclosing(_lines()) as lines:
        async for line in lines:
            delivery = engine.deliver(connection, _outgoing(namespace, profile, line))
            under_way.append(asyncio.create_task(settled(delivery)))
            while under_way and (under_way[0].done() or len(under_way) >= UNDER_WAY):
                check_delivery(await under_way.pop(0))
    for task in under_way:
        check_delivery(await task)


async def _lines() -> AsyncGenerator[bytes, None]:
    """Lines of stdin without their ends, as they come; a thread reads, at most ``UNDER_WAY`` ahead."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()
    room = threading.Semaphore(UNDER_WAY)

    def read() -> None:
        try:
            for line in _split(sys.stdin.fileno()):
                room.acquire()
                loop.call_soon_threadsafe(queue.put_nowait, line)
            loop.call_soon_threadsafe(queue.put_nowait, None)
        except RuntimeError:  # the loop is closed: nobody wants more
            return

    threading.Thread(target=read, name="stdin", daemon=True).start()
    while (line := await queue.get()) is not None:
        room.release()
        yield line


def _split(descriptor: int) -> Iterator[bytes]:
    """Lines without their ends. Not ``sys.stdin``: its lock, held by a thread that waits, would
    keep Python from ending."""
    parts: list[bytes] = []
    while data := os.read(descriptor, 65_536):
        first, *lines = data.split(b"\n")
        parts.append(first)
        for line in lines:
            yield b"".join(parts)
            parts = [line]
    if any(parts):
        yield b"".join(parts)
