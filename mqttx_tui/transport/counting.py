"""Counting at the socket: what goes into and comes out of TCP, whatever stands above it."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Traffic:
    """Bytes through sockets so far, and the system calls that carried them.

    With TLS these are its records and handshakes, with a proxy or a WebSocket also what is said before.
    Headers of TCP and below are not in it, nor anything that TCP sends once more.
    """

    sent: int = 0
    received: int = 0
    sends: int = 0
    receives: int = 0

    def out(self, count: int) -> int:
        """So many bytes were taken by the socket; returns them."""
        self.sent += count
        self.sends += 1
        return count

    def came(self, count: int) -> int:
        """So many bytes were read from it; 0 is its end."""
        if count:
            self.received += count
            self.receives += 1
        return count


class CountingSocket(socket.socket):
    """A socket that counts. asyncio's selector loop calls these methods; the proactor loop of Windows
    reads and writes by the descriptor and is not counted."""

    traffic: Traffic

    def send(self, data: Any, flags: int = 0) -> int:
        """Part of ``socket``."""
        return self.traffic.out(super().send(data, flags))

    def sendmsg(self, buffers: Iterable[Any], *more: Any) -> int:
        """Part of ``socket``; asyncio uses it from Python 3.12 on."""
        return self.traffic.out(super().sendmsg(buffers, *more))

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Part of ``socket``."""
        data = super().recv(size, flags)
        self.traffic.came(len(data))
        return data

    def recv_into(self, buffer: Any, size: int = 0, flags: int = 0) -> int:
        """Part of ``socket``."""
        return self.traffic.came(super().recv_into(buffer, size, flags))


def counted(stream: socket.socket, traffic: Traffic) -> socket.socket:
    """The connection of ``stream``, which is used up, as a socket that counts into ``traffic``."""
    family, kind, proto, timeout = stream.family, stream.type, stream.proto, stream.gettimeout()
    counting = CountingSocket(family, kind, proto, fileno=stream.detach())
    counting.settimeout(timeout)
    counting.traffic = traffic
    return counting
