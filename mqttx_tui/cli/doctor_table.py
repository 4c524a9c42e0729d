"""The doctor's report: a table for people, line by line as it grows, and JSON for machines."""

from __future__ import annotations

from json import dumps
from typing import Any

from mqttx_tui.cli.output import flush, put
from mqttx_tui.doctor.report import STAGES, Check, Report, Verdict
from mqttx_tui.model.visible import visible

_WORDS = {Verdict.OK: "ok", Verdict.WARNING: "warning", Verdict.FAILED: "FAILED"}
_STAGE = max(map(len, STAGES))
_VERDICT = max(map(len, _WORDS.values()))
_TIME = len("99999.9 ms")
_INDENT = " " * (_STAGE + _VERDICT + _TIME + 6)


class Table:
    """Prints a report while it grows; stages that were skipped for one reason share a line."""

    def __init__(self, target: str) -> None:
        self._skipped: list[Check] = []
        put(visible(target))
        flush()

    def check(self, check: Check) -> None:
        """Stage, verdict, time and what was found; facts and hints below it."""
        if check.verdict is Verdict.SKIPPED:
            if self._skipped and self._skipped[0].text != check.text:
                self._put_skipped()
            self._skipped.append(check)
            return
        self._put_skipped()
        time = "" if check.ms is None else f"{check.ms:.1f} ms"
        text = f"{check.title}: {check.text}" if check.title else check.text
        row = f"{check.stage:<{_STAGE}}  {_WORDS[check.verdict]:<{_VERDICT}}  {time:>{_TIME}}"
        put(f"{row}  {visible(text)}".rstrip())
        width = max((len(visible(name)) for name, _ in check.facts), default=0)
        for name, value in check.facts:
            put(f"{_INDENT}{visible(name):<{width}}  {visible(value)}")
        for line in check.hint.splitlines():
            put(f"{_INDENT}hint: {visible(line)}")
        flush()

    def _put_skipped(self) -> None:
        if self._skipped:
            stages = ", ".join(check.stage for check in self._skipped)
            put(f"not tried: {stages} ({visible(self._skipped[0].text)})")
            self._skipped.clear()

    def end(self, report: Report) -> None:
        """The last line: how many warned, and which stage failed first."""
        self._put_skipped()
        failed = next((check for check in report.checks if check.verdict is Verdict.FAILED), None)
        warned = sum(check.verdict is Verdict.WARNING for check in report.checks)
        warnings = f"{warned} warning{'' if warned == 1 else 's'}"
        if failed is not None:
            put(f"failed at {failed.stage}" + (f", {warnings}" if warned else ""))
        else:
            put(warnings if warned else "all is well")


def put_json(report: Report) -> None:
    """The whole report as one object; ``ms`` in milliseconds, ``facts`` in order."""
    put(dumps(as_object(report), ensure_ascii=False))


def as_object(report: Report) -> dict[str, Any]:
    """What ``--json`` prints."""
    return {
        "target": report.target,
        "protocol": report.protocol,
        "verdict": report.verdict.value,
        "exit_code": int(report.exit_code),
        "checks": [check_object(check) for check in report.checks],
    }


def check_object(check: Check) -> dict[str, Any]:
    """One check as ``--json`` prints it."""
    return {
        "stage": check.stage,
        "verdict": check.verdict.value,
        "ms": None if check.ms is None else round(check.ms, 3),
        "title": check.title,
        "text": check.text,
        "code": check.code,
        "facts": [{"name": name, "value": value} for name, value in check.facts],
        "hints": check.hint.splitlines(),
    }
