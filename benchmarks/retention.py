"""Retention at its limit for several times the limit, at the full rate.

The writer alone, against the same writer that never reaches its limit, in alternating runs: by count
and by bytes. Then the capture goes on after a restart, at its limit from the first message on; and a
flood through the broker with the app open and reading. ``pins wrong`` counts topics whose last or last
retained message is not in the file.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
from contextlib import closing
from pathlib import Path

from benchmarks.filling import Filled, fill
from benchmarks.measured import SCRATCH
from benchmarks.rows import Row, alternate, quick, record
from benchmarks.weighed import weighed
from mqttx_tui.capture.limits import Limits

UNLIMITED = 1 << 40
TIMES = 5
"""So many times the limit come in."""
ROW_BYTES = 233
"""One message of 200 B in the file."""
LARGEST_BATCH = 16_384 + 1_024
"""Rows of one transaction: a batch is closed with the read that fills it."""
LOG_KEPT = 16.8
"""MB of the write-ahead log that stay: ``journal_size_limit``."""


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=int, default=quick(300_000, 20_000))
    parser.add_argument("--rounds", type=int, default=quick(3, 1))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=SCRATCH) as directory:
        _alone(Path(directory), given.keep, given.rounds)
    _with_the_app(given.keep)


def _alone(place: Path, keep: int, rounds: int) -> None:
    size = keep * ROW_BYTES
    limits = {
        "without reaching a limit": Limits(UNLIMITED, UNLIMITED),
        "at its limit of messages": Limits(keep, UNLIMITED),
        "at its limit of bytes": Limits(UNLIMITED, size),
    }
    found: dict[str, list[Filled]] = {name: [] for name in limits}

    def run(name: str) -> float:
        path = place / "capture.db"
        path.unlink(missing_ok=True)
        found[name].append(asyncio.run(fill(path, limits[name], TIMES * keep, quiet=True)))
        return found[name][-1].rate

    alternate(rounds, {name: lambda name=name: run(name) for name in limits})  # type: ignore[misc]
    free, *limited = limits
    rates = {name: statistics.median(each.rate for each in runs) for name, runs in found.items()}
    for name in limited:
        record(
            Row(
                benchmark="retention",
                figure=f"rows a second {name}, to the same writer without",
                value=rates[name] / rates[free],
                unit="x",
                medians={"limited/s": rates[name], "free/s": rates[free]},
                note=f"CPU {_cpu(found[name]):.2f} us a message, {_cpu(found[free]):.2f} without",
            )
        )
        _delete(name, found[name])
    _bounds("of messages", found["at its limit of messages"], keep, keep * ROW_BYTES)
    _bounds("of bytes", found["at its limit of bytes"], None, size)
    _pins("after the flood", place / "capture.db")
    again = asyncio.run(fill(place / "capture.db", Limits(keep, size), 2 * keep))
    _bounds("of both, after a restart", [again], None, size)
    _pins("after the restart", place / "capture.db")


def _cpu(runs: list[Filled]) -> float:
    return statistics.median(each.cpu for each in runs)


def _delete(name: str, runs: list[Filled]) -> None:
    record(
        Row(
            benchmark="retention",
            figure=f"longest delete {name}",
            value=statistics.median(each.delete for each in runs),
            unit="ms",
            medians={"with waits for the loop": statistics.median(each.delete_wall for each in runs)},
            note="CPU of the writer's thread",
        )
    )


def _bounds(name: str, runs: list[Filled], keep: int | None, size: int) -> None:
    """No run may pass the limit by more than one of its batches, nor keep another number than it says."""
    worst = max(runs, key=lambda each: each.file)
    batch = worst.batch * ROW_BYTES / 1e6
    record(
        Row(
            benchmark="retention",
            figure=f"file at its highest, limit {name}",
            value=worst.file,
            unit="MB",
            most=size / 1e6 + batch,
            medians={"limit": size / 1e6, "largest batch": batch, "highest log": worst.log},
        )
    )
    wrong = [
        each.counters.received - each.counters.evicted - each.counters.kept
        + each.counters.lost + each.unlike
        + (abs(each.counters.kept - keep) if keep else 0)
        for each in runs
    ]  # fmt: skip
    record(
        Row(
            benchmark="retention",
            figure=f"messages kept beside the counters, limit {name}",
            value=max(wrong),
            unit="lost",
            most=0,
            medians={"kept": runs[-1].counters.kept, "evicted": runs[-1].counters.evicted},
        )
    )


def _pins(when: str, path: Path) -> None:
    record(
        Row(
            benchmark="retention",
            figure=f"pins wrong {when}",
            value=pins_wrong(path),
            unit="lost",
            most=0,
        )
    )


def pins_wrong(path: Path) -> int:
    """Topics whose last or last retained message is not in the file."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        found = database.execute(
            "SELECT sum(last_message NOT IN (SELECT id FROM message))"
            " + sum(retained IS NOT NULL AND retained NOT IN (SELECT id FROM message)) FROM topic"
        ).fetchone()
    return int(found[0])


def _with_the_app(keep: int) -> None:
    with weighed(messages=keep) as seen:
        count = TIMES * keep
        seconds = seen.blast(count)
        seen.settle(quick(3, 1))
        counters, peaks = seen.counters(), seen.peaks
        pins = pins_wrong(Path(seen.path))
        left = seen.now()
    size = keep * ROW_BYTES / 1e6
    parties = {"sent": count, "received": counters.received, "kept": counters.kept}
    missing = seen.missing + counters.lost + abs(counters.kept - keep) + pins
    record(
        Row(
            benchmark="retention",
            figure="with the app open: messages missing, or pins wrong",
            value=missing,
            unit="lost",
            most=0,
            medians=parties,
            note=f"{count / seconds:,.0f}/s",
        )
    )
    record(
        Row(
            benchmark="retention",
            figure="with the app open: file at its highest",
            value=peaks.file,
            unit="MB",
            most=size * 1.01 + LARGEST_BATCH * ROW_BYTES / 1e6,
            medians={"limit": size, "largest batch": LARGEST_BATCH * ROW_BYTES / 1e6},
        )
    )
    record(
        Row(
            benchmark="retention",
            figure="with the app open: write-ahead log after the flood",
            value=left.log,
            unit="MB",
            most=LOG_KEPT,
            medians={"highest": peaks.log},
        )
    )


if __name__ == "__main__":
    main()
