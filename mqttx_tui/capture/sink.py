"""One connection's entry to the capture, on the event loop (``session.base.Sink``)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Protocol

from mqttx_tui.capture.batch import Part
from mqttx_tui.capture.ledger import Tally
from mqttx_tui.capture.topic_ids import TopicIds, Topics
from mqttx_tui.model.message import OUTGOING, PacketRow, Row

Secrets = Callable[[], Iterable[str]]
"""The secret strings that the connection uses, as of now."""

Redact = Callable[[PacketRow, tuple[str, ...]], tuple[bytes, bool]]
"""``redact(row, secrets)``: the raw bytes to store, and whether something was made unreadable."""

RAW_KEPT = 65_536
"""Bytes of a control packet that are kept; our own publishes stand in ``message`` anyway."""

FRAME_KEPT = 4_096
"""Bytes of the heads of frames that are kept: those of some 300 fragments."""

_CARRIES_SECRETS = frozenset({1, 15})
"""CONNECT and AUTH: stored without bytes where nothing can redact them."""

_LARGEST_INTEGER = 2**63 - 1
"""What a column takes."""
_SHORTEST_SECRET = 4
"""Shorter ones are in any packet by chance; only the redaction proper can tell."""

_flags = itemgetter(2)
_size = itemgetter(3)


class Intake(Topics, Protocol):
    """What a sink needs of the writer."""

    def take(self, rows: Sequence[Row], connection: int, sent: int, size: int) -> Part:
        """Queue rows."""

    def packet(self, row: tuple[object, ...]) -> None:
        """Queue a row of ``packet``."""

    def event(self, connection: int, kind: str, text: str) -> None:
        """Queue an event."""

    def now(self) -> int:
        """Time stamp."""

    @property
    def full(self) -> bool:
        """Over the high water mark."""

    async def drained(self) -> None:
        """Under the low water mark."""


class ConnectionSink:
    """Implements ``session.base.Sink``."""

    def __init__(
        self,
        intake: Intake,
        connection: int,
        tally: Tally,
        topics: Mapping[str, int],
        exclude: Sequence[str],
        secrets: Secrets,
        redact: Redact | None,
    ) -> None:
        self._intake = intake
        self._connection = connection
        self._tally = tally
        self._secrets = secrets
        self._redact = redact
        self.now = intake.now
        self._topics = TopicIds(intake, connection, topics)
        self.topic = self._topics.topic
        self.forget_others = self._topics.forget_others
        self.exclude = self._topics.exclude
        if exclude:
            self.exclude(exclude)

    @property
    def revision(self) -> int:
        """Grows when ``topic`` may answer differently than before."""
        return self._topics.revision

    @property
    def known(self) -> dict[bytes, int]:
        """What ``topic`` answered, by the topic's bytes; another dictionary after ``exclude``."""
        return self._topics.known

    def messages(self, rows: list[Row]) -> int:
        """Take rows in order of arrival; returns the id of the first, ids are contiguous."""
        sent = 0
        if any(flags & OUTGOING for flags in set(map(_flags, rows))):
            sent = sum(1 for row in rows if row[2] & OUTGOING)
        size = sum(map(_size, rows))
        tally = self._tally
        tally.received += len(rows) - sent
        if sent:
            size_out = size if sent == len(rows) else sum(row[3] for row in rows if row[2] & OUTGOING)
            tally.sent += sent
            tally.bytes_out += size_out
            tally.bytes_in += size - size_out
        else:
            tally.bytes_in += size
        return self._intake.take(rows, self._connection, sent, size).first

    def excluded(self, count: int) -> None:
        """Count received messages that ``topic`` told to leave out."""
        self._tally.received += count
        self._tally.excluded += count

    def packet(self, row: PacketRow) -> None:
        """Record a control packet, redacted, under this connection."""
        raw, redacted = self._redacted(row)
        size = min(row.size or len(row.raw), _LARGEST_INTEGER)  # a frame may announce 2^64 - 1 bytes
        self._intake.packet(
            (
                *(row.at, self._connection, row.direction, row.type, row.message, row.packet_id),
                *(row.reason, row.count, int(redacted), size, raw[:RAW_KEPT]),
                row.frame[:FRAME_KEPT] or None,
            )
        )

    def _redacted(self, row: PacketRow) -> tuple[bytes, bool]:
        """No byte of a secret passes: what still holds one after redaction is left out whole."""
        raw, redacted = row.raw, row.redacted
        if not raw:
            return b"", redacted
        secrets = tuple(secret for secret in self._secrets() if secret)
        if not redacted:
            if self._redact is not None:
                raw, redacted = self._redact(replace(row, connection=self._connection), secrets)
            elif row.type in _CARRIES_SECRETS:
                return b"", True
        searched = (secret.encode("utf-8", "surrogatepass") for secret in secrets)
        if any(secret in raw for secret in searched if len(secret) >= _SHORTEST_SECRET):
            return b"", True
        return raw, redacted

    def event(self, kind: str, text: str) -> None:
        """Record an event of this connection."""
        self._intake.event(self._connection, kind, text)

    def cut_off(self) -> None:
        """Count a packet that was begun and never finished."""
        self._tally.cut_off += 1

    def too_large(self) -> None:
        """Count a packet over the maximum packet size."""
        self._tally.too_large += 1

    @property
    def full(self) -> bool:
        """Whether reading should pause: the write queue is over its high water mark."""
        return self._intake.full

    async def drained(self) -> None:
        """Return once the write queue is under its low water mark; counts the time as paused."""
        started = time.monotonic()
        try:
            await self._intake.drained()
        finally:
            self._tally.paused_seconds += time.monotonic() - started
