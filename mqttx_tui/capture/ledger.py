"""The counters of one connection: received = kept + evicted + excluded + lost."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from mqttx_tui.model.state import Counters


@dataclass(slots=True)
class Tally:
    """Counts of received messages, except ``sent``; each field has one thread that writes it."""

    received: int = 0
    """On the event loop, like all fields up to ``paused_seconds``: also what is still queued."""
    sent: int = 0
    excluded: int = 0
    cut_off: int = 0
    too_large: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    paused_seconds: float = 0.0
    stored: int = 0
    """By the writer's thread, like all fields below: rows that came into the file."""
    stored_sent: int = 0
    evicted: int = 0
    lost: int = 0

    def counters(self) -> Counters:
        """As of now; messages that wait to be written count as kept."""
        return self._counters(self.received, self.sent)

    def written(self) -> Counters:
        """As far as the file goes, so that it agrees with its rows after a crash."""
        return self._counters(self.stored + self.lost + self.excluded, self.stored_sent)

    def _counters(self, received: int, sent: int) -> Counters:
        return Counters(
            received=received,
            sent=sent,
            kept=received - self.evicted - self.excluded - self.lost,
            evicted=self.evicted,
            excluded=self.excluded,
            lost=self.lost,
            cut_off=self.cut_off,
            too_large=self.too_large,
            paused_seconds=round(self.paused_seconds, 3),
            bytes_in=self.bytes_in,
            bytes_out=self.bytes_out,
        )

    @classmethod
    def resumed(cls, counters: Counters) -> Tally:
        """Goes on from an existing capture."""
        return cls(
            received=counters.received,
            sent=counters.sent,
            excluded=counters.excluded,
            cut_off=counters.cut_off,
            too_large=counters.too_large,
            bytes_in=counters.bytes_in,
            bytes_out=counters.bytes_out,
            paused_seconds=counters.paused_seconds,
            stored=counters.kept + counters.evicted,
            stored_sent=counters.sent,
            evicted=counters.evicted,
            lost=counters.lost,
        )


def to_json(counters: dict[int, Counters]) -> str:
    """``{connection id: {counter: number}}``, as ``meta`` keeps it."""
    return json.dumps({str(ident): asdict(each) for ident, each in counters.items()})


def from_json(text: str) -> dict[int, Counters]:
    """Inverse of ``to_json``; counters that this version does not know are left out."""
    known = Counters.__dataclass_fields__
    return {
        int(ident): Counters(**{name: value for name, value in each.items() if name in known})
        for ident, each in json.loads(text).items()
    }
