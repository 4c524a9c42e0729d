"""docs/benchmarks.md says what the JSON of the run says, the missed budgets first."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from benchmarks.table import BENCHMARKS
from mqttx_tui.capture import limits
from mqttx_tui.ui.remembered import Remembered
from scripts import benchmarks_page
from scripts.benchmarks_page import DOCS, PAGE, REPORT, page, results, rows_of


def report(**changes: Any) -> dict[str, Any]:
    row = {
        "benchmark": "capture",
        "figure": "a | b",
        "value": 0.75,
        "unit": "x",
        "least": 0.8,
        "most": None,
        "medians": {"ours": 75_000, "mosquitto_sub": 100_000},
        "note": "<b>",
        "met": False,
    }
    lost = row | {"figure": "messages lost", "value": 0, "unit": "lost", "least": None, "most": 0}
    machine = {"system": "Linux", "mqttx": "missing: not measured"}
    about = {"capture": {"text": "headless", "how": "In ``turn``."}}
    found = {"machine": machine, "benchmarks": about, "quick": False, "failed": [], "rows": [row, lost]}
    return found | changes


def test_the_page_is_that_of_the_report() -> None:
    assert PAGE.read_text("utf-8") == page(), "python scripts/benchmarks_page.py writes it anew"


def test_every_row_of_the_report_is_on_the_page() -> None:
    written = json.loads(REPORT.read_text("utf-8"))
    text = PAGE.read_text("utf-8")
    rows = rows_of(written)
    assert rows
    assert {row.benchmark for row in rows} <= set(BENCHMARKS)
    assert text.count("**not met** |") == sum(row.met is False for row in rows)
    for row, kept in zip(rows, written["rows"], strict=True):
        assert row.met == kept["met"]
        assert f"| {benchmarks_page._cell(row.figure)} |" in text


def test_what_was_missed_or_missing_stands_in_front() -> None:
    text = results(report(failed=["app"]))
    before, after = text.split("### capture: headless")
    assert "1 of 2 budgets were met." in before
    assert "* Not met: capture, a \\| b: 0.75 x, budget &gt;= 0.8 x." in before
    assert "* Failed, no figures: app." in before
    assert "not compared with: mqttx." in before
    assert "In `turn`." in after
    assert (
        "| a \\| b | 0.75 x | &gt;= 0.8 x | **not met** | ours 75,000, mosquitto_sub 100,000 | &lt;b&gt; |"
        in after
    )
    assert "tiny numbers" not in text
    assert "tiny numbers" in results(report(quick=True))


def test_a_page_of_another_run_differs(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(report()))
    monkeypatch.setattr(benchmarks_page, "REPORT", other)
    assert page() != PAGE.read_text("utf-8")
    assert page().split(benchmarks_page.BEGIN)[0] == PAGE.read_text("utf-8").split(benchmarks_page.BEGIN)[0]


def test_the_numbers_of_small_machines_are_those_of_the_program() -> None:
    text = (DOCS / "small-machines.md").read_text("utf-8")
    usual = Remembered()
    for number in (
        limits.TOPICS,
        limits.TOPICS_LOW_MEMORY,
        limits.QUEUE_ROWS,
        limits.QUEUE_ROWS_LOW_MEMORY,
        usual.strips,
        usual.messages,
    ):
        assert f"{number:,}" in text
    for size in (limits.BYTES, limits.BYTES_LOW_MEMORY, limits.QUEUE_BYTES, limits.QUEUE_BYTES_LOW_MEMORY):
        assert f"{size // 1_000_000} MB" in text
    assert f"{limits.LOW_MEMORY // 1_000_000_000} GB" in text


@pytest.mark.parametrize("name", ["benchmarks.md", "small-machines.md"])
def test_links_between_the_pages_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", (DOCS / name).read_text("utf-8")):
        assert (DOCS / target).is_file()
    assert f"docs/{name}" in (DOCS.parent / "README.md").read_text("utf-8")
