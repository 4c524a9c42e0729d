"""How long filters take over a large capture: ``python -m benchmarks.filters [--messages N] [--topics N]``.

Messages of 200 bytes are written to a temporary file; each line says how long the whole scan took, when
the first match was there, and how many matched.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from mqttx_tui.capture import schema
from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters.scan import Scan
from mqttx_tui.capture.filters.topicsets import Subtree

FILTERS = (
    "sensor-77",
    "zürich",
    "qos > 1",
    "site/3/+/temp",
    "json",
    ".value > 29.9",
    ".value == 25.5",
    ".name == sensor-77",
    '.name ~ "r-77"',
    ".rx[*].rssi < -120",
    'payload ~ "sens.*77"',
    'payload contains x"37 37"',
    "site/3/# .value > 25 not sensor-77",
)


def rows(messages: int, topics: int) -> Iterator[tuple[int, int, int, int, bytes]]:
    """One message a millisecond; JSON padded to 200 bytes."""
    for number in range(messages):
        body = {
            "value": round(20 + number % 1000 / 100, 2),
            "unit": "C",
            "name": f"sensor-{number % 1000}",
            "rx": [{"rssi": -(number % 130)}],
            "pad": "x" * 100,
        }
        payload = json.dumps(body).encode().ljust(200)
        yield (
            1_763_700_000_000_000_000 + number * 1_000_000,
            number % topics + 1,
            number % 3 * 2,
            230,
            payload,
        )


def make(path: Path, messages: int, topics: int) -> None:
    """Write the capture."""
    database = sqlite3.connect(path, isolation_level=None)
    schema.prepare(database, kept=False)
    database.execute("BEGIN")
    database.execute("INSERT INTO connection VALUES(1, 'lab', 'A', 'mqtt://lab', 'mqtt', '')")
    database.executemany(
        "INSERT INTO topic(id, connection, name) VALUES(?, 1, ?)",
        ((number + 1, f"site/{number % 10}/dev{number}/temp") for number in range(topics)),
    )
    database.executemany(
        "INSERT INTO message(at, topic, flags, size, payload) VALUES(?, ?, ?, ?, ?)", rows(messages, topics)
    )
    database.execute("COMMIT")
    database.close()


def measure(path: Path, text: str, within: Subtree | None = None) -> str:
    """One line about one filter."""
    started = time.perf_counter()
    scan = Scan(path, parse(text), within=within, follow=False)
    first = None
    while not scan.wait(0.005):
        if first is None and scan.progress().matched:
            first = time.perf_counter() - started
    taken = time.perf_counter() - started
    progress = scan.progress()
    scan.cancel(wait=True)
    shown = "—" if first is None else f"{first * 1000:.0f} ms"
    where = f"  below {within.prefix}" if within else ""
    return f"{taken:6.2f} s  first {shown:>7}  {progress.matched:>9,} of {progress.total:,}  {text}{where}"


def main() -> None:
    """Measure all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--topics", type=int, default=1_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "capture.db"
        make(path, options.messages, options.topics)
        for text in FILTERS:
            print(measure(path, text), flush=True)
        for text in ("", ".value > 20"):
            print(measure(path, text, Subtree(1, "site/3/dev3")), flush=True)


if __name__ == "__main__":
    main()
