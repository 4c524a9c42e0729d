"""Every connection failure of docs/troubleshooting.md, produced for real.

``SCENARIOS`` maps the name in the table's first column to a scenario. Its ``start`` brings up the bad
server and yields a profile that runs into it; how the profile is connected (a link, a session, the
command line, the app) is the caller's business. ``table()`` reads what is expected.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from mqttx_tui.model.profile import Profile
from tests.support.certificates import Certificates

DOCUMENT = Path(__file__).parents[2] / "docs" / "troubleshooting.md"
CONNECT_TIMEOUT = 0.5
"""Of the scenarios whose cause is a time-out; all others get 30 s, so that they cannot be one."""


@dataclass(frozen=True)
class Expected:
    """One row of the table; ``hint`` may hold ``…`` for text that differs from case to case."""

    name: str
    stage: str
    title: str
    hint: str

    def fits(self, stage: str, title: str, hint: str) -> bool:
        """Whether a reported failure is the one that the table promises."""
        pattern = ".*".join(re.escape(part) for part in self.hint.split("…"))
        return (stage, title) == (self.stage, self.title) and re.fullmatch(pattern, hint) is not None


@dataclass(frozen=True)
class Place:
    """What a scenario may use."""

    certificates: Certificates
    directory: Path


@dataclass(frozen=True)
class Scenario:
    """``layer``: what can see the failure first, ``link`` (transport alone) or ``mqtt``."""

    name: str
    start: Callable[[Place], AbstractAsyncContextManager[Profile]]
    layer: str = "link"

    @property
    def unavailable(self) -> str:
        """Why it cannot be produced here; empty when it can."""
        if self.name == "socket-denied" and os.geteuid() == 0:
            return "root may connect to every socket"
        return ""


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    name: str, layer: str = "link"
) -> Callable[
    [Callable[[Place], AbstractAsyncContextManager[Profile]]],
    Callable[[Place], AbstractAsyncContextManager[Profile]],
]:
    """Register a scenario under the name of its row."""

    def register(
        start: Callable[[Place], AbstractAsyncContextManager[Profile]],
    ) -> Callable[[Place], AbstractAsyncContextManager[Profile]]:
        assert name not in SCENARIOS, name
        SCENARIOS[name] = Scenario(name, start, layer)
        return start

    return register


def table() -> dict[str, Expected]:
    """The rows of the table in docs/troubleshooting.md: name | stage | title | hint | meaning."""
    rows: dict[str, Expected] = {}
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().replace("`", "") for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 5:
            rows[cells[0]] = Expected(*cells[:4])
    return rows


def load() -> dict[str, Scenario]:
    """All scenarios, after importing the modules that register them."""
    for part in ("link", "proxy", "tls", "upgrade", "mqtt"):
        importlib.import_module(f"tests.support.failures_{part}")
    return SCENARIOS
