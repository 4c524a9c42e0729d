"""What one transaction may hold."""

from __future__ import annotations

import pytest

from mqttx_tui.capture.batch import FULL_BYTES, FULL_ROWS, Mailbox, Part
from mqttx_tui.model.message import Row


@pytest.mark.parametrize(("rows", "size"), [(500, 200), (1, 1_000_000), (3, 10_000_000)])
def test_batches_are_bounded_by_rows_and_by_bytes(rows: int, size: int) -> None:
    mailbox = Mailbox()
    row = Row(1, 1, 0, size, b"", None)
    for number in range(60):
        mailbox.add(Part(1 + number * rows, 1, [row] * rows, 0, size * rows))
    batches = mailbox.take()
    assert len(batches) > 1
    assert [part.first for batch in batches for part in batch.parts] == [1 + n * rows for n in range(60)]
    for batch in batches:
        assert (batch.rows, batch.size) == (rows * len(batch.parts), rows * size * len(batch.parts))
        assert batch.rows < FULL_ROWS + rows
        assert batch.size < FULL_BYTES + rows * size
