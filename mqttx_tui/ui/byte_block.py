"""The meanings of the bytes at the cursor, as a block of lines that keep their places. No widgets."""

from __future__ import annotations

from mqttx_tui.model.visible import visible
from mqttx_tui.payload.interpret import Reading, byte_line, readings
from mqttx_tui.ui.safe import fit
from mqttx_tui.ui.widgets.ink import Piece

NAME_CELLS = 8
LEAST_DUMP = 6
"""Rows of the dump that the block leaves."""
LEAST_HEIGHT = 5
_IN_ORDER = ("u16", "u32", "u64", "i64", "f32", "f64", "varint", "time")
_BY_USE = ("u16", "u32", "f32", "time", "varint", "u64", "f64", "i64")
"""Which meanings go first where not all of them have room."""


def block_height(height: int) -> int:
    """Lines of the block in a view of so many: the rule, the byte, and some of its meanings."""
    if height < LEAST_HEIGHT:
        return 0
    return 2 + min(max(height - 2 - max(LEAST_DUMP, height // 2), 0), len(_BY_USE))


def block_lines(data: bytes, cells: int, height: int) -> list[list[Piece]]:
    """``height`` lines about the bytes from the cursor on; a meaning that they do not have stays empty."""
    column = (cells - NAME_CELLS - 1) // 2
    pieces = [_rule(cells, column, with_heads=height > 2), _byte(data)]
    found = _merged(readings(data))
    chosen = _BY_USE[: max(height - 2, 0)]
    for name in _IN_ORDER:
        if name in chosen:
            pieces.append(_row(name, found.get(name), column))
    return pieces[:height]


def _rule(cells: int, column: int, *, with_heads: bool) -> list[Piece]:
    if not with_heads:
        return [("─" * cells, "rule")]
    little, big = " little endian ", " big endian "
    return [
        ("─" * NAME_CELLS, "rule"),
        (little, "dim"),
        ("─" * (column - len(little)), "rule"),
        (big, "dim"),
        ("─" * (cells - NAME_CELLS - column - len(big)), "rule"),
    ]


def _byte(data: bytes) -> list[Piece]:
    line: list[Piece] = [(" ", "text")]
    for name, text in byte_line(data):
        line += [(f"{name} ", "dim"), (f"{visible(text)}   ", "text")]
    return line


def _row(name: str, reading: Reading | None, column: int) -> list[Piece]:
    line: list[Piece] = [(fit(f" {name}", NAME_CELLS + 1), "dim")]
    if reading is not None and reading.big is None:
        line.append((reading.little, "text"))
    elif reading is not None:
        line += [(fit(reading.little, column), "text"), (fit(reading.big or "", column), "text")]
    return line


def _merged(found: list[Reading]) -> dict[str, Reading]:
    """One reading a row: small numbers with their signed form behind, the first time of each order."""
    by_name: dict[str, Reading] = {}
    for reading in found:
        if reading.name in ("i16", "i32"):
            whole = by_name["u" + reading.name[1:]]
            by_name[whole.name] = Reading(
                whole.name,
                _with_sign(whole.little, reading.little),
                _with_sign(whole.big or "", reading.big or ""),
            )
        elif reading.name.startswith("time"):
            before = by_name.get("time", Reading("time", "", ""))
            by_name["time"] = Reading(
                "time", before.little or reading.little, before.big or reading.big or ""
            )
        else:
            by_name[reading.name] = reading
    return by_name


def _with_sign(unsigned: str, signed: str) -> str:
    return f"{unsigned} ({signed})" if signed else unsigned
