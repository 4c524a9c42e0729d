"""A load generator that is faster than any subscriber: PUBLISH packets encoded beforehand.

``python -m benchmarks.blast --port 1883 --count 300000`` connects, waits for a line on stdin, and
then writes everything to a plain socket, all at once or ``--rate`` messages a second. It prints the
monotonic times at which it began and at which all was written.
"""

from __future__ import annotations

import argparse
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping

CONNECT = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x00\x00\x05blast"
CHUNK = 1000
PACED_CHUNKS = 100
"""A paced run writes so many chunks a second."""


def remaining_length(size: int) -> bytes:
    """MQTT 5.0 §1.5.5."""
    out = bytearray()
    while True:
        size, digit = divmod(size, 128)
        out.append(digit | 0x80 if size else digit)
        if not size:
            return bytes(out)


def encode(
    count: int,
    size: int,
    topics: int,
    qos: int,
    *,
    prefix: str = "blast",
    chunk_size: int = CHUNK,
    noisy: int = 0,
) -> Iterator[bytes]:
    """Chunks of ``chunk_size`` packets each; payloads of ``size`` bytes begin with the message's number.

    The first ``noisy`` of every ten messages have topics below ``prefix/noisy``.
    """
    for start in range(0, count, chunk_size):
        chunk = bytearray()
        for number in range(start, min(start + chunk_size, count)):
            below = f"{prefix}/noisy" if number % 10 < noisy else prefix
            topic = f"{below}/{number % topics}".encode()
            body = len(topic).to_bytes(2, "big") + topic
            if qos:
                body += (number % 65_535 + 1).to_bytes(2, "big")
            body += b"%08d" % number + b"x" * (size - 8)
            chunk += bytes((0x30 | qos << 1,)) + remaining_length(len(body)) + body
        yield bytes(chunk)


def blast(port: int, chunks: list[bytes], interval: float = 0.0) -> None:
    """Write all chunks, ``interval`` seconds apart; acknowledgements are read and thrown away."""
    with socket.create_connection(("127.0.0.1", port)) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream.sendall(CONNECT)
        assert stream.recv(4) == b"\x20\x02\x00\x00", "the broker refused the load generator"
        print("ready", flush=True)
        sys.stdin.readline()
        print(time.monotonic_ns(), flush=True)
        stream.setblocking(False)
        due = time.monotonic()
        for chunk in chunks:
            if interval:
                time.sleep(max(due - time.monotonic(), 0))
                due += interval
            _send(stream, memoryview(chunk))
        print(time.monotonic_ns(), flush=True)
        stream.setblocking(True)
        stream.sendall(b"\xe0\x00")
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(65_536):
            pass


def _send(stream: socket.socket, view: memoryview) -> None:
    while view:
        readable, writable, _ = select.select([stream], [stream], [])
        if readable:
            stream.recv(65_536)
        if writable:
            view = view[stream.send(view) :]


class Generator:
    """A load generator in a process of its own: once it is made, it has encoded and connected."""

    def __init__(self, module: str, options: Mapping[str, float | str]) -> None:
        words = [f"--{key}={value}" for key, value in options.items()]
        command = [sys.executable, "-m", f"benchmarks.{module}", *words]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.read() == "ready\n"

    def nudge(self) -> None:
        """Give it the line that it waits for."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def read(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def ended(self, seconds: float) -> None:
        """Wait for its end."""
        self.process.wait(seconds)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


class Blaster(Generator):
    """``fire`` starts what is encoded and connected."""

    def __init__(
        self,
        port: int,
        count: int,
        *,
        size: int = 200,
        topics: int = 1000,
        qos: int = 0,
        rate: int = 0,
        prefix: str = "blast",
        noisy: int = 0,
    ) -> None:
        options: dict[str, int | str] = {"port": port, "count": count, "size": size, "topics": topics}
        options |= {"qos": qos, "rate": rate, "prefix": prefix, "noisy": noisy}
        super().__init__("blast", options)
        self.began = self.written = 0
        """When it began and when all was written, monotonic ns; known after ``fire`` and ``wait``."""

    def fire(self) -> int:
        """Begin; returns the monotonic time in ns."""
        self.nudge()
        self.began = int(self.read())
        return self.began

    def wait(self) -> None:
        """Until everything is written and the broker has read it."""
        self.written = int(self.read())
        self.ended(120)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--count", type=int, default=300_000)
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--topics", type=int, default=1000)
    parser.add_argument("--qos", type=int, default=0)
    parser.add_argument("--rate", type=int, default=0, help="messages a second; 0: as fast as it goes")
    parser.add_argument("--prefix", default="blast", help="the topics' first level")
    parser.add_argument("--noisy", type=int, default=0, help="so many of ten messages below PREFIX/noisy")
    given = parser.parse_args()
    chunk_size = max(given.rate // PACED_CHUNKS, 1) if given.rate else CHUNK
    chunks = encode(
        given.count,
        given.size,
        given.topics,
        given.qos,
        prefix=given.prefix,
        chunk_size=chunk_size,
        noisy=given.noisy,
    )
    blast(given.port, list(chunks), chunk_size / given.rate if given.rate else 0.0)


if __name__ == "__main__":
    main()
