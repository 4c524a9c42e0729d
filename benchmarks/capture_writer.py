"""How fast the capture writer takes messages, alone or beside a busy event loop.

    python benchmarks/capture_writer.py --count 1000000 --topics 1000 [--keep 300000] [--busy 10000]

Prints rows a second, the event loop's share, the process's CPU time a message, and the file's size.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from pathlib import Path

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.place import make_private
from mqttx_tui.capture.writer import CaptureWriter
from mqttx_tui.model.message import Row


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--topics", type=int, default=1_000)
    parser.add_argument("--keep", type=int, default=10_000_000, help="retention in messages")
    parser.add_argument("--size", type=int, default=200, help="payload bytes")
    parser.add_argument("--read", type=int, default=500, help="messages a call, as one read brings them")
    parser.add_argument("--busy", type=int, default=0, help="turns of a loop a call: other work")
    return parser.parse_args()


async def measure(options: argparse.Namespace, path: Path) -> None:
    """Write, and print what it took."""
    writer = CaptureWriter(path, limits=Limits(options.keep, 1 << 40, 1_000_000), kept=False)
    sink = writer.sink(writer.connection(name="a", letter="A", url="mqtt://a", protocol="mqtt"))
    topics = [sink.topic(f"site/{number}/temperature") or 0 for number in range(options.topics)]
    filler = b"x" * max(options.size - 10, 0)
    spent, number = 0.0, 0
    started, cpu = time.perf_counter(), time.process_time()
    while number < options.count:
        at = sink.now()
        rows = [
            Row(at, topics[i % len(topics)], 0, options.size + 30, filler + b"%010d" % i, None)
            for i in range(number, number + options.read)
        ]
        sum(range(options.busy))
        before = time.thread_time()
        sink.messages(rows)
        spent += time.thread_time() - before
        number += options.read
        if sink.full:
            await sink.drained()
        else:
            await asyncio.sleep(0)
    await writer.flushed()
    elapsed, cpu = time.perf_counter() - started, time.process_time() - cpu
    counters = writer.counters()
    print(f"{number / elapsed:,.0f} rows/s, kept {counters.kept:,}, lost {counters.lost:,}")
    print(
        f"sink.messages {spent / number * 1e9:.0f} ns a message, process {cpu / number * 1e6:.2f} µs of CPU"
    )
    print(f"file {os.path.getsize(path) / 1e6:.1f} MB, log {os.path.getsize(f'{path}-wal') / 1e6:.1f} MB")
    await writer.close(delete=True)


def main() -> None:
    """Run in a private directory in memory."""
    directory = make_private()
    try:
        asyncio.run(measure(arguments(), directory.capture))
    finally:
        directory.release(remove=True)


if __name__ == "__main__":
    main()
