"""What the app costs while it is connected and nothing arrives: ``python -m benchmarks.idle [SECONDS]``.

Some messages come first, so that there are topics whose ages tick. From five seconds after the last one
on, the CPU time of front end and engine is read from /proc, and the bytes that reach the terminal counted.
"""

from __future__ import annotations

import argparse
import time

from benchmarks.flood import Flood
from benchmarks.measured import cpu_seconds
from benchmarks.rows import Row, quick, record
from benchmarks.watched import explored

SETTLE = 5


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=int, nargs="?", default=quick(30, 2))
    seconds = parser.parse_args().seconds
    with explored() as app:
        flood = Flood(app.broker.port, 500, 2)
        flood.fire()
        flood.wait()
        time.sleep(quick(SETTLE, 1))
        began, before = time.monotonic(), [cpu_seconds(pid) for pid in app.pids]
        time.sleep(seconds)
        ended, after = time.monotonic(), [cpu_seconds(pid) for pid in app.pids]
        shares = [(now - was) / (ended - began) * 100 for was, now in zip(before, after, strict=True)]
        sent = app.terminal.bytes_between(began, ended) / (ended - began)
    parties = {"front end": shares[0], "engine": shares[1]}
    figure = "idle and connected: front end and engine, of one core"
    record(Row(benchmark="idle", figure=figure, value=sum(shares), unit="%", most=1, medians=parties))
    record(
        Row(benchmark="idle", figure="idle and connected: to the terminal", value=sent, unit="B/s", most=100)
    )


if __name__ == "__main__":
    main()
