"""How each cost grows with the number of messages and of topics, the app open in a terminal.

Messages: 10,000 to 5,000,000 of 200 B on 1,000 topics, all kept. Topics: 1,000 to 1,000,000 with as many
messages as topics, 100,000 at least, all counted; then a million topics beside the usual limit of
100,000, past which a topic keeps its name and is not counted. A page is what the stream shows: 40
messages, read by a new reader, at the oldest or the newest end, whichever takes longer.
"""

from __future__ import annotations

import argparse
import statistics
import time
from contextlib import closing

from benchmarks.measured import cpu_seconds
from benchmarks.rows import Row, quick, record
from benchmarks.weighed import Weighed, weighed
from mqttx_tui.capture.reader import CaptureReader

MESSAGES = (10_000, 100_000, 1_000_000, 5_000_000)
TOPICS = (1_000, 10_000, 100_000, 1_000_000)
QUICK = (1_000_000,)
USUAL_TOPICS = 100_000
PAGE = 40
READS = 5
ROOM = 4_000_000_000
"""Bytes that the capture may take, so that the number alone grows."""


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, nargs="*", default=(MESSAGES, QUICK)[quick(0, 1)])
    parser.add_argument("--topics", type=int, nargs="*", default=(TOPICS, QUICK)[quick(0, 1)])
    given = parser.parse_args()
    small = quick(1, 100)
    for count in given.messages:
        _grown(f"{count:,} messages", max(count // small, 1_000), topics=1_000)
    for topics in given.topics:
        count = max(topics, 100_000) // small
        _grown(f"{topics:,} topics", count, topics=max(topics // small, 100))
    most = max(given.topics, default=0)
    if most > USUAL_TOPICS:
        _grown(
            f"{most:,} topics, {USUAL_TOPICS:,} of them counted",
            most // small,
            topics=most // small,
            limit=USUAL_TOPICS // small,
        )


def _grown(name: str, count: int, *, topics: int, limit: int = 0) -> None:
    with weighed(messages=max(count, 1_000_000), size=ROOM, topics=limit or max(topics, 100)) as seen:
        cpu = cpu_seconds(seen.engine)
        seconds = seen.blast(count, topics=topics)
        cpu = cpu_seconds(seen.engine) - cpu
        seen.settle(quick(8, 1))
        _tell(seen, name, count, seconds, cpu, counted=min(topics, limit or topics))


def _tell(seen: Weighed, name: str, count: int, seconds: float, cpu: float, counted: int) -> None:
    now, counters = seen.now(), seen.counters()
    figures = [
        Row(benchmark="growth", figure=f"{name}: rate", value=count / seconds, unit="/s"),
        Row(
            benchmark="growth",
            figure=f"{name}: CPU of the engine for a message",
            value=cpu / count * 1e6,
            unit="us",
        ),
        Row(
            benchmark="growth",
            figure=f"{name}: file",
            value=now.file + now.log,
            unit="MB",
            medians={"B a message": (now.file + now.log) * 1e6 / count, "highest log": seen.peaks.log},
            note="with its log",
        ),
        Row(
            benchmark="growth",
            figure=f"{name}: PSS of the engine",
            value=now.engine,
            unit="MB",
            medians={"highest": seen.peaks.engine},
        ),
        Row(
            benchmark="growth",
            figure=f"{name}: PSS of the front end",
            value=now.front,
            unit="MB",
            medians={"highest": seen.peaks.front},
        ),
        Row(benchmark="growth", figure=f"{name}: a page", value=_page(seen.path), unit="ms"),
        Row(
            benchmark="growth",
            figure=f"{name}: messages missing, topics wrong",
            value=seen.missing + counters.lost + abs(counted - counters.topics),
            unit="lost",
            most=0,
            medians={"kept": counters.kept, "topics": counters.topics, "others": counters.other_topics},
        ),
    ]
    for row in figures:
        record(row)


def _page(path: str) -> float:
    """ms that a page takes: the longer of one at the oldest and one at the newest end."""
    return max(statistics.median(_read(path, newest) for _ in range(READS)) for newest in (False, True))


def _read(path: str, newest: bool) -> float:
    with closing(CaptureReader(path)) as reader:
        began = time.perf_counter()
        bounds = reader.bounds()
        first = bounds.last - PAGE + 1 if newest else bounds.floor
        assert len(reader.messages(first, PAGE)) == PAGE
        return (time.perf_counter() - began) * 1e3


if __name__ == "__main__":
    main()
