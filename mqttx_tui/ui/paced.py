"""Many publishes, one after the other at a pace that no broker minds; can be stopped. No widgets."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.ui.workspace import Workspace

PAUSE_SECONDS = 0.01
"""Between two publishes: at most 100 a second."""
ANSWER_SECONDS = 5.0
"""So long the last acknowledgements are waited for."""
LOOK_SECONDS = 0.05


@dataclass(slots=True)
class Outcome:
    """What became of the publishes: topic and message id of those handed over, reasons of the others."""

    sent: dict[int, str] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    stopped: str = ""

    @property
    def done(self) -> int:
        """How many went out and were not refused."""
        return len(self.sent)

    def add(self, other: Outcome) -> None:
        """Take a later part's outcome in."""
        self.sent |= other.sent
        self.failed += other.failed
        self.stopped = other.stopped

    def troubles(self) -> str:
        """``, 2 failed (0x87 Not authorized)`` or nothing."""
        if not self.failed:
            return ""
        reasons = "; ".join(reason for reason, _ in self.failed.most_common(2))
        return f", {sum(self.failed.values()):,} failed ({reasons})"


class Paced:
    """Publishes on one connection.

    ``fates`` says of message ids why they were refused, "" for those that were acknowledged; those that
    were not answered yet are not among what it returns. ``progress`` is told how many went out.
    """

    def __init__(
        self,
        workspace: Workspace,
        connection: int,
        fates: Callable[[list[int]], dict[int, str]],
        progress: Callable[[int], None],
    ) -> None:
        self._workspace, self._connection = workspace, connection
        self._fates, self._progress = fates, progress
        self._stopped = False

    def stop(self) -> None:
        """Send no more."""
        self._stopped = True

    def hindrance(self) -> str:
        """Why nothing can be sent now, or nothing."""
        workspace = self._workspace
        snapshot = workspace.snapshots.get(self._connection)
        if workspace.engine is None:
            return "there is no engine"
        if snapshot is not None and snapshot.read_only:
            return snapshot.read_only_text or "this connection is read-only"
        if self._connection not in workspace.connected_ids():
            return "not connected"
        return ""

    async def run(self, messages: Iterable[Outgoing]) -> Outcome:
        """Send them; with QoS 0 where the broker takes no other."""
        outcome = Outcome()
        asked: list[int] = []
        for outgoing in messages:
            outcome.stopped = "stopped" if self._stopped else self.hindrance()
            if outcome.stopped:
                break
            try:
                message, answered = await self._publish(outgoing)
            except AppError as error:
                outcome.failed[error.message] += 1
            else:
                outcome.sent[message] = outgoing.topic
                asked += [message] if answered else []
            self._progress(outcome.done)
            await asyncio.sleep(PAUSE_SECONDS)
        await self._wait_for(asked, outcome)
        return outcome

    async def _publish(self, outgoing: Outgoing) -> tuple[int, bool]:
        """The message id, and whether the broker will answer."""
        engine = self._workspace.engine
        assert engine is not None
        try:
            return await engine.publish(self._connection, outgoing), outgoing.qos > 0
        except AppError:
            if not outgoing.qos:
                raise
            return await engine.publish(self._connection, replace(outgoing, qos=0)), False

    async def _wait_for(self, asked: list[int], outcome: Outcome) -> None:
        """Count what the broker refused."""
        deadline = asyncio.get_running_loop().time() + ANSWER_SECONDS
        while asked and not self.hindrance() and asyncio.get_running_loop().time() < deadline:
            known = self._fates(asked[:500])
            for message, refusal in known.items():
                if refusal:
                    outcome.failed[refusal] += 1
                    del outcome.sent[message]
            asked = [message for message in asked if message not in known]
            if asked and not known:
                await asyncio.sleep(LOOK_SECONDS)
