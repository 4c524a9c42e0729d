"""docs/troubleshooting.md against what a command prints and exits with."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
import tomli_w

from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import Profile
from mqttx_tui.profiles.plain import to_plain
from tests.support.certificates import Certificates
from tests.support.failures import Place, load, table
from tests.support.wait import FACTOR

SCENARIOS = load()
EXPECTED = table()
CODES = {"tls": Exit.TLS, "http-401": Exit.NOT_AUTHORISED, "http-403": Exit.NOT_AUTHORISED} | dict.fromkeys(
    (
        *("bad-credentials", "bad-credentials-311", "not-authorised", "not-authorised-311", "banned"),
        *("proxy-login", "proxy-login-refused"),
    ),
    Exit.NOT_AUTHORISED,
)
"""By stage or by case; all others are unreachable."""


async def sub(profile: Profile, directory: Path) -> tuple[int, str]:
    """Listen with the command line, in a process of its own: exit code and stderr."""
    config = directory / "connections.toml"
    config.write_text(tomli_w.dumps({"schema": 1, "connections": {profile.key: to_plain(profile)}}))
    filters = [] if profile.protocol == "websocket" else ["-t", "#"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mqttx_tui", "sub", profile.key, *filters, "--config", str(config)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(10 * FACTOR):
            _, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, errors.decode()


@pytest.mark.parametrize("name", [name for name in SCENARIOS if EXPECTED[name].stage != "link"])
async def test_a_command_reports(name: str, certificates: Certificates, tmp_path: Path) -> None:
    scenario, expected = SCENARIOS[name], EXPECTED[name]
    if scenario.unavailable:
        pytest.skip(scenario.unavailable)
    async with scenario.start(Place(certificates, tmp_path)) as profile:
        code, errors = await sub(profile, tmp_path)
    title, hint = errors.splitlines()[:2]
    assert title.startswith(f"{expected.title} ({expected.stage}): ")
    assert expected.fits(expected.stage, expected.title, hint.strip())
    assert code == CODES.get(name, CODES.get(expected.stage, Exit.UNREACHABLE))
    assert "Traceback" not in errors
