"""Headless capture of a blast against ``mosquitto_sub``, in alternating runs on one broker.

``python -m benchmarks.session_rate --qos 1 --inflight 20``
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.blast import Blaster
from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.writer import CaptureWriter
from mqttx_tui.model.message import Row
from mqttx_tui.model.profile import Profile, Resolved, Subscription
from mqttx_tui.session.registry import make_session
from tests.support.mosquitto import Mosquitto, find
from tests.support.sinks import MemoryObserver
from tests.support.wait import eventually, until

SCRATCH = "/dev/shm"


def rival(broker: Mosquitto, count: int, qos: int) -> float:
    """Messages a second that ``mosquitto_sub -v`` writes to /dev/null."""
    program = find("mosquitto_sub")
    assert program
    before = broker.log.count("blast/#")
    command = [program, "-p", str(broker.port), "-v", "-q", str(qos), "-t", "blast/#", "-C", str(count)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        until(lambda: broker.log.count("blast/#") > before, "mosquitto_sub subscribes")
        blaster = Blaster(broker.port, count, qos=qos)
        began = blaster.fire()
        process.wait(120)
        took = (time.monotonic_ns() - began) / 1e9
        blaster.wait()
    return count / took


async def ours(broker: Mosquitto, count: int, qos: int) -> tuple[float, int, float]:
    """(messages a second, first to last committed; how many; CPU microseconds for each)."""
    with tempfile.TemporaryDirectory(dir=SCRATCH) as directory:
        limits = Limits(1_000_000, 400_000_000, 100_000)
        writer = CaptureWriter(Path(directory, "capture.db"), limits=limits, kept=False)
        url = f"mqtt://127.0.0.1:{broker.port}"
        ident = writer.connection(name="bench", letter="A", url=url, protocol="mqtt")
        got, last_at = 0, 0

        def committed(first: int, rows: Sequence[Row]) -> None:
            nonlocal got, last_at
            got += len(rows)
            last_at = time.monotonic_ns()

        writer.listen(committed)
        observer = MemoryObserver()
        profile = Profile("bench", url, mqtt="3.1.1", subscriptions=(Subscription("blast/#", qos),))
        session = make_session(profile, writer.sink(ident), observer)
        running = asyncio.create_task(session.run(Resolved(profile)))
        await eventually(lambda: observer.subscriptions)
        blaster = await asyncio.to_thread(Blaster, broker.port, count, qos=qos)
        cpu = time.process_time()
        began = await asyncio.to_thread(blaster.fire)
        await eventually(lambda: got >= count or running.done(), timeout=60)
        cpu = time.process_time() - cpu
        await asyncio.to_thread(blaster.wait)
        await session.close()
        await running
        await writer.close(delete=True)
        return got / ((last_at - began) / 1e9), got, cpu / max(got, 1) * 1e6


def compare(count: int, qos: int, inflight: int, rounds: int) -> None:
    """Print both rates and their ratio."""
    with tempfile.TemporaryDirectory() as directory:
        broker = Mosquitto(Path(directory))
        broker.options = [
            "allow_anonymous true",
            "max_queued_messages 0",
            f"max_inflight_messages {inflight}",
        ]
        broker.options += ["log_type none", "log_type subscribe", "set_tcp_nodelay true"]
        broker.start()
        try:
            ratios = []
            for number in range(rounds):
                theirs = rival(broker, count, qos)
                rate, got, cpu = asyncio.run(ours(broker, count, qos))
                ratios.append(rate / theirs)
                print(
                    f"round {number + 1}: mosquitto_sub {theirs:9,.0f}/s  ours {rate:9,.0f}/s  "
                    f"ratio {rate / theirs:.2f}  {got:,} of {count:,}  {cpu:.1f} µs of CPU each",
                    flush=True,
                )
            print(f"QoS {qos}, inflight {inflight}: median ratio {statistics.median(ratios):.2f}")
        finally:
            broker.stop()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300_000)
    parser.add_argument("--qos", type=int, default=0)
    parser.add_argument("--inflight", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    compare(given.count, given.qos, given.inflight, given.rounds)


if __name__ == "__main__":
    main()
