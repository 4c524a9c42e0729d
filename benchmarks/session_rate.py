"""Headless capture of a blast (``mqttx-tui record``) against ``mosquitto_sub`` and other subscribers, in
turn on one broker.

``python -m benchmarks.session_rate --qos 1 --inflight 20``
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.blast import Blaster
from benchmarks.capturing import Blast, itself, printing, recording, subscribed
from benchmarks.measured import SCRATCH
from benchmarks.rows import Row, alternate, medians, quick, record, rival
from tests.support.mosquitto import Mosquitto, find

LEAST = 0.8
OURS = "mqttx-tui record"
SUBSCRIBE = "mosquitto_sub"
WEBSOCKET = "websockets"
"""The listener for MQTT over WebSocket."""


class Comparison:
    """One broker, the same blast again and again, and who takes it: ``mosquitto_sub`` over TCP, the
    others over TCP or WebSocket."""

    def __init__(
        self, broker: Mosquitto, count: int, qos: int, scratch: Path, *, websocket: bool = False
    ) -> None:
        self.runs: list[Blast] = []
        self.others: list[str] = []
        self._broker = broker
        self._count = count
        self._qos = qos
        self._scratch = scratch
        self._port = broker.ports[WEBSOCKET] if websocket else broker.port
        self._websocket = websocket
        self._blaster: Blaster | None = None

    def parties(self) -> dict[str, Callable[[], float]]:
        """Whoever is here; the two that are compared first."""
        found: dict[str, Callable[[], float]] = {SUBSCRIBE: self._mosquitto_sub, OURS: self.ours}
        address = ["sub", "-h", "127.0.0.1", "-p", str(self._port), "-t", "blast/#"]
        address += ["-l", "ws"] if self._websocket else []
        for name, text in (("mqtt", "mqtt sub (mqtt.js)"), ("mqttx", "mqttx sub (MQTTX)")):
            if program := rival(name):
                found[text] = self._printing([program, *address, "-v", "-q", str(self._qos)])
            else:
                self.others.append(name)
        return found

    def note(self) -> str:
        """What the figures mean, and who is not here."""
        cpu = medians({"": [run.cpu for run in self.runs]})[""]
        missing = [f"{other} not found" for other in self.others]
        return "; ".join([f"messages/s; {cpu:.1f} us of CPU each", *missing])

    def _mosquitto_sub(self) -> float:
        program = find(SUBSCRIBE)
        assert program
        options = ["-v", "-q", str(self._qos), "-t", "blast/#", "-C", str(self._count)]
        with self._ready() as ready:
            command = [program, "-p", str(self._broker.port), *options]
            return itself(command, ready, self._fire, self._count)

    def _printing(self, command: list[str]) -> Callable[[], float]:
        def run() -> float:
            with self._ready() as ready:
                return printing(command, ready, self._fire, self._count)

        return run

    def ours(self) -> float:
        """One run of ours, kept in ``runs``; messages a second."""
        url = f"{'ws' if self._websocket else 'mqtt'}://127.0.0.1:{self._port}"
        with (
            self._ready() as ready,
            recording(self._scratch, url, ready, "-t", "blast/#", "-q", str(self._qos)) as capture,
        ):
            self.runs.append(capture.measure(self._fire, self._count))
        return self.runs[-1].rate

    @contextmanager
    def _ready(self) -> Iterator[Callable[[], bool]]:
        """A load generator that waits for ``_fire``; yields whether the broker has its subscriber."""
        self._blaster = Blaster(self._broker.port, self._count, qos=self._qos)
        yield subscribed(self._broker)
        self._blaster.wait()

    def _fire(self) -> int:
        assert self._blaster is not None
        return self._blaster.fire()


def compare(count: int, qos: int, inflight: int, rounds: int) -> None:
    """Record the ratio, and what was lost."""
    name = f"capture-qos{qos}-{inflight}" if qos else "capture"
    with tempfile.TemporaryDirectory(dir=SCRATCH, prefix="bench-") as directory, broker(inflight) as server:
        comparison = Comparison(server, count, qos, Path(directory))
        found = medians(alternate(rounds, comparison.parties()))
    record(
        Row(
            benchmark=name,
            figure=f"{count:,} messages of 200 B at QoS {qos}{f', inflight {inflight}' if qos else ''}",
            value=found[OURS] / found[SUBSCRIBE],
            unit="x",
            least=LEAST,
            medians=found,
            note=comparison.note(),
        )
    )
    record(lost(name, comparison.runs))


def lost(name: str, runs: list[Blast]) -> Row:
    """What did not come into the capture, over all runs."""
    sent, kept = sum(run.sent for run in runs), sum(run.counters.kept for run in runs)
    evicted = sum(run.counters.evicted for run in runs)
    return Row(
        benchmark=name,
        figure="messages lost",
        value=sum(run.missing for run in runs),
        unit="lost",
        most=0,
        note=f"{sent:,} sent, {kept:,} kept, {evicted:,} evicted",
    )


@contextmanager
def broker(inflight: int = 0, listeners: dict[str, list[str]] | None = None) -> Iterator[Mosquitto]:
    """A mosquitto that drops nothing for a slow reader."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        server = Mosquitto(Path(directory))
        if listeners is not None:
            server.listeners = listeners
        server.options = ["allow_anonymous true", "max_queued_messages 0"]
        server.options += [f"max_inflight_messages {inflight}", "set_tcp_nodelay true"]
        server.options += ["log_type none", "log_type subscribe"]
        server.start()
        try:
            yield server
        finally:
            server.stop()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300_000)
    parser.add_argument("--qos", type=int, default=0)
    parser.add_argument("--inflight", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    compare(quick(given.count, 5_000), given.qos, given.inflight, quick(given.rounds, 1))


if __name__ == "__main__":
    main()
