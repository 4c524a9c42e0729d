"""What the doctor found: one check for each stage, with its time, a verdict and a hint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from mqttx_tui.model.errors import Exit, LinkError

MASK = "********"
STAGES = (
    *("name", "tcp", "proxy", "tls", "upgrade", "mqtt", "subscribe", "publish", "receive"),
    *("message", "ping", "close", "versions", "support", "profile", "clean"),
)
"""In the order in which they happen; what follows ``upgrade`` depends on the protocol."""


class Verdict(StrEnum):
    """What became of one check."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


Facts = tuple[tuple[str, str], ...]
"""Names and values for people, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Check:
    """One stage. ``ms`` is its duration, None where nothing was waited for; ``title`` is set when it
    failed; ``hint`` holds one line for each piece of advice; ``kind`` is the row of
    ``transport.failures.FAILURES`` where the failure is one of those."""

    stage: str
    verdict: Verdict
    text: str = ""
    ms: float | None = None
    facts: Facts = ()
    title: str = ""
    hint: str = ""
    code: int | None = None
    kind: str = ""
    exit_code: Exit = Exit.DONE

    def advised(self, *hints: str) -> Check:
        """The same with more lines of advice before its own; a line that is there already is not repeated."""
        lines = [*hints, *self.hint.split("\n")]
        return replace(self, hint="\n".join(dict.fromkeys(line for line in lines if line)))

    def known(self, *hints: str) -> Check:
        """The same with this advice alone: a second look found out what its own line only guesses."""
        return replace(self, hint="\n".join(hints))


OnCheck = Callable[[Check], None]


@dataclass(slots=True)
class Report:
    """Everything that was found about ``target`` (a URL without secrets)."""

    target: str
    protocol: str
    checks: list[Check] = field(default_factory=list)

    def check(self, stage: str) -> Check | None:
        """The check of a stage, None when it never came to it."""
        return next((check for check in self.checks if check.stage == stage), None)

    @property
    def verdict(self) -> Verdict:
        """The worst of all; what was skipped does not count."""
        found = {check.verdict for check in self.checks}
        return next((one for one in (Verdict.FAILED, Verdict.WARNING) if one in found), Verdict.OK)

    @property
    def exit_code(self) -> Exit:
        """Of the first check that failed; 0 when none did."""
        failed = (check.exit_code for check in self.checks if check.verdict is Verdict.FAILED)
        return next(failed, Exit.DONE)


class Recorder:
    """Takes checks in, masks every secret in them, and passes them on as they come."""

    def __init__(self, report: Report, secrets: Iterable[str], on_check: OnCheck) -> None:
        self.report = report
        self._secrets = sorted({secret for secret in secrets if secret}, key=len, reverse=True)
        self._on_check = on_check

    def add(self, check: Check) -> None:
        """Keep and announce a check."""
        check = replace(
            check,
            text=self.masked(check.text),
            hint=self.masked(check.hint),
            facts=tuple((name, self.masked(value)) for name, value in check.facts),
        )
        self.report.checks.append(check)
        self._on_check(check)

    def skip(self, why: str, *stages: str) -> None:
        """These stages are not tried."""
        for stage in stages:
            self.add(Check(stage, Verdict.SKIPPED, why))

    def masked(self, text: str) -> str:
        """``text`` without any of the secrets."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text


def failed(error: LinkError, *, stage: str = "", ms: float | None = None) -> Check:
    """The check that an error ended; ``stage`` when it is not the error's own."""
    return Check(
        stage or error.stage,
        Verdict.FAILED,
        error.message,
        ms,
        title=error.title,
        hint=error.hint,
        code=error.code,
        kind=getattr(error, "kind", ""),
        exit_code=error.exit_code,
    )
