"""A raw WebSocket session (``mqttx-tui record ws://…``) against a plain ``websockets`` client and against
other command lines, fed with frames that were encoded beforehand."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.capturing import Blast, itself, printing, recording
from benchmarks.frames import FrameServer
from benchmarks.measured import SCRATCH
from benchmarks.rows import alternate, medians, quick, record, record_ratios, rival
from benchmarks.session_rate import OURS, lost

NAME = "websocket-raw"
PLAIN = "websockets client"
LOOP = """
import asyncio, os, sys
from websockets.asyncio.client import connect

async def main(url, count):
    async with connect(url, compression=None, max_size=None, proxy=None) as connection:
        for _ in range(count):
            await connection.recv()
        os._exit(0)  # the server would let the close frame wait

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


class Comparison:
    """One server, and who takes its frames."""

    def __init__(self, server: FrameServer, count: int, scratch: Path) -> None:
        self.runs: list[Blast] = []
        self.missing: list[str] = []
        self._server = server
        self._count = count
        self._scratch = scratch

    def parties(self) -> dict[str, Callable[[], float]]:
        """Whoever is here."""
        server, count = self._server, self._count
        plain = [sys.executable, "-c", LOOP, server.url, str(count)]
        found: dict[str, Callable[[], float]] = {
            PLAIN: partial(itself, plain, server.connected, server.fire, count),
            OURS: self.ours,
        }
        for name, options in (("websocat", ["-t"]), ("wscat", ["-c"])):
            if program := rival(name):
                command = [program, *options, server.url]
                found[name] = partial(printing, command, server.connected, server.fire, count)
            else:
                self.missing.append(f"{name} not found")
        return found

    def ours(self) -> float:
        """Messages a second, committed."""
        server = self._server
        with recording(self._scratch, server.url, server.connected) as capture:
            self.runs.append(capture.measure(server.fire, self._count))
        return self.runs[-1].rate


def compare(count: int, rounds: int) -> None:
    """Record the ratio to each, and what was lost."""
    server = FrameServer(count)
    try:
        with tempfile.TemporaryDirectory(dir=SCRATCH, prefix="bench-") as directory:
            comparison = Comparison(server, count, Path(directory))
            found = medians(alternate(rounds, comparison.parties()))
    finally:
        server.close()
    cpu = medians({"": [run.cpu for run in comparison.runs]})[""]
    note = "; ".join([f"messages/s; {cpu:.1f} us of CPU each", *comparison.missing])
    record_ratios(NAME, OURS, found, lambda other: f"{count:,} frames of 200 B / {other}", note)
    record(lost(NAME, comparison.runs))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    compare(quick(given.count, 5_000), quick(given.rounds, 1))


if __name__ == "__main__":
    main()
