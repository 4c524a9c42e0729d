"""Write the results in docs/benchmarks.md from docs/benchmarks.json; a test compares the two.

    ./dev bench --json docs/benchmarks.json && python scripts/benchmarks_page.py

What stands outside of the two marks is written by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.rows import Row, number

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "benchmarks.md"
REPORT = DOCS / "benchmarks.json"
BEGIN, END = "<!-- results: written by scripts/benchmarks_page.py -->", "<!-- end of results -->"
MISSING = "missing"
VERDICT = {True: "met", False: "**not met**", None: ""}

Report = dict[str, Any]


def page() -> str:
    """The whole page, with the results of the report in it."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    report = json.loads(REPORT.read_text("utf-8"))
    return f"{before}{BEGIN}\n\n{results(report)}\n\n{END}{after}"


def results(report: Report) -> str:
    """Machine, what was not met, and a table for each benchmark."""
    rows = rows_of(report)
    parts = [_machine(report["machine"]), _verdict(report, rows)]
    listed = list(dict.fromkeys([row.benchmark for row in rows]))
    told: set[str] = set()
    for name in listed:
        about = report.get("benchmarks", {}).get(name, {})
        how = about.get("how", "")
        parts.append(_benchmark(name, about.get("text", ""), "" if how in told else how, rows))
        told.add(how)
    return "\n\n".join(parts)


def rows_of(report: Report) -> list[Row]:
    """The report's rows as they were recorded."""
    names = Row.__slots__
    return [Row(**{name: value for name, value in row.items() if name in names}) for row in report["rows"]]


def _machine(machine: dict[str, str]) -> str:
    lines = [f"| {_cell(name)} | {_cell(value)} |" for name, value in machine.items()]
    return "\n".join(["### The machine", "", "| what | which |", "|---|---|", *lines])


def _verdict(report: Report, rows: Iterable[Row]) -> str:
    """In front of all figures: how many budgets were met, and every one that was not."""
    bounded = [row for row in rows if row.met is not None]
    missed = [row for row in bounded if not row.met]
    lines = ["### Met and not met", ""]
    if report["quick"]:
        lines += [
            "**A run with tiny numbers (`--quick`): it shows that benchmarks work, not how fast.**",
            "",
        ]
    lines.append(f"{len(bounded) - len(missed)} of {len(bounded)} budgets were met.")
    lines += [
        f"* Not met: {_cell(row.benchmark)}, {_cell(row.figure)}: {number(row.value)} {row.unit}, "
        f"budget {_cell(row.budget)}."
        for row in missed
    ]
    lines += [f"* Failed, no figures: {_cell(name)}." for name in report["failed"]]
    absent = [name for name, value in report["machine"].items() if value.startswith(MISSING)]
    if absent:
        lines.append(f"* Not on this machine, so not compared with: {', '.join(map(_cell, absent))}.")
    return "\n".join(lines)


def _benchmark(name: str, text: str, how: str, rows: Iterable[Row]) -> str:
    lines = [f"### {name}" + (f": {text}" if text else ""), ""]
    if how:
        lines += [how.replace("``", "`"), ""]
    lines += ["| figure | measured | budget | | each party | note |", "|---|---:|---|---|---|---|"]
    for row in rows:
        if row.benchmark != name:
            continue
        parties = ", ".join(f"{party} {number(value)}" for party, value in row.medians.items())
        cells = [
            row.figure,
            f"{number(row.value)} {row.unit}",
            row.budget,
            VERDICT[row.met],
            parties,
            row.note,
        ]
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.strip().replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").replace(">", "&gt;")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
