"""Topics that are left out before they are captured: the same blast with nothing and with 90 % excluded.

An excluded message is received, acknowledged and counted, and never becomes a row.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.blast import Blaster
from benchmarks.capturing import Blast, recording, subscribed
from benchmarks.measured import SCRATCH
from benchmarks.rows import Row, alternate, medians, quick, record
from benchmarks.session_rate import broker
from tests.support.mosquitto import Mosquitto

NOISY = 9
"""Of ten messages."""
ALL, FEW = "nothing excluded", "90 % excluded"

CONFIG = """
[connections.lab]
url = "mqtt://127.0.0.1:{port}"
subscriptions = ["blast/#"]
exclude = {exclude}
"""


class Excluding:
    """One broker, one blast, and two profiles."""

    def __init__(self, server: Mosquitto, count: int, directory: Path) -> None:
        self.runs: dict[str, list[Blast]] = {ALL: [], FEW: []}
        self._server = server
        self._count = count
        self._directory = directory

    def party(self, name: str, exclude: str) -> Callable[[], float]:
        """A run with this ``exclude`` in the profile; messages received a second."""
        config = self._directory / f"{len(exclude)}.toml"
        config.write_text(CONFIG.format(port=self._server.port, exclude=exclude))

        def run() -> float:
            ready = subscribed(self._server)
            with recording(self._directory, "lab", ready, "--config", str(config)) as capture:
                blaster = Blaster(self._server.port, self._count, noisy=NOISY)
                found = capture.measure(blaster.fire, self._count)
                blaster.wait()
            self.runs[name].append(found)
            return found.rate

        return run


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    count, rounds = quick(given.count, 5_000), quick(given.rounds, 1)
    with tempfile.TemporaryDirectory(dir=SCRATCH, prefix="bench-") as directory, broker() as server:
        both = Excluding(server, count, Path(directory))
        parties = {ALL: both.party(ALL, "[]"), FEW: both.party(FEW, '["blast/noisy/#"]')}
        found = medians(alternate(rounds, parties))
    _report(both, found, count)


def _report(both: Excluding, found: dict[str, float], count: int) -> None:
    record(
        Row(
            benchmark="exclude",
            figure=f"{count:,} messages, 90 % excluded / nothing excluded",
            value=found[FEW] / found[ALL],
            unit="x",
            medians=found,
            note="messages received/s",
        )
    )
    cpu = medians({name: [run.cpu for run in runs] for name, runs in both.runs.items()})
    kept = cpu[ALL]
    excluded = max((cpu[FEW] - kept * (10 - NOISY) / 10) / (NOISY / 10), 0.0)
    record(
        Row(
            benchmark="exclude",
            figure="CPU of an excluded message, of that of a kept one",
            value=excluded / max(kept, 0.001) * 100,
            unit="%",
            medians={"kept": kept, "excluded": excluded},
            note="us; reading and taking apart is the same for both",
        )
    )
    counted = {name: [run.counters for run in runs] for name, runs in both.runs.items()}
    missing = [count - one.kept - one.evicted - one.excluded for runs in counted.values() for one in runs]
    excluded_all, wanted = sum(one.excluded for one in counted[FEW]), len(counted[FEW]) * count * NOISY // 10
    record(
        Row(
            benchmark="exclude",
            figure="messages neither kept nor counted as excluded",
            value=sum(missing) + abs(wanted - excluded_all),
            unit="lost",
            most=0,
            note=f"{excluded_all:,} excluded, {wanted:,} of them wanted",
        )
    )


if __name__ == "__main__":
    main()
