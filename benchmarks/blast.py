"""A load generator that is faster than any subscriber: PUBLISH packets encoded beforehand.

``python -m benchmarks.blast --port 1883 --count 300000`` connects, waits for a line on stdin, and
then writes everything to a plain socket. It prints the monotonic time at which it began.
"""

from __future__ import annotations

import argparse
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

CONNECT = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x00\x00\x05blast"
CHUNK = 1000


def remaining_length(size: int) -> bytes:
    """MQTT 5.0 §1.5.5."""
    out = bytearray()
    while True:
        size, digit = divmod(size, 128)
        out.append(digit | 0x80 if size else digit)
        if not size:
            return bytes(out)


def encode(count: int, size: int, topics: int, qos: int) -> Iterator[bytes]:
    """Chunks of 1,000 packets each; payloads of ``size`` bytes begin with the message's number."""
    for start in range(0, count, CHUNK):
        chunk = bytearray()
        for number in range(start, min(start + CHUNK, count)):
            topic = f"blast/{number % topics}".encode()
            body = len(topic).to_bytes(2, "big") + topic
            if qos:
                body += (number % 65_535 + 1).to_bytes(2, "big")
            body += b"%08d" % number + b"x" * (size - 8)
            chunk += bytes((0x30 | qos << 1,)) + remaining_length(len(body)) + body
        yield bytes(chunk)


def blast(port: int, chunks: list[bytes]) -> None:
    """Write all chunks; acknowledgements are read and thrown away."""
    with socket.create_connection(("127.0.0.1", port)) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream.sendall(CONNECT)
        assert stream.recv(4) == b"\x20\x02\x00\x00", "the broker refused the load generator"
        print("ready", flush=True)
        sys.stdin.readline()
        print(time.monotonic_ns(), flush=True)
        stream.setblocking(False)
        for chunk in chunks:
            _send(stream, memoryview(chunk))
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


class Blaster:
    """The load generator in a process of its own: ``fire`` starts what is encoded and connected."""

    def __init__(self, port: int, count: int, *, size: int = 200, topics: int = 1000, qos: int = 0) -> None:
        options = {"port": port, "count": count, "size": size, "topics": topics, "qos": qos}
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.blast",
                *(f"--{key}={value}" for key, value in options.items()),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def fire(self) -> int:
        """Begin; returns the monotonic time in ns."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def wait(self) -> None:
        """Until everything is written."""
        self.process.wait(120)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--count", type=int, default=300_000)
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--topics", type=int, default=1000)
    parser.add_argument("--qos", type=int, default=0)
    given = parser.parse_args()
    blast(given.port, list(encode(given.count, given.size, given.topics, given.qos)))


if __name__ == "__main__":
    main()
