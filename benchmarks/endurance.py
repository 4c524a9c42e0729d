"""Days in small: 5,000 messages a second for twenty minutes with a limit of 200,000 messages, the app open.

PSS of both processes and the file are looked at every ten seconds; what counts is the mean of the second
half over that of the first. The limit is reached after 40 s: until then the capture grows as it should,
which twenty minutes bear. For fewer ``--minutes`` give a ``--warm-up``, which stands outside both halves.
"""

from __future__ import annotations

import argparse
import os
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.measured import cpu_seconds
from benchmarks.rows import Row, quick, record
from benchmarks.weighed import Sizes, Weighed, weighed

RATE = 5_000
SLICE_SECONDS = 60
"""One load generator encodes what it sends in so long, so that it stays small itself."""
MOST_PERCENT = 5.0
MB_FOR_A_MESSAGE = 0.0003
"""With its page's share, for messages of 200 B."""


@dataclass
class Course:
    """What was seen: seconds since the start and the sizes then."""

    samples: list[tuple[float, Sizes]] = field(default_factory=list)

    def halves(self, warm_up: float, of: Callable[[Sizes], float]) -> tuple[float, float]:
        """The mean of each half of what follows the warm-up."""
        values = [of(sizes) for at, sizes in self.samples if at >= warm_up]
        middle = len(values) // 2
        return statistics.fmean(values[:middle]), statistics.fmean(values[middle:])


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=quick(20_000, 50) / 1_000)
    parser.add_argument("--warm-up", type=float, default=quick(0, 1), help="seconds")
    parser.add_argument("--every", type=float, default=quick(100, 2) / 10, help="seconds between two looks")
    parser.add_argument("--keep", type=int, default=quick(200_000, 4_000))
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    with weighed(messages=given.keep) as seen:
        course, sent = _run(seen, given)
        _tell(seen, given, course, sent)


def _run(seen: Weighed, given: argparse.Namespace) -> tuple[Course, int]:
    """Blast at the rate; a thread looks meanwhile."""
    course, over = Course(), threading.Event()
    began = time.monotonic()

    def look() -> None:
        while not over.wait(given.every):
            at, sizes = time.monotonic() - began, seen.now()
            course.samples.append((at, sizes))
            if given.verbose:
                print(
                    f"{at:7.0f} s  front {sizes.front:6.2f}  engine {sizes.engine:6.2f}"
                    f"  file {sizes.file:7.2f}  log {sizes.log:5.2f}",
                    flush=True,
                )

    looking = threading.Thread(target=look)
    looking.start()
    sent, missing, left = 0, 0, given.minutes * 60
    try:
        while left > 0:
            part = int(min(left, SLICE_SECONDS) * given.rate)
            seen.blast(part, rate=given.rate)
            sent += part
            missing += seen.missing
            left -= SLICE_SECONDS
    finally:
        over.set()
        looking.join()
    seen.missing = missing
    return course, sent


def _tell(seen: Weighed, given: argparse.Namespace, course: Course, sent: int) -> None:
    minutes = f"{given.minutes:g} min at {given.rate:,}/s"
    parts: dict[str, Callable[[Sizes], float]] = {
        "PSS of the front end": lambda sizes: sizes.front,
        "PSS of the engine": lambda sizes: sizes.engine,
        "file": lambda sizes: sizes.file,
    }
    for name, of in parts.items():
        first, second = course.halves(given.warm_up, of)
        record(
            Row(
                benchmark="endurance",
                figure=f"{minutes}: {name}, second half over first",
                value=(second / first - 1) * 100,
                unit="%",
                most=MOST_PERCENT,
                medians={"first MB": first, "second MB": second},
                note=f"after a warm-up of {given.warm_up:g} s" if given.warm_up else "",
            )
        )
    counters = seen.counters()
    record(
        Row(
            benchmark="endurance",
            figure=f"{minutes}: messages missing",
            value=sent - counters.received + counters.lost,
            unit="lost",
            most=0,
            medians={"sent": sent, "received": counters.received, "kept": counters.kept},
        )
    )
    record(
        Row(
            benchmark="endurance",
            figure=f"{minutes}: file at its highest, limit {given.keep:,} messages",
            value=max(sizes.file for _, sizes in course.samples),
            unit="MB",
            most=given.keep * MB_FOR_A_MESSAGE + 1,
            medians={"highest log": max(sizes.log for _, sizes in course.samples)},
        )
    )
    seconds = course.samples[-1][0]
    for name, pid in (("front end", seen.front), ("engine", seen.engine)):
        share = cpu_seconds(pid) / seconds * 100
        record(Row(benchmark="endurance", figure=f"{minutes}: a core for the {name}", value=share, unit="%"))


if __name__ == "__main__":
    os.environ.setdefault("LANG", "C.UTF-8")
    main()
