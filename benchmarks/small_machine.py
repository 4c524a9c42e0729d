"""Engine and app together in half a core and 256 MB; broker and load generator are outside.

This is measured under limits that the kernel sets on this machine (every row says which), and not on a
Raspberry Pi: a slow core, slow memory and an SD card are something else.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from contextlib import closing

from benchmarks.flood import Flood
from benchmarks.keys import Player, by_name, quantile
from benchmarks.limited import Limited, limited
from benchmarks.measured import SCRATCH, pss
from benchmarks.rows import Row, quick, record
from benchmarks.startup import PROGRAM, first_frame
from benchmarks.watched import Explored, explored
from mqttx_tui.capture.reader import CaptureReader

CORES = 0.5
MEMORY = 256 * 2**20
KEY_RATE = 1_000
RATES = (
    1_000,
    2_000,
    4_000,
    6_000,
    8_000,
    10_000,
    12_500,
    15_000,
    20_000,
    25_000,
    30_000,
    40_000,
    50_000,
    60_000,
)
GENERATED = 0.95
"""Of the rate: where less than this was sent, the load generator is what ends the climb."""
CATCH_UP = 1.0
"""Seconds after the last message was sent in which all must be in the capture."""


def start(box: Limited, rounds: int) -> None:
    """The first frame."""
    with tempfile.TemporaryDirectory(dir=SCRATCH, prefix="bench-") as home:
        taken = [first_frame([*box.command, *PROGRAM], home) for _ in range(rounds)]
    figure = f"first frame, median of {rounds} starts"
    record(
        Row(benchmark="small-machine", figure=figure, value=statistics.median(taken), unit="s", note=box.how)
    )


def keys(app: Explored, box: Limited, seconds: float) -> int:
    """A person's session at a calm rate; returns how many messages were sent."""
    flood = Flood(app.broker.port, KEY_RATE, seconds + 3, kind="mixed")
    began = flood.fire()
    app.terminal.wait_screen("showing")
    player = Player(app.terminal, began + seconds)
    while not player.over:
        player.session()
    sent = flood.stop().sent
    times = [taken * 1000 for _, taken in player.taken]
    for share in (0.5, 0.95, 0.99):
        record(
            Row(
                benchmark="small-machine",
                figure=f"{share:.0%} of keys answered within, {KEY_RATE:,}/s",
                value=quantile(times, share),
                unit="ms",
                note=f"{len(times)} keys, {len(player.lost)} without an answer; ms: {by_name(player)}"
                if share == 0.99
                else box.how,
            )
        )
    record(lost("messages lost while keys were pressed", app.missing(sent), sent))
    return sent


def climb(app: Explored, box: Limited, seconds: float, rates: tuple[int, ...], sent: int) -> None:
    """One rate after the other until one is not taken at once any more; nothing may be lost on the way."""
    held = 0
    failed = ""
    for rate in rates:
        paused = _paused(app)
        flood = Flood(app.broker.port, rate, seconds)
        began = flood.fire()
        done = flood.wait()
        sent += done.sent
        reached = done.sent / max(done.ended - began, 0.001)
        time.sleep(CATCH_UP)
        behind = sent - app.counted()[0]
        held_back = _paused(app) - paused
        if behind or held_back:
            failed = f"at {rate:,}/s {behind:,} behind after {CATCH_UP:g} s, reading paused {held_back:.1f} s"
            break
        if reached < rate * GENERATED:
            failed = f"at {rate:,}/s the load generator reached {reached:,.0f}/s"
            break
        held = rate
    record(
        Row(
            benchmark="small-machine",
            figure=f"highest rate taken without delay, {seconds:g} s each",
            value=held,
            unit="/s",
            note=f"{failed or 'the highest tried'}; {box.how}",
        )
    )
    record(lost("messages lost at any rate", app.missing(sent, 60), sent))


def _paused(app: Explored) -> float:
    with closing(CaptureReader(app.engine.address.capture)) as reader:
        return reader.counters().paused_seconds


def lost(figure: str, number: int, sent: int) -> Row:
    """Nothing may be."""
    note = f"{sent:,} sent"
    return Row(benchmark="small-machine", figure=figure, value=number, unit="lost", most=0, note=note)


def weigh(app: Explored, box: Limited) -> None:
    """Both processes, and everything in the cgroup."""
    with closing(CaptureReader(app.engine.address.capture)) as reader:
        found = reader.counters()
    note = f"limits chosen: {found.limit_bytes / 1e6:.0f} MB, {found.limit_topics:,} topics"
    for name, pid in zip(("front end", "engine"), app.pids, strict=True):
        figure = f"PSS of the {name} after it"
        record(Row(benchmark="small-machine", figure=figure, value=pss(pid) / 1e6, unit="MB", note=note))
    if highest := box.highest():
        figure = "all of it with the capture, at its highest"
        record(
            Row(
                benchmark="small-machine",
                figure=figure,
                value=highest,
                unit="MB",
                most=MEMORY / 1e6,
                medians={"file": found.file_bytes / 1e6},
                note=box.how,
            )
        )


def main() -> None:
    """Measure and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=quick(30, 3))
    given = parser.parse_args()
    with limited(cores=CORES, memory=MEMORY) as box:
        print(f"under limits on this machine, not on a Raspberry Pi: {box.how}", flush=True)
        start(box, quick(5, 1))
        with explored(within=box.command) as app:
            sent = keys(app, box, given.seconds)
            climb(app, box, quick(5, 1), RATES[: quick(len(RATES), 1)], sent)
            weigh(app, box)


if __name__ == "__main__":
    main()
