"""The blast with the app open in a real 120x40 terminal that is read, against ``mosquitto_sub -v``.

``--flood`` sends 2,000,000 messages once instead: what was sent must be what was captured.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.blast import Blaster
from benchmarks.capturing import Blast, Captured, itself, subscribed
from benchmarks.measured import SCRATCH, cpu_seconds
from benchmarks.rows import Row, alternate, medians, quick, record
from benchmarks.session_rate import broker, lost
from tests.endurance.running import RunningApp, running_app
from tests.support.mosquitto import Mosquitto, find

LEAST = 0.6
OURS, SUBSCRIBE = "mqttx-tui", "mosquitto_sub"


class Opened:
    """The app, open, and its runs; ``painting`` holds the share of a core that painting took in each."""

    def __init__(self, server: Mosquitto, count: int) -> None:
        self.runs: list[Blast] = []
        self.painting: list[float] = []
        self.blaster: Blaster | None = None
        self._server = server
        self._count = count

    def ours(self) -> float:
        """Messages a second, committed while the app shows them."""
        with _app(self._server) as app:
            blaster = self.blaster = Blaster(self._server.port, self._count)
            before = cpu_seconds(app.front.pid)
            run = Captured(app.capture, app.engine.pid).measure(blaster.fire, self._count)
            self.painting.append((cpu_seconds(app.front.pid) - before) / (self._count / run.rate))
            blaster.wait()
        self.runs.append(run)
        return run.rate

    def mosquitto_sub(self) -> float:
        """The same blast, its output thrown away."""
        program = find(SUBSCRIBE)
        assert program
        blaster = Blaster(self._server.port, self._count)
        command = [program, "-p", str(self._server.port), "-v", "-t", "blast/#", "-C", str(self._count)]
        rate = itself(command, subscribed(self._server), blaster.fire, self._count)
        blaster.wait()
        return rate


@contextmanager
def _app(server: Mosquitto) -> Iterator[RunningApp]:
    """Started, subscribed, and at rest."""
    with (
        tempfile.TemporaryDirectory(dir=SCRATCH, prefix="bench-") as directory,
        running_app(Path(directory), server.port, "-t", "blast/#") as app,
    ):
        app.quiet(0.2)
        yield app


def compare(count: int, rounds: int) -> None:
    """Record the ratio, and what was lost."""
    with broker() as server:
        opened = Opened(server, count)
        parties: dict[str, Callable[[], float]] = {SUBSCRIBE: opened.mosquitto_sub, OURS: opened.ours}
        found = medians(alternate(rounds, parties))
    engine = medians({"cpu": [run.cpu for run in opened.runs]})["cpu"]
    painting = medians({"cpu": opened.painting})["cpu"]
    record(
        Row(
            benchmark="app",
            figure=f"{count:,} messages of 200 B at QoS 0, the app open",
            value=found[OURS] / found[SUBSCRIBE],
            unit="x",
            least=LEAST,
            medians=found,
            note=f"messages/s; engine {engine:.1f} us of CPU each, painting {painting:.0%} of a core",
        )
    )
    record(lost("app", opened.runs))


def flood(count: int) -> None:
    """One run: everything that was sent is kept or was evicted."""
    with broker() as server:
        opened = Opened(server, count)
        opened.ours()
    run, blaster = opened.runs[0], opened.blaster
    assert blaster is not None
    written = count / ((blaster.written - blaster.began) / 1e9)
    figure = f"{count:,} messages at full speed, the app open"
    note = f"messages/s; {count / run.rate:.1f} s; engine {run.cpu:.1f} us of CPU each"
    found = {"load generator": written, OURS: run.rate}
    record(Row(benchmark="flood", figure=figure, value=run.rate, unit="/s", medians=found, note=note))
    delivered = run.counters.received
    record(
        Row(
            benchmark="flood",
            figure="messages that the broker did not deliver",
            value=count - delivered,
            unit="lost",
            most=0,
            note=f"{count:,} sent, {delivered:,} received",
        )
    )
    record(lost("flood", opened.runs))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--flood", action="store_true")
    given = parser.parse_args()
    if given.flood:
        flood(quick(given.count or 2_000_000, 20_000))
    else:
        compare(quick(given.count or 300_000, 5_000), quick(given.rounds, 1))


if __name__ == "__main__":
    main()
