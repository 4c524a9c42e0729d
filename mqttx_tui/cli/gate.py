"""A session's entry to the capture for commands: selects messages, remembers topics, waits for stdout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mqttx_tui.capture.schema import FIRST_OTHER_TOPIC
from mqttx_tui.cli.stream import Stream
from mqttx_tui.model.message import PacketRow, Row
from mqttx_tui.session.base import Sink

Select = Callable[[list[Row]], list[Row]]
"""Which rows are wanted; outgoing ones always are."""

_ACKNOWLEDGEMENTS = frozenset({4, 5, 7})
"""PUBACK, PUBREC and PUBCOMP; those that we send are for inbound messages."""

_OTHERS = 200_000
"""Names of topics past the capture's limit that are remembered at most."""


class Topics:
    """Names of topics by the ids that a capture gave them, and the connection of each."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.connections: dict[int, int] = {}

    def add(self, ident: int, name: str, connection: int) -> None:
        """Remember a topic; the oldest of those past the limit are forgotten."""
        self.names[ident] = name
        self.connections[ident] = connection
        if ident >= FIRST_OTHER_TOPIC and len(self.names) > 2 * _OTHERS:
            others = [other for other in self.names if other >= FIRST_OTHER_TOPIC]
            for other in others[:_OTHERS]:
                del self.names[other], self.connections[other]


class Gate:
    """Implements ``session.base.Sink`` over another one: passes what ``select`` keeps of the rows,
    and is full while ``stream`` is."""

    def __init__(
        self, sink: Sink, connection: int, topics: Topics, select: Select | None, stream: Stream | None
    ) -> None:
        self._sink = sink
        self._connection = connection
        self._topics = topics
        self._select = select
        self._stream = stream
        self.excluded = sink.excluded
        self.event = sink.event
        self.cut_off = sink.cut_off
        self.too_large = sink.too_large
        self.now = sink.now
        if select is None:
            self.messages = sink.messages  # type: ignore[method-assign]
            self.packet = sink.packet  # type: ignore[method-assign]

    @property
    def revision(self) -> int:
        """As the capture says."""
        return self._sink.revision

    @property
    def known(self) -> dict[bytes, int]:
        """Nothing: each topic must be asked for once, so that its name is remembered."""
        return {}

    def topic(self, name: str) -> int | None:
        """As the capture says, and remembered."""
        ident = self._sink.topic(name)
        if ident is not None:
            self._topics.add(ident, name, self._connection)
        return ident

    def messages(self, rows: list[Row]) -> int:
        """Hand on what is wanted; the rest counts as excluded."""
        assert self._select is not None
        kept = self._select(rows)
        if len(kept) < len(rows):
            self._sink.excluded(len(rows) - len(kept))
        return self._sink.messages(kept)

    def packet(self, row: PacketRow) -> None:
        """As it is, but an acknowledgement names no message: what was left out has no id, and those
        after it have others."""
        if row.direction and row.type in _ACKNOWLEDGEMENTS:
            row = replace(row, message=None)
        self._sink.packet(row)

    @property
    def full(self) -> bool:
        """Whether the capture or stdout is behind."""
        return self._sink.full or (self._stream is not None and self._stream.full)

    async def drained(self) -> None:
        """Return once both have caught up."""
        await self._sink.drained()
        if self._stream is not None:
            await self._stream.drained()
