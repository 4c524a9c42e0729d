"""Acknowledgements of inbound messages in the trace: each one while few, one row a second in a flood."""

from __future__ import annotations

from dataclasses import replace

from mqttx_tui.model.message import SUMMARY, PacketRow

ACKNOWLEDGEMENT_TYPES = frozenset({4, 5, 6, 7})
"""PUBACK, PUBREC, PUBREL, PUBCOMP."""

MOST_PER_SECOND = 1_000
_SECOND = 1_000_000_000


class AcknowledgementSummary:
    """Decides what becomes of the acknowledgements of one direction."""

    def __init__(self) -> None:
        self._started = 0
        self._seen = 0
        self._summed: PacketRow | None = None

    def take(self, row: PacketRow) -> list[PacketRow]:
        """The rows to write now; ``row.count`` may stand for several acknowledgements."""
        due = self.due(row.at)
        if not due and row.at - self._started >= _SECOND:
            self._started, self._seen = row.at, 0
        self._seen += row.count
        if self._seen <= MOST_PER_SECOND and row.count == 1:
            return [*due, row]
        before = self._summed.count if self._summed else 0
        self._summed = replace(
            row, type=SUMMARY, count=before + row.count, packet_id=None, reason=None, raw=b"", redacted=False
        )
        return due

    def due(self, now: int) -> list[PacketRow]:
        """The summary of a second that is over."""
        if self._summed is None or now - self._started < _SECOND:
            return []
        summary, self._summed = self._summed, None
        self._started, self._seen = now, 0
        return [summary]
