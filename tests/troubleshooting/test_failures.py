"""docs/troubleshooting.md against real failures, as links and sessions report them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mqttx_tui.model.errors import Exit, LinkError
from mqttx_tui.model.profile import Profile, Resolved
from mqttx_tui.model.state import STAGES
from mqttx_tui.session.registry import make_session
from tests.support.certificates import Certificates
from tests.support.failures import CONNECT_TIMEOUT, DOCUMENT, Place, Scenario, load, table
from tests.support.links import failure_of
from tests.support.sinks import MemoryObserver, MemorySink
from tests.support.wait import FACTOR

SCENARIOS = load()
EXPECTED = table()
TIMED_OUT = {"no-answer", "tls-no-answer", "upgrade-no-answer"}


async def session_failure_of(profile: Profile) -> LinkError:
    """Run a session into the failure."""
    session = make_session(profile, MemorySink(), MemoryObserver())
    with pytest.raises(LinkError) as caught:
        await session.run(Resolved(profile))
    return caught.value


async def check(scenario: Scenario, place: Place, run: Callable[[Profile], Awaitable[LinkError]]) -> None:
    """Produce a failure and compare it with its row; reported within a second of its cause."""
    if scenario.unavailable:
        pytest.skip(scenario.unavailable)
    expected = EXPECTED[scenario.name]
    async with scenario.start(place) as profile:
        started = time.monotonic()
        error = await asyncio.wait_for(run(profile), 10 * FACTOR)
        seconds = time.monotonic() - started
    assert expected.fits(error.stage, error.title, error.hint), (
        expected,
        error.stage,
        error.title,
        error.hint,
    )
    allowed = 1 + (CONNECT_TIMEOUT if scenario.name in TIMED_OUT else 0)
    assert seconds < allowed * FACTOR
    assert error.retry == ("■" not in _meaning(scenario.name))
    assert str(error)
    assert error.exit_code in (Exit.UNREACHABLE, Exit.NOT_AUTHORISED, Exit.TLS)
    assert (error.exit_code is Exit.TLS) == (error.stage == "tls")


def _meaning(name: str) -> str:
    line = next(line for line in DOCUMENT.read_text().splitlines() if line.startswith(f"| `{name}`"))
    return line.strip().strip("|").rpartition("|")[2]


def test_every_row_has_a_scenario_and_every_scenario_a_row() -> None:
    assert set(EXPECTED) == set(SCENARIOS)
    assert len(EXPECTED) >= 20
    assert {row.stage for row in EXPECTED.values()} <= set(STAGES)


@pytest.mark.parametrize("name", [name for name, one in SCENARIOS.items() if one.layer == "link"])
async def test_a_link_reports(name: str, certificates: Certificates, tmp_path: Path) -> None:
    await check(SCENARIOS[name], Place(certificates, tmp_path), failure_of)


@pytest.mark.parametrize("name", list(SCENARIOS))
async def test_a_session_reports(name: str, certificates: Certificates, tmp_path: Path) -> None:
    await check(SCENARIOS[name], Place(certificates, tmp_path), session_failure_of)
