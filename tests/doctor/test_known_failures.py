"""Every failure of docs/troubleshooting.md, as the doctor reports it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mqttx_tui.doctor.report import STAGES, Verdict
from mqttx_tui.model.errors import Exit
from tests.doctor.patients import SECONDS, advises, examined, failure
from tests.support.certificates import Certificates
from tests.support.failures import CONNECT_TIMEOUT, Place, load, table

SCENARIOS = load()
EXPECTED = table()
CLOSES = "neither TLS nor WebSocket answers there, so the broker itself closes: it may be full (max_…"
KNOWS_BETTER = {
    "closed-without-answer": CLOSES,
    "plain-on-bare-tls-port": "TLS answers there: mqtts://…",
    "ws-on-bare-tls-port": "TLS answers there: mqtt+wss://…",
    "mqtt-on-web-port": "a web server is there, and no broker answers under /mqtt, /, /ws: …",
}
"""Where a second look finds out what the connection itself can only guess."""
TIMED_OUT = {"no-answer", "tls-no-answer", "upgrade-no-answer"}


@pytest.mark.parametrize("name", list(SCENARIOS))
async def test_the_doctor_reports(name: str, certificates: Certificates, tmp_path: Path) -> None:
    scenario, expected = SCENARIOS[name], EXPECTED[name]
    if scenario.unavailable:
        pytest.skip(scenario.unavailable)
    async with scenario.start(Place(certificates, tmp_path)) as profile:
        seconds = CONNECT_TIMEOUT if name in TIMED_OUT else SECONDS
        report = await examined(profile, seconds=seconds)
    check = failure(report)
    assert check.title == expected.title
    if expected.stage != "link":  # the doctor says what it was doing when the link was lost
        assert check.stage == expected.stage
    hint = KNOWS_BETTER.get(name, expected.hint)
    if hint:
        advises(check, hint)
    assert report.exit_code is check.exit_code
    assert (report.exit_code is Exit.TLS) == (check.stage == "tls")
    before = report.checks[: report.checks.index(check)]
    assert not [one for one in before if one.verdict is Verdict.FAILED]
    assert {one.stage for one in report.checks} <= set(STAGES)
