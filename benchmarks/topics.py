"""100,000 topics: how soon the tree shows them, how long keys wait meanwhile, and what a topic costs.

Each part runs in a process of its own: ``python -m benchmarks.topics [--topics N] [--shape NAME]``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LEAVES = ("temp", "hum", "state", "rssi", "volt", "amp", "lux", "open", "fan", "fault")
SHAPES: dict[str, Callable[[int], str]] = {
    "devices": lambda n: (
        f"site/{n % 10}/dev{n // 10}/{('temp', 'hum', 'state', 'rssi', 'volt')[n % 5]}{n % 10}"
    ),
    "machines": lambda n: f"plant/{n % 100}/machine-{n}/state",
    "flat": lambda n: f"t/{n}",
}
KEYS = {"expand all": "E", "end": "end", "up": "up", "sort": "t", "home": "home", "collapse all": "C"}


def pss() -> int:
    """Bytes of this process, shared ones by their share."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


async def capture(path: Path, topics: int, messages: int, shape: str) -> int:
    """Write a capture as an engine does; returns the bytes of this process."""
    from mqttx_tui.capture.limits import Limits
    from mqttx_tui.capture.writer import CaptureWriter
    from mqttx_tui.model.message import Row

    writer = CaptureWriter(path, limits=Limits(1_000_000, 1_000_000_000, topics), kept=False)
    sink = writer.sink(writer.connection(name="lab", letter="A", url="mqtt://lab", protocol="mqtt"))
    name = SHAPES[shape]
    for start in range(0, messages, 1000):
        rows = []
        for number in range(start, min(start + 1000, messages)):
            ident = sink.topic(name(number % topics))
            assert ident is not None
            rows.append(Row(sink.now(), ident, 0, 40, b'{"value": %d}' % (number % 100), None))
        sink.messages(rows)
        await writer.flushed()
    await asyncio.sleep(1)  # the topic table is written at its own pace
    found = pss()
    await writer.close(delete=False)
    return found


async def tree(path: Path, topics: int) -> dict[str, float]:
    """Open the capture in the app; seconds until rows are there, the longest wait, bytes.

    What keys wait for is the loop's CPU time: it does not count what else runs on the machine.
    """
    from mqttx_tui.model.start import StartOptions
    from mqttx_tui.ui.app import MqttxTui
    from mqttx_tui.ui.backend import FileBackend
    from mqttx_tui.ui.panes.topics import TopicsPane

    found: dict[str, float] = {}
    began = time.perf_counter()
    app = MqttxTui(StartOptions(open_path=str(path)), FileBackend(str(path)))
    async with app.run_test(size=(120, 40)) as pilot:
        await app.opened.wait()
        opened = time.perf_counter()
        last, longest = time.thread_time(), 0.0
        while "whole" not in found:
            await asyncio.sleep(0.001)
            busy, now = time.thread_time(), time.perf_counter()
            longest, last = max(longest, busy - last), busy
            pane = app.main_screen.find_pane(TopicsPane)
            if pane is None:
                continue
            if "first" not in found and pane.tree_widget.visible_nodes():
                found["first"] = now - opened
            if pane.topics.topics == topics and not pane.topics.stale:
                found["whole"] = now - opened
        found["start"] = opened - began
        found["wait"] = longest
        found["bytes"] = pss()
        await pilot.press("2")
        for name, key in KEYS.items():
            started = time.thread_time()
            await pilot.press(key)
            found[name] = time.thread_time() - started
    return found


def child(*words: str) -> dict[str, float]:
    """Run a part in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.topics", *words]
    answer: dict[str, float] = json.loads(subprocess.check_output(command))
    return answer


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--topics", type=int, default=100_000)
    parser.add_argument("--shape", choices=SHAPES, action="append")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        part, path, topics, shape = options.part.split(":")
        if part == "capture":
            used = asyncio.run(capture(Path(path), int(topics), options.topics, shape))
            print(json.dumps({"bytes": used}))
        else:
            print(json.dumps(asyncio.run(tree(Path(path), int(topics)))))
        return
    for shape in options.shape or SHAPES:
        with tempfile.TemporaryDirectory() as directory:
            report(shape, options.topics, directory)


def report(shape: str, topics: int, directory: str) -> None:
    """One shape of topic names."""
    used: dict[tuple[str, int], float] = {}
    for number in (topics // 2, topics):
        path = os.path.join(directory, f"{number}.db")
        for part in ("capture", "tree"):
            found = child("--topics", str(topics), "--part", f"{part}:{path}:{number}:{shape}")
            used[part, number] = found["bytes"]
    engine, front = (
        (used[part, topics] - used[part, topics // 2]) / (topics - topics // 2)
        for part in ("capture", "tree")
    )
    print(f"{shape}: {topics:,} topics like {SHAPES[shape](topics - 1)}")
    print(
        f"  first rows {found['first']:.2f} s   whole {found['whole']:.2f} s after the capture was opened"
        f" (start {found['start']:.2f} s)   longest wait for a key {found['wait'] * 1000:.0f} ms"
    )
    keys = "   ".join(f"{name} {found[name] * 1000:.0f}" for name in KEYS)
    print(f"  all expanded, ms a key: {keys}")
    print(
        f"  bytes for each further topic: engine {engine:.0f} + front end {front:.0f} = {engine + front:.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
