"""What a benchmark found: one row for each figure, with its budget, kept for the table and for JSON.

A benchmark is a module that runs alone (``python -m benchmarks.NAME``) and calls ``record`` for each
figure; under ``./dev bench`` the rows go to the file that ``$MQTTX_TUI_BENCH_ROWS`` names as well.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROWS = "MQTTX_TUI_BENCH_ROWS"
QUICK = "MQTTX_TUI_BENCH_QUICK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure. ``least`` or ``most`` is its budget, in ``unit``; without either it only informs.

    ``unit``: ``x`` (a ratio), ``s``, ``ms``, ``us``, ``B``, ``MB``, ``%``, ``B/s``, ``/s``, ``lost`` or "".
    ``medians``: what was measured of each party, by its name. ``note``: one line, such as what is missing.
    """

    benchmark: str
    figure: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None
    medians: Mapping[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the budget was met; None without one."""
        if self.least is None and self.most is None:
            return None
        above = self.least is None or self.value >= self.least
        return above and (self.most is None or self.value <= self.most)

    @property
    def budget(self) -> str:
        """``>= 0.8 x``, or nothing."""
        bounds = [(">=", self.least), ("<=", self.most)]
        return " ".join(f"{sign} {number(bound)} {self.unit}" for sign, bound in bounds if bound is not None)

    def line(self) -> str:
        """One line of the table."""
        verdict = {True: "met", False: "NOT MET", None: ""}[self.met]
        parties = "  ".join(f"{name} {number(value)}" for name, value in self.medians.items())
        parts = f"{self.figure:<58} {number(self.value):>11} {self.unit:<4} {self.budget:<14} {verdict:<8}"
        return f"{parts} {parties} {self.note}".rstrip()


def record(row: Row) -> None:
    """Print the row, and keep it where ``./dev bench`` looks."""
    print(row.line(), flush=True)
    path = os.environ.get(ROWS)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(row)) + "\n")


def quick(full: int, small: int) -> int:
    """``full``, or ``small`` where only the benchmark itself is tried (``./dev bench --quick``)."""
    return small if os.environ.get(QUICK) else full


def rival(name: str) -> str | None:
    """The path of another program, or None; that it is missing is said."""
    found = shutil.which(name)
    if found is None:
        print(f"{name} is not on PATH: not measured", flush=True)
    return found


def alternate(rounds: int, parties: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """What each party took or reached, measured in turn so that a busy moment hits all alike."""
    found: dict[str, list[float]] = {name: [] for name in parties}
    for _ in range(rounds):
        for name, run in parties.items():
            found[name].append(run())
    return found


def medians(found: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The median of each party."""
    return {name: statistics.median(values) for name, values in found.items()}


def record_ratios(
    benchmark: str, ours: str, found: Mapping[str, float], figure: Callable[[str], str], note: str
) -> None:
    """A row for each other party: ours to it, without a budget."""
    for other in [name for name in found if name != ours]:
        ratio = found[ours] / found[other] if found[other] else 0.0
        row = Row(benchmark=benchmark, figure=figure(other), value=ratio, unit="x", medians=found, note=note)
        record(row)


def number(value: float) -> str:
    """As tables show it."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3g}"
