"""What a million messages take: 200 B each on 1,000 topics, captured with the app open in a terminal.

The figures of the budget are those after the flood, when the screen has come to rest; the highest
ones of the flood itself stand beside them. ``each further topic`` is the difference that as many
messages on many more topics make, in both processes together.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from benchmarks.rows import Row, quick, record
from benchmarks.weighed import Weighed, weighed

MOST_PROCESS = 100
MOST_FILE = 250
MOST_TOPIC = 500


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=quick(1_000_000, 20_000))
    parser.add_argument("--topics", type=int, default=1_000)
    parser.add_argument("--more-topics", type=int, default=quick(100_000, 5_000))
    given = parser.parse_args()
    few = _run(given.count, given.topics, _budgets)
    many = _run(given.count, given.more_topics, lambda seen, count, before: None)
    topics = given.more_topics - given.topics
    each = {name: (many[name] - few[name]) * 1e6 / topics for name in few}
    record(
        Row(
            benchmark="memory",
            figure=f"each further topic, of {given.more_topics:,}",
            value=sum(each.values()),
            unit="B",
            most=MOST_TOPIC,
            medians=each,
        )
    )


def _run(count: int, topics: int, tell: Callable[[Weighed, int, dict[str, float]], None]) -> dict[str, float]:
    with weighed(messages=max(count, 1_000_000), topics=max(topics, 100_000)) as seen:
        seen.settle(1)
        before = {"front end": seen.peaks.front, "engine": seen.peaks.engine}
        seconds = seen.blast(count, topics=topics)
        seen.settle(quick(10, 2))
        now = seen.now()
        print(f"{count:,} messages on {topics:,} topics in {seconds:.1f} s, {seen.missing} missing")
        tell(seen, count, before)
        return {"front end": now.front, "engine": now.engine}


def _budgets(seen: Weighed, count: int, before: dict[str, float]) -> None:
    now, peaks, counters = seen.now(), seen.peaks, seen.counters()
    parties = {"front end": (now.front, peaks.front), "engine": (now.engine, peaks.engine)}
    for name, (rest, peak) in parties.items():
        record(
            Row(
                benchmark="memory",
                figure=f"{count:,} messages: PSS of the {name}",
                value=rest,
                unit="MB",
                most=MOST_PROCESS,
                medians={"before": before[name], "highest": peak},
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
