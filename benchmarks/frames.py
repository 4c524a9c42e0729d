"""A WebSocket server that outruns its clients: every frame is encoded beforehand (RFC 6455 §5.2).

``python -m benchmarks.frames --count 300000`` prints its port, ``connected`` for each client that was
upgraded, and after a line on stdin the monotonic time at which it began to send to that one.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import select
import socket
import subprocess
import sys
import time

from benchmarks.blast import CHUNK

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT_FRAME, CLOSE_FRAME = b"\x81", b"\x88"
SHORT, LONG = 126, 65_536


def encode(count: int, size: int) -> list[bytes]:
    """Chunks of text frames; payloads of ``size`` bytes begin with the message's number."""
    head = TEXT_FRAME + (bytes((size,)) if size < SHORT else b"\x7e" + size.to_bytes(2, "big"))
    assert size < LONG
    rest = b"x" * (size - 8)
    chunks = []
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        chunks.append(b"".join(b"%b%08d%b" % (head, number, rest) for number in numbers))
    return chunks


def upgrade(stream: socket.socket) -> None:
    """Answer the request that opens a WebSocket; extensions are not accepted (RFC 6455 §4.2.2)."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += stream.recv(65_536)
    lines = (line.partition(b":") for line in request.split(b"\r\n"))
    key = next(value.strip() for name, _, value in lines if name.lower() == b"sec-websocket-key")
    accepted = base64.b64encode(hashlib.sha1(key + _GUID).digest())
    stream.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accepted + b"\r\n\r\n"
    )


def serve(chunks: list[bytes]) -> None:
    """Send everything to the next client, again and again, until stdin ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while select.select([listener, sys.stdin], [], [])[0] != [sys.stdin]:
            stream, _ = listener.accept()
            with stream:
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                upgrade(stream)
                print("connected", flush=True)
                if not sys.stdin.readline():
                    return
                print(time.monotonic_ns(), flush=True)
                _send(stream, chunks)


def _send(stream: socket.socket, chunks: list[bytes]) -> None:
    try:
        for chunk in chunks:
            stream.sendall(chunk)
        while data := stream.recv(65_536):
            if data[:1] == CLOSE_FRAME:
                stream.sendall(CLOSE_FRAME + b"\x00")
                return
    except OSError:
        return  # the client had enough


class FrameServer:
    """The server in a process of its own: ``connected`` says whether a client is there for ``fire``."""

    def __init__(self, count: int, *, size: int = 200) -> None:
        command = [sys.executable, "-m", "benchmarks.frames", f"--count={count}", f"--size={size}"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"ws://127.0.0.1:{int(self._line())}/"

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def connected(self) -> bool:
        """Whether the next client was upgraded; true once for each."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], 0)
        return bool(ready) and self._line() == "connected\n"

    def fire(self) -> int:
        """Begin to send; returns the monotonic time in ns."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self._line())

    def close(self) -> None:
        """End the server."""
        self.process.terminate()
        self.process.wait(10)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300_000)
    parser.add_argument("--size", type=int, default=200)
    given = parser.parse_args()
    serve(encode(given.count, given.size))


if __name__ == "__main__":
    main()
