"""Traffic for minutes at a steady rate, in little memory: every message carries its number.

``python -m benchmarks.flood --port 1883 --rate 5000 --seconds 60 --kind thousand`` connects, waits for a
line on stdin, sends, and prints what it did as JSON. Packets are encoded beforehand, a hundredth of a
second at a time; only the ten digits of the number are put in when they are sent.
"""

from __future__ import annotations

import argparse
import json
import select
import socket
import sys
import time
from dataclasses import dataclass

from benchmarks.blast import CONNECT, Generator, remaining_length

CHUNKS = 100
"""A second has so many writes."""
CYCLE = 50
"""So many different chunks; then the topics come again."""
DIGITS = 10
TAIL = b',"device":{"name":"probe","place":{"room":"cellar","shelf":7}},"tags":["a","b"],"ok":true,"text":"'


def topic_of(kind: str, number: int) -> str:
    """The topic of a message: ``one``, ``thousand`` and ``json`` differ in how many there are."""
    if kind == "one":
        return "flood/one"
    if kind == "tree":
        return f"flood/hall{number % 10}/row{number // 10 % 10}/shelf{number // 100 % 10}/t"
    return f"flood/{number % 1000}"


def payload_of(kind: str, number: int, size: int) -> bytes:
    """A payload of ``size`` bytes with ten zeros for its number; of kind ``mixed`` every tenth is JSON."""
    if kind == "json" or (kind == "mixed" and number % 10 == 0):
        head = b'{"n":1' + b"0" * DIGITS + TAIL
        return head + b"x" * max(size - len(head) - 2, 0) + b'"}'
    return b"n=" + b"0" * DIGITS + b" " + b"x" * max(size - DIGITS - 3, 0)


@dataclass(slots=True)
class Chunk:
    """Packets of one write, and where in it the numbers stand."""

    data: bytearray
    places: list[int]


def encode(kind: str, size: int, first: int, count: int) -> Chunk:
    """``count`` PUBLISH packets of QoS 0."""
    chunk = Chunk(bytearray(), [])
    for number in range(first, first + count):
        topic = topic_of(kind, number).encode()
        payload = payload_of(kind, number, size)
        body = len(topic).to_bytes(2, "big") + topic
        head = b"\x30" + remaining_length(len(body) + len(payload)) + body
        chunk.places.append(len(chunk.data) + len(head) + payload.index(b"0" * DIGITS))
        chunk.data += head + payload
    return chunk


def flood(port: int, chunks: list[Chunk], seconds: float) -> None:
    """Send until the time is over; a line on stdin ends it sooner."""
    with socket.create_connection(("127.0.0.1", port)) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream.sendall(CONNECT)
        assert stream.recv(4) == b"\x20\x02\x00\x00", "the broker refused the load generator"
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.monotonic()
        print(began, flush=True)
        sent = number = 0
        latest = 0.0
        while (due := began + number / CHUNKS) < began + seconds:
            wait = due - time.monotonic()
            latest = max(latest, -wait)
            if select.select([sys.stdin], [], [], max(wait, 0))[0]:
                break
            chunk = chunks[number % len(chunks)]
            for place in chunk.places:
                chunk.data[place : place + DIGITS] = b"%010d" % sent
                sent += 1
            stream.sendall(chunk.data)
            number += 1
        ended = time.monotonic()
        stream.sendall(b"\xe0\x00")
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(65_536):
            pass
        print(json.dumps({"sent": sent, "ended": ended, "latest": latest}), flush=True)


@dataclass(frozen=True, slots=True)
class Sent:
    """How many; when the last one was written (monotonic seconds); how late the latest was, in seconds."""

    sent: int
    ended: float
    latest: float


class Flood(Generator):
    """``fire`` begins to send."""

    def __init__(self, port: int, rate: int, seconds: float, *, kind: str = "thousand", size: int = 200):
        options: dict[str, float | str] = {"port": port, "rate": rate, "seconds": seconds}
        super().__init__("flood", options | {"kind": kind, "size": size})

    def fire(self) -> float:
        """Begin; returns the monotonic time."""
        self.nudge()
        return float(self.read())

    def stop(self) -> Sent:
        """End it now."""
        if self.process.poll() is None:
            self.nudge()
        return self.wait()

    def wait(self) -> Sent:
        """Until it has ended and the broker has read everything."""
        line = self.read()
        self.ended(60)
        return Sent(**json.loads(line))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rate", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kind", default="thousand", choices=["one", "thousand", "tree", "json", "mixed"])
    parser.add_argument("--size", type=int, default=200)
    given = parser.parse_args()
    each = max(given.rate // CHUNKS, 1)
    chunks = [encode(given.kind, given.size, n * each, each) for n in range(CYCLE)]
    flood(given.port, chunks, given.seconds)


if __name__ == "__main__":
    main()
