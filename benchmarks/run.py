"""``./dev bench [NAME…] [--json FILE [--add]] [--quick]``: run the benchmarks, one after the other.

Each compares with its rivals in the same run and prints ratios; nothing else should run meanwhile.
``--quick`` runs each with tiny numbers: it shows that the benchmark works, and says nothing about speed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.rows import QUICK, ROWS, Row
from benchmarks.table import BENCHMARKS

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> int:
    """Run them; returns 0, 1 where one failed or missed its budget, or 2 for an unknown name."""
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the machine and every row there")
    parser.add_argument("--add", action="store_true", help="keep what FILE has of other benchmarks")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.names if name not in BENCHMARKS]
    if unknown:
        known = "\n".join(f"  {name:<20} {each.text}" for name, each in BENCHMARKS.items())
        print(f"no benchmark named {', '.join(unknown)}; there are:\n{known}", file=sys.stderr)
        return 2
    if given.quick:
        os.environ[QUICK] = "1"
    machine = describe()
    print("\n".join(f"{name}: {value}" for name, value in machine.items()), flush=True)
    names = given.names or [name for name, each in BENCHMARKS.items() if not each.long]
    rows: list[Row] = []
    failed = []
    for name in names:
        found, code = run(name)
        rows += found
        failed += [name] if code else []
    summary(rows, failed)
    if given.json:
        keep(given.json, machine, names, rows, failed, quick=given.quick, add=given.add)
    missed = [] if given.quick else [row for row in rows if row.met is False]
    return 1 if failed or missed else 0


def keep(
    path: Path,
    machine: dict[str, str],
    names: Sequence[str],
    rows: Sequence[Row],
    failed: Sequence[str],
    *,
    quick: bool,
    add: bool,
) -> None:
    """Write the report; with ``add`` what the file has of benchmarks that did not run now stays."""
    before = json.loads(path.read_text("utf-8")) if add and path.exists() else {}
    order = [name for name in BENCHMARKS if name in {*names, *before.get("benchmarks", {})}]
    found = [row for row in before.get("rows", []) if row["benchmark"] not in names]
    found += [{**json.loads(_json(row)), "met": row.met} for row in rows]
    report = {
        "machine": before.get("machine", machine),
        "benchmarks": {name: {"text": BENCHMARKS[name].text, "how": BENCHMARKS[name].how} for name in order},
        "quick": quick,
        "failed": [*(name for name in before.get("failed", []) if name not in names), *failed],
        "rows": sorted(found, key=lambda row: order.index(row["benchmark"])),
    }
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")


def run(name: str) -> tuple[list[Row], int]:
    """The rows of one benchmark, and its exit code."""
    benchmark = BENCHMARKS[name]
    print(f"\n== {name}: {benchmark.text}", flush=True)
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl") as file:
        command = [sys.executable, "-m", f"benchmarks.{benchmark.module}", *benchmark.arguments]
        started = time.monotonic()
        code = subprocess.call(command, cwd=ROOT, env={**os.environ, ROWS: file.name})
        print(f"   {time.monotonic() - started:.0f} s" + (f", exit code {code}" if code else ""), flush=True)
        return [Row(**{**json.loads(line), "benchmark": name}) for line in file], code


def summary(rows: list[Row], failed: list[str]) -> None:
    """Every row again, in one table."""
    print("\n== all rows")
    for row in rows:
        print(f"{row.benchmark:<20} {row.line()}")
    for name in failed:
        print(f"{name:<20} FAILED")


def _json(row: Row) -> str:
    return json.dumps({name: getattr(row, name) for name in Row.__slots__})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
