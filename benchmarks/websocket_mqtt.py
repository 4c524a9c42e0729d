"""MQTT over WebSocket: ours against ``mosquitto_sub`` over TCP and against others over WebSocket, in turn
on one broker with a listener for each.

mosquitto 2.0's WebSocket listener is the limit here, so there is no budget but that nothing is lost.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.measured import SCRATCH
from benchmarks.rows import alternate, medians, quick, record, record_ratios
from benchmarks.session_rate import OURS, SUBSCRIBE, WEBSOCKET, Comparison, broker, lost

NAME = "websocket-mqtt"


def compare(count: int, rounds: int) -> None:
    """Record the ratio to each, and what was lost."""
    listeners = {"tcp": [], WEBSOCKET: ["protocol websockets"]}
    with (
        tempfile.TemporaryDirectory(dir=SCRATCH, prefix="bench-") as directory,
        broker(listeners=listeners) as server,
    ):
        comparison = Comparison(server, count, 0, Path(directory), websocket=True)
        found = medians(alternate(rounds, comparison.parties()))

    def figure(other: str) -> str:
        way = "TCP" if other == SUBSCRIBE else "ws"
        return f"{count:,} messages of 200 B at QoS 0 over ws / {other}, {way}"

    record_ratios(NAME, OURS, found, figure, comparison.note())
    record(lost(NAME, comparison.runs))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    compare(quick(given.count, 2_000), quick(given.rounds, 1))


if __name__ == "__main__":
    main()
