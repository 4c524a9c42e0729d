"""What a million messages take: 200 B each on 1,000 topics, captured with the app open in a terminal.

The figures of the budget are those after the flood, when the screen has come to rest; the highest
ones of the flood itself stand beside them. ``each further topic`` is what one message on each of many
more topics adds to another app, in both processes together.
"""

from __future__ import annotations

import argparse

from benchmarks.rows import Row, quick, record
from benchmarks.weighed import Sizes, Weighed, weighed

MOST_PROCESS = 100
MOST_FILE = 250
MOST_TOPIC = 500
TOPICS_A_SECOND = 20_000


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=quick(1_000_000, 20_000))
    parser.add_argument("--topics", type=int, default=1_000)
    parser.add_argument("--more-topics", type=int, default=quick(100_000, 5_000))
    given = parser.parse_args()
    with weighed(topics=max(given.more_topics, 100_000)) as seen:
        seen.settle(1)
        before = seen.now()
        seconds = seen.blast(given.count, topics=given.topics)
        seen.settle(quick(10, 1))
        print(f"{given.count:,} messages on {given.topics:,} topics in {seconds:.1f} s")
        _budgets(seen, given.count, before)
    with weighed(topics=max(given.more_topics, 100_000)) as seen:
        _further(seen, given.topics, given.more_topics)


def _further(seen: Weighed, topics: int, more: int) -> None:
    """The same traffic on few topics and then on many, slowly enough that no queue grows: no room is left
    over from a flood, and what the traffic itself takes is there before."""
    seen.blast(more, topics=topics, rate=TOPICS_A_SECOND)
    seen.settle(quick(10, 1))
    few = seen.now()
    seen.blast(more, topics=more, rate=TOPICS_A_SECOND)
    seen.settle(quick(10, 1))
    many = seen.now()
    each = {
        "front end": (many.front - few.front) * 1e6 / (more - topics),
        "engine": (many.engine - few.engine) * 1e6 / (more - topics),
    }
    record(
        Row(
            benchmark="memory",
            figure=f"each further topic, of {more:,}",
            value=sum(each.values()),
            unit="B",
            most=MOST_TOPIC,
            medians=each,
        )
    )


def _budgets(seen: Weighed, count: int, before: Sizes) -> None:
    now, peaks, counters = seen.now(), seen.peaks, seen.counters()
    parties = {
        "front end": (before.front, now.front, peaks.front),
        "engine": (before.engine, now.engine, peaks.engine),
    }
    for name, (start, rest, peak) in parties.items():
        record(
            Row(
                benchmark="memory",
                figure=f"{count:,} messages: PSS of the {name}",
                value=rest,
                unit="MB",
                most=MOST_PROCESS,
                medians={"before": start, "highest": peak},
            )
        )
    record(
        Row(
            benchmark="memory",
            figure=f"{count:,} messages: file with its log",
            value=seen.whole_file(),
            unit="MB",
            most=MOST_FILE,
            medians={"highest log": peaks.log},
        )
    )
    record(
        Row(
            benchmark="memory",
            figure="messages missing",
            value=seen.missing + counters.lost + count - counters.kept,
            unit="lost",
            most=0,
            medians={"sent": count, "received": counters.received, "kept": counters.kept},
        )
    )


if __name__ == "__main__":
    main()
