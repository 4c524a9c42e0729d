"""What ``record`` does: several connections, one capture file."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from mqttx_tui.capture.limits import Limits, for_memory
from mqttx_tui.cli.gate import Gate, Select, Topics
from mqttx_tui.cli.headless import Run, connected, run_engine
from mqttx_tui.cli.output import say
from mqttx_tui.cli.selection import selection
from mqttx_tui.engine.engine import LETTERS, LocalEngine
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.message import OUTGOING, Row
from mqttx_tui.model.profile import Profile
from mqttx_tui.session.base import Sink

UNLIMITED = Limits(messages=1 << 62, bytes=1 << 62)
"""A recording keeps everything: only a full disk ends that."""


class Tally:
    """Counts what is recorded, over all connections, and ends the run at ``wanted``."""

    def __init__(self, run: Run, wanted: int | None) -> None:
        self._run = run
        self._wanted = wanted
        self.count = 0

    def select(self, rows: list[Row], inner: Select | None) -> list[Row]:
        """What of ``rows`` is recorded: of those that came in, not more than was asked for."""
        kept = rows if inner is None else inner(rows)
        if self._wanted is None:
            self.count += len(kept)
            return kept
        if any(row[2] & OUTGOING for row in kept):
            return [row for row in kept if row[2] & OUTGOING or self._take(1)]
        return kept[: self._take(len(kept))]

    def _take(self, offered: int) -> int:
        """How many of so many still fit; ends the run once nothing does."""
        assert self._wanted is not None
        taken = min(offered, self._wanted - self.count)
        self.count += taken
        if self.count == self._wanted:
            self._run.finish(Exit.DONE)
        return taken


async def record(profiles: Sequence[Profile], namespace: Namespace) -> Exit:
    """Record until count, time or an error ends it."""
    run, topics = Run(), Topics()
    tally = Tally(run, namespace.count)
    selects: dict[str, Select | None] = {
        profile.key: selection(
            namespace.where,
            no_retained=False,
            topics=topics,
            label=profile.label,
            letter=LETTERS[number : number + 1],
        )
        for number, profile in enumerate(profiles)
    }
    keys = iter([profile.key for profile in profiles])

    def wrap(connection: int, sink: Sink) -> Sink:
        inner = selects[next(keys)]
        return Gate(sink, connection, topics, lambda rows: tally.select(rows, inner), None)

    async def work(engine: LocalEngine, connections: list[int]) -> None:
        if await run.until(connected):
            code = Exit.DONE if namespace.count is None else Exit.NOT_ACHIEVED
            run.end_after(namespace.timeout, code)

    capture = str(Path(namespace.capture).expanduser())
    limits = for_memory(UNLIMITED, namespace.low_memory)
    if limits.low_memory:
        say(f"little memory: a short queue, and at most {limits.topics:,} topics are counted one by one")
    code = await run_engine(run, profiles, work, capture=capture, limits=limits, wrap=wrap)
    say(f"recorded {tally.count} messages in {capture}")
    return code
