"""Examining a profile, and what is expected of a check."""

from __future__ import annotations

import asyncio
import re

from mqttx_tui.doctor.examine import examine
from mqttx_tui.doctor.plan import Plan
from mqttx_tui.doctor.report import Check, Report, Verdict
from mqttx_tui.model.profile import Profile, Resolved
from tests.support.wait import FACTOR

SECONDS = 10.0 * FACTOR


async def examined(
    profile: Profile, *, seconds: float = SECONDS, secrets: tuple[str, ...] = (), **options: object
) -> Report:
    """The report on a profile."""
    plan = Plan(Resolved(profile, secrets), seconds, **options)  # type: ignore[arg-type]
    return await asyncio.wait_for(examine(plan), 60 * FACTOR)


def check_of(report: Report, stage: str, verdict: Verdict = Verdict.FAILED) -> Check:
    """The check of a stage, which ended like this."""
    check = report.check(stage)
    assert check is not None, [one.stage for one in report.checks]
    assert check.verdict is verdict, check
    return check


def failure(report: Report) -> Check:
    """The first check that failed."""
    found = [check for check in report.checks if check.verdict is Verdict.FAILED]
    assert found, [(check.stage, check.text, check.facts) for check in report.checks]
    return found[0]


def advises(check: Check, words: str) -> None:
    """One line of advice is this; ``…`` stands for what differs."""
    pattern = ".*".join(re.escape(part) for part in words.split("…"))
    assert any(re.fullmatch(pattern, line) for line in check.hint.splitlines()), (words, check.hint)


def facts(check: Check) -> dict[str, str]:
    """The facts of a check by name."""
    return dict(check.facts)
