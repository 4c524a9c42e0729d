"""Bytes to the terminal under floods over ssh: ``python -m benchmarks.terminal_bytes [SECONDS]``.

The app runs in a pty of 120x40 with SSH_CONNECTION set, and is sent floods of several kinds and rates, each
for some seconds, some of them with the topic tree zoomed to the whole screen. What counts is the worst
stretch of five seconds of each; everything that the app wrote is counted.
"""

from __future__ import annotations

import argparse
import time

from benchmarks.flood import Flood
from benchmarks.rows import Row, quick, record
from benchmarks.watched import Explored, explored

SSH = {"SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22"}
FLOODS = (
    ("one topic", "one", 500, 200, ""),
    ("one topic", "one", 50_000, 200, ""),
    ("1,000 topics", "thousand", 500, 200, ""),
    ("1,000 topics", "thousand", 5_000, 200, ""),
    ("1,000 topics", "thousand", 50_000, 200, ""),
    ("JSON of 2 kB", "json", 2_000, 2048, ""),
    ("the topic tree on the whole screen", "thousand", 5_000, 200, "2z"),
    ("branches in the topic tree", "tree", 20_000, 200, "2z"),
    ("the inspector under a moving cursor", "json", 100, 2048, ""),
)
MOST = 64_000


def measure(app: Explored, kind: str, rate: int, size: int, keys: str, seconds: float) -> tuple[float, int]:
    """Worst bytes a second, and how many messages were lost."""
    before = app.counted()[0]
    for key in keys:
        app.terminal.write(key.encode())
        time.sleep(0.5)
    flood = Flood(app.broker.port, rate, seconds, kind=kind, size=size)
    began = flood.fire()
    sent = flood.wait()
    worst = app.terminal.worst(began, sent.ended)
    lost = app.missing(before + sent.sent)
    for key in "z3" if keys else "":
        app.terminal.write(key.encode())
        time.sleep(0.5)
    return worst, lost


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=quick(12, 1))
    seconds = parser.parse_args().seconds
    lost = 0
    found: dict[str, float] = {}
    with explored(env=SSH) as app:
        for what, kind, rate, size, keys in FLOODS:
            worst, missing = measure(app, kind, rate, size, keys, seconds)
            lost += missing
            found[f"{what}, {rate:,}/s"] = worst
            figure = f"over ssh: {what}, {rate:,}/s: worst 5 s"
            record(Row(benchmark="terminal-bytes", figure=figure, value=worst, unit="B/s", most=MOST))
    note = max(found, key=lambda name: found[name])
    row = Row(
        benchmark="terminal-bytes",
        figure="over ssh: the worst flood",
        value=max(found.values()),
        unit="B/s",
        most=MOST,
        note=note,
    )
    record(row)
    record(Row(benchmark="terminal-bytes", figure="messages lost", value=lost, unit="lost", most=0))


if __name__ == "__main__":
    main()
