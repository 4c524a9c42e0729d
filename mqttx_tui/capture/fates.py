"""What became of outgoing messages, from the packets that name them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from mqttx_tui.capture.rows import FateRow
from mqttx_tui.model.message import DROPPED, OUTGOING, QUEUED

PUBLISH, PUBACK, PUBREC, PUBCOMP = 3, 4, 5, 7
_REFUSED = 0x80


def fates(database: sqlite3.Connection, ids: Iterable[int]) -> dict[int, FateRow]:
    """The fate of each outgoing message among ``ids``."""
    wanted = json.dumps(list(ids))
    found = {
        ident: FateRow(ident, "queued" if flags & QUEUED else "sent")
        for ident, flags in database.execute(
            "SELECT id, flags FROM message WHERE id IN (SELECT value FROM json_each(?)) AND flags & ?",
            (wanted, OUTGOING),
        ).fetchall()
    }
    packets: dict[int, list[tuple[int, int, int, int | None]]] = {}
    for ident, *packet in database.execute(
        "SELECT message, at, direction, type, reason FROM packet"
        " WHERE message IN (SELECT value FROM json_each(?)) AND message IS NOT NULL ORDER BY id",
        (wanted,),
    ).fetchall():
        packets.setdefault(ident, []).append((packet[0], packet[1], packet[2], packet[3]))
    return {ident: _fate(fate, packets.get(ident, [])) for ident, fate in found.items()}


def _fate(before: FateRow, packets: Sequence[tuple[int, int, int, int | None]]) -> FateRow:
    state = before.state
    handed_over: int | None = None
    reason: int | None = None
    milliseconds: float | None = None
    taken: int | None = None
    for at, direction, kind, code in packets:
        if kind == DROPPED:
            state, reason = "dropped", code
        elif kind == PUBLISH and direction == 1:
            state = "sent"
            handed_over = at if handed_over is None else handed_over
        elif direction == 0 and (kind in (PUBACK, PUBCOMP) or (kind == PUBREC and (code or 0) >= _REFUSED)):
            state = "refused" if (code or 0) >= _REFUSED else "acknowledged"
            reason = code or taken
            if handed_over is not None:
                milliseconds = (at - handed_over) / 1e6
        elif direction == 0 and kind == PUBREC:
            taken = code  # what PUBCOMP does not say again: nobody subscribes to it
    return FateRow(before.message, state, reason, milliseconds)
