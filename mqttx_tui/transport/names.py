"""Name resolution that can be given up."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from dataclasses import dataclass

from mqttx_tui.transport.failures import failure


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect: a socket family and what ``socket.connect`` takes."""

    family: socket.AddressFamily
    sockaddr: tuple[str | int, ...]

    @property
    def host(self) -> str:
        """The numeric address, with its scope where there is one."""
        return str(self.sockaddr[0])

    @property
    def port(self) -> int:
        """The TCP port."""
        return int(self.sockaddr[1])

    def shown(self) -> str:
        """``address:port``, IPv6 in brackets."""
        host = f"[{self.host}]" if self.family == socket.AF_INET6 else self.host
        return f"{host}:{self.port}"


async def resolve(host: str, port: int) -> list[Address]:
    """The addresses of ``host``, families alternating in the resolver's order (RFC 8305 §4).

    Raises ``LinkError`` at stage ``name``. Cancelling returns at once; the lookup runs in a daemon
    thread of its own, because the loop's executor is joined at exit and a lookup can hang for 30 s.
    """
    try:
        if _is_numeric(host):
            found = _addresses(host, port, socket.AI_NUMERICHOST)
        else:
            found = await _lookup(host, port)
    except UnicodeError:
        raise failure("name.unknown", host=host, reason="no host name looks like this") from None
    except OSError as error:
        raise failure("name.unknown", host=host, reason=error.strerror or error) from None
    return _alternate(list(dict.fromkeys(found)))


def _addresses(host: str, port: int, flags: int = 0) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [
        Address(family, tuple(part for part in sockaddr if not isinstance(part, bytes)))
        for family, _, _, _, sockaddr in found
    ]


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _lookup(host: str, port: int) -> list[Address]:
    loop = asyncio.get_running_loop()
    result: asyncio.Future[list[Address]] = loop.create_future()

    def deliver(found: list[Address] | None, error: Exception | None) -> None:
        if result.done():
            return
        if error is not None:
            result.set_exception(error)
        else:
            result.set_result(found or [])

    def look_up() -> None:
        found: list[Address] | None = None
        problem: Exception | None = None
        try:
            found = _addresses(host, port)
        except (OSError, UnicodeError) as error:
            problem = error
        try:
            loop.call_soon_threadsafe(deliver, found, problem)
        except RuntimeError:
            pass  # the loop is closed: nobody waits any more

    threading.Thread(target=look_up, name=f"look up {host}", daemon=True).start()
    return await result


def _alternate(addresses: list[Address]) -> list[Address]:
    if not addresses:
        return []
    first = [a for a in addresses if a.family == addresses[0].family]
    second = [a for a in addresses if a.family != addresses[0].family]
    mixed: list[Address] = []
    while first or second:
        if first:
            mixed.append(first.pop(0))
        if second:
            mixed.append(second.pop(0))
    return mixed
