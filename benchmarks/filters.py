"""Filters over a large capture: ``python -m benchmarks.filters [--messages N] [--topics N]``.

Messages of 200 bytes are written to a temporary file; for each kind of filter: when the first match was
there, how long all took, how many matched, and how long an event loop beside it had to wait at most, which
is what keys wait for. ``grep`` over the same payloads as text, counted, is named for comparison.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.rows import Row, quick, record
from mqttx_tui.capture import schema
from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters.nodes import has_pattern
from mqttx_tui.capture.filters.remote import AnyScan, RemoteScan
from mqttx_tui.capture.filters.scan import Scan
from mqttx_tui.capture.filters.spare import Spare
from mqttx_tui.capture.filters.topicsets import Subtree
from mqttx_tui.ui.filter_process import COMMAND
from mqttx_tui.wire.properties import decode_properties, encode_properties

FILTERS = (
    ("text", "sensor-77", 1.0),
    ("text", "zürich", 1.0),
    ("text", "qos > 1", 1.0),
    ("text", "site/3/+/temp", 1.0),
    ("JSON", ".value > 29.9", 2.0),
    ("JSON", ".name == sensor-77", 2.0),
    ("JSON", ".rx[*].rssi < -120", 2.0),
    ("JSON", "site/3/# .value > 25 not sensor-77", 2.0),
    ("regex", 'payload ~ "sens.*77"', 10.0),
    ("regex", '.name ~ "r-77"', 10.0),
    ("decoded", "user.room == kitchen", 10.0),
)
"""Kind, filter, and the seconds it may take."""
ROUNDS = 3
TYPING_SECONDS = 1.0
"""So long the line is open before the filter is whole."""
PROPERTIES = encode_properties({"user": [("room", "kitchen"), ("floor", "1")]})


def rows(messages: int, topics: int) -> Iterator[tuple[int, int, int, int, bytes, bytes | None]]:
    """One message a millisecond; JSON padded to 200 bytes; one in a hundred with MQTT 5 properties."""
    for number in range(messages):
        body = {
            "value": round(20 + number % 1000 / 100, 2),
            "unit": "C",
            "name": f"sensor-{number % 1000}",
            "rx": [{"rssi": -(number % 130)}],
            "pad": "x" * 100,
        }
        payload = json.dumps(body).encode().ljust(200)
        at = 1_763_700_000_000_000_000 + number * 1_000_000
        properties = PROPERTIES if number % 100 == 0 else None
        yield at, number % topics + 1, number % 3 * 2, 230, payload, properties


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
        "INSERT INTO message(at, topic, flags, size, payload, properties) VALUES(?, ?, ?, ?, ?, ?)",
        rows(messages, topics),
    )
    database.execute("COMMIT")
    database.close()


def scan_for(path: Path, text: str, within: Subtree | None, spare: Spare) -> AnyScan:
    """As the app does: patterns in a process of their own, which waits while a filter is typed."""
    wanted = parse(text)
    if has_pattern(wanted.node):
        return RemoteScan(spare.take, path, wanted, within=within)
    return Scan(path, wanted, within=within, follow=False, decode_properties=decode_properties)


async def measure(path: Path, text: str, within: Subtree | None) -> dict[str, float]:
    """Seconds of one scan, beside which a loop turns as the app's does."""
    spare = Spare(COMMAND)
    if has_pattern(parse(text).node):
        spare.keep()
        await asyncio.sleep(TYPING_SECONDS)
    started = turned = time.perf_counter()
    scan = scan_for(path, text, within, spare)
    spare.drop()
    first, wait = 0.0, 0.0
    while not (progress := scan.progress()).done:
        if not first and progress.matched:
            first = time.perf_counter() - started
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        wait, turned = max(wait, now - turned - 0.001), now
    taken = time.perf_counter() - started
    scan.cancel(wait=True)
    if progress.error:
        raise SystemExit(f"{text}: {progress.error}")
    return {"whole": taken, "first": first or taken, "wait": wait, "matched": progress.matched}


def report(path: Path, kind: str, text: str, budget: float, within: Subtree | None = None) -> None:
    """The rows of one filter: medians of some rounds."""
    found = [asyncio.run(measure(path, text, within)) for _ in range(quick(ROUNDS, 1))]
    middle = {name: sorted(each[name] for each in found)[len(found) // 2] for name in found[0]}
    shown = (f"{text} " if text else "") + (f"below {within.prefix}" if within else "")
    matched = {"matched": middle["matched"]}
    for figure, value, unit, most in (
        ("all", middle["whole"], "s", budget),
        ("first match", middle["first"] * 1000, "ms", 100.0),
        ("a key waits", middle["wait"] * 1000, "ms", 50.0),
    ):
        if figure == "first match" and not middle["matched"]:
            continue
        name = f"{kind}: {shown.strip()}: {figure}"
        record(Row(benchmark="filters", figure=name, value=value, unit=unit, most=most, medians=matched))


def compared(path: Path, directory: Path) -> None:
    """What ``grep`` takes for the payloads in a text file, one a line."""
    grep = shutil.which("grep")
    if grep is None:
        print("grep is not on PATH: not measured", flush=True)
        return
    lines = directory / "payloads.txt"
    with sqlite3.connect(path) as database, lines.open("wb") as file:
        file.writelines(row[0] + b"\n" for row in database.execute("SELECT payload FROM message"))
    for name, words in (("text", ("-ciF", "sensor-77")), ("regex", ("-ciE", "sens.*77"))):
        started = time.perf_counter()
        subprocess.run([grep, *words, str(lines)], check=True, stdout=subprocess.PIPE)
        taken = time.perf_counter() - started
        note = "the payloads alone, in a text file, without topics"
        figure = f"for comparison, {name}: grep {' '.join(words)}"
        record(Row(benchmark="filters", figure=figure, value=taken, unit="s", note=note))


def main() -> None:
    """Measure all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=quick(1_000_000, 5_000))
    parser.add_argument("--topics", type=int, default=1_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "capture.db"
        make(path, options.messages, options.topics)
        for kind, text, budget in FILTERS:
            report(path, kind, text, budget)
        report(path, "text", "", 1.0, Subtree(1, "site/3/dev3"))
        report(path, "JSON", ".value > 20", 2.0, Subtree(1, "site/3/dev3"))
        compared(path, Path(directory))


if __name__ == "__main__":
    main()
