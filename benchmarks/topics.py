"""The tree of topics, 100,000 of them or a million: how soon it is there, what keys wait, what a topic costs.

Each part runs in a process of its own: ``python -m benchmarks.topics [--topics N] [--shape NAME]``.
``--limit N`` is the engine's limit for topics; without it there is room for all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.measured import pss
from benchmarks.rows import Row, quick, record
from benchmarks.topic_keys import tree

LEAVES = ("temp", "hum", "state", "rssi", "volt", "amp", "lux", "open", "fan", "fault")
SHAPES: dict[str, Callable[[int], str]] = {
    "devices": lambda n: f"site/{n // 10 % 10}/dev{n // 100}/{n // 100 % 7}/{LEAVES[n % 10]}",
    "machines": lambda n: f"plant/{n % 100}/machine-{n}/state",
    "flat": lambda n: f"t/{n}",
    "ids": lambda n: f"t/{random.Random(n).getrandbits(48):012x}",
}
MESSAGE = b'{"value": %d}'


async def capture(path: Path, topics: int, shape: str, limit: int) -> dict[str, float]:
    """Write a capture with a message of each topic, as an engine does; what that took and counted."""
    from mqttx_tui.capture.limits import Limits
    from mqttx_tui.capture.writer import CaptureWriter
    from mqttx_tui.model import message

    writer = CaptureWriter(path, limits=Limits(10_000_000, 4_000_000_000, limit), kept=False)
    sink = writer.sink(writer.connection(name="lab", letter="A", url="mqtt://lab", protocol="mqtt"))
    name = SHAPES[shape]
    began = time.perf_counter()
    for start in range(0, topics, 1000):
        rows = []
        for number in range(start, min(start + 1000, topics)):
            ident = sink.topic(name(number))
            assert ident is not None
            rows.append(message.Row(sink.now(), ident, 0, 40, MESSAGE % (number % 100), None))
        sink.messages(rows)
        await writer.flushed()
    taken = time.perf_counter() - began
    await asyncio.sleep(1)  # the topic table is written at its own pace
    found = writer.counters()
    counted = {"topics": found.topics, "other": found.other_topics, "kept": found.kept}
    used = pss(os.getpid())
    await writer.close(delete=False)
    return {"bytes": used, "seconds": taken, **counted}


def child(*words: str) -> dict[str, float]:
    """Run a part in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.topics", *words]
    answer: dict[str, float] = json.loads(subprocess.check_output(command))
    return answer


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--topics", type=int, default=quick(100_000, 2_000))
    parser.add_argument("--shape", choices=SHAPES, action="append")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options = parser.parse_args()
    topics = min(options.topics, quick(options.topics, 2_000))
    limit = topics if options.limit is None else min(options.limit, quick(options.limit, 500))
    if options.part:
        part, path, shape = options.part.split(":")
        work = (
            capture(Path(path), options.topics, shape, options.limit)
            if part == "capture"
            else tree(Path(path), options.limit)
        )
        print(json.dumps(asyncio.run(work)))
        return
    for shape in (options.shape or list(SHAPES))[: quick(len(SHAPES), 1)]:
        with tempfile.TemporaryDirectory() as directory:
            report(shape, topics, limit, directory)


def report(shape: str, topics: int, limit: int, directory: str) -> None:
    """One shape of topic names."""
    used: dict[tuple[str, int], float] = {}
    halves = (topics // 2, topics) if topics <= min(limit, 200_000) else (topics,)
    for number in halves:
        path = os.path.join(directory, f"{number}.db")
        arguments = (f"--topics={number}", f"--limit={min(limit, number)}")
        written = child(*arguments, "--part", f"capture:{path}:{shape}")
        found = child(*arguments, "--part", f"tree:{path}:{shape}")
        used["engine", number], used["front end", number] = written["bytes"], found["bytes"]
    where = f"{shape}, {topics:,}" if limit >= topics else f"{shape}, {topics:,}, limit {limit:,}"
    like = f"like {SHAPES[shape](topics - 1)}"
    whole = 3.0 if min(topics, limit) <= 100_000 else None
    row(f"{where}: the tree's first page", found["first"], "s", most=1.0, note=like)
    row(f"{where}: the whole tree", found["whole"], "s", {"cpu s": found["cpu"]}, most=whole)
    row(f"{where}: a key waits while it fills", found["wait"], "ms", {"cpu": found["wait cpu"]}, most=50)
    counted = {name: written[name] for name in ("topics", "other", "seconds")}
    row(f"{where}: messages lost", topics - written["kept"], "lost", counted, most=0)
    for name, value in found.items():
        if name.startswith("key "):
            turn = {"longest turn": found[f"longest {name}"]}
            row(f"{where}: {name.removeprefix('key ')}, cpu", value, "ms", turn, most=50)
        elif name.startswith("all rows"):
            row(f"{where}: {name}, cpu", value, "ms")
    row(f"{where}: a filter leaves every other topic", found["find"], "s")
    row(f"{where}: a key waits meanwhile", found["find wait"], "ms", {"cpu": found["find wait cpu"]}, most=50)
    if len(halves) == 2:
        each = {
            part: (used[part, topics] - used[part, topics // 2]) / (topics - topics // 2)
            for part in ("engine", "front end")
        }
        row(f"{where}: memory of each further topic", sum(each.values()), "B", each, most=500)
    megabytes = {part: used[part, topics] / 1e6 for part in ("engine", "front end")}
    row(f"{where}: memory of both", sum(megabytes.values()), "MB", megabytes)


def row(
    figure: str,
    value: float,
    unit: str,
    medians: Mapping[str, float] | None = None,
    *,
    most: float | None = None,
    note: str = "",
) -> None:
    """Record a figure."""
    found = medians or {}
    record(
        Row(benchmark="topics", figure=figure, value=value, unit=unit, most=most, medians=found, note=note)
    )


if __name__ == "__main__":
    main()
