"""Senders that keep a pace in threads of their own, whatever the loop under test does."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from benchmarks.blast import CONNECT, encode

Send = Callable[[int], None]
"""Sends the message of that number."""


class Pace(threading.Thread):
    """Sends ``rate`` messages a second until it is told to stop, and counts them."""

    def __init__(self, rate: int) -> None:
        super().__init__(name="pace", daemon=True)
        self.sent = 0
        self._rate = rate
        self._begun = threading.Event()
        self._over = threading.Event()
        self.send: Send | None = None

    def begin(self) -> None:
        """Start the clock."""
        self._begun.set()

    def run(self) -> None:
        """Send what is due, ten times as often as a screen is painted."""
        self._begun.wait()
        began = time.monotonic()
        assert self.send is not None
        with contextlib.suppress(OSError, ConnectionClosed):
            while not self._over.wait(0.005):
                due = int((time.monotonic() - began) * self._rate)
                while self.sent < due:
                    self.send(self.sent)
                    self.sent += 1

    def end(self) -> None:
        """Send no more."""
        self._over.set()
        self._begun.set()
        self.join(10)


@contextmanager
def publishing(port: int, rate: int, prefix: str) -> Iterator[Pace]:
    """A publisher on a raw socket."""
    pace = Pace(rate)
    packet = next(encode(1, 200, 1, 0, prefix=prefix))
    with socket.create_connection(("127.0.0.1", port)) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream.sendall(CONNECT)
        assert stream.recv(4) == b"\x20\x02\x00\x00"
        pace.send = lambda number: stream.sendall(packet)
        pace.start()
        try:
            yield pace
        finally:
            pace.end()


@contextmanager
def chattering(rate: int) -> Iterator[tuple[str, Pace]]:
    """A WebSocket server that sends text to its one client; yields its URL and its pace."""
    pace = Pace(rate)

    def handler(connection: ServerConnection) -> None:
        pace.send = lambda number: connection.send(f"message {number}")
        pace.start()
        with contextlib.suppress(ConnectionClosed):
            connection.recv()

    with serve(handler, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, name="chatter", daemon=True)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/", pace
        finally:
            pace.end()
            server.shutdown()
            thread.join(10)
