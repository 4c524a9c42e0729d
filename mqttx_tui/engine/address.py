"""Where an engine listens, and the one line by which a new engine says so."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mqttx_tui.engine.channel import READ_SIZE, ChannelError

SOCKET_NAME = "control"
FILE_NAME = "address"
"""Holds the ready line, so that other front ends find the engine by its directory."""
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Address:
    """A unix socket's ``path``; where there are none (Windows), a loopback ``port`` and the
    ``token`` that ``hello`` must show. ``capture`` is the path of the capture file."""

    path: str = ""
    port: int = 0
    token: str = field(default="", repr=False)
    capture: str = ""

    def line(self) -> bytes:
        """The ready line, with its newline."""
        return json.dumps(asdict(self)).encode() + b"\n"


def parse_line(line: bytes) -> Address:
    """The address in a ready line. Raises ``ChannelError`` for anything else."""
    try:
        fields = json.loads(line)
        return Address(**fields)
    except (ValueError, TypeError):
        raise ChannelError("the engine did not say where it listens") from None


def publish(directory: Path, address: Address) -> None:
    """Leave the address in the engine's private directory, for its owner alone."""
    path = directory / FILE_NAME
    path.touch(mode=0o600)
    path.write_bytes(address.line())


def published(directory: Path) -> Address:
    """The address that an engine left. Raises ``ChannelError`` where there is none."""
    try:
        return parse_line((directory / FILE_NAME).read_bytes())
    except OSError:
        raise ChannelError(f"{directory}: no engine listens there") from None


async def listen(directory: Path, capture: str, serve: Serve) -> tuple[asyncio.Server, Address]:
    """Listen below ``directory`` (private, 0700, path short enough for a unix socket)."""
    if hasattr(asyncio, "start_unix_server"):
        path = directory / SOCKET_NAME
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(serve, path=path, limit=READ_SIZE)
        path.chmod(0o600)
        return server, Address(path=str(path), capture=capture)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=READ_SIZE)
    port = server.sockets[0].getsockname()[1]
    return server, Address(port=port, token=secrets.token_hex(32), capture=capture)


async def dial(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to an engine. Raises ``OSError``."""
    if address.path:
        return await asyncio.open_unix_connection(address.path, limit=READ_SIZE)
    return await asyncio.open_connection("127.0.0.1", address.port, limit=READ_SIZE)
