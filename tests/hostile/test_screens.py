"""Every pane and every screen of the real app, on a real pty, fed with hostile text by real servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile import feeding, feeding_composer, feeding_connections
from tests.hostile.feeding import FEEDERS, known_places
from tests.hostile.running import Running, profiles, running
from tests.hostile.servers import servers
from tests.hostile.texts import NASTY, PAYLOADS, SEEN
from tests.support.wait import until

REGISTERING = (feeding, feeding_connections, feeding_composer)
"""The modules whose import fills ``FEEDERS``, in the order in which they run."""


MESSAGES = 2 * len(NASTY) + len(PAYLOADS)
"""At least this many come: over MQTT and as frames."""


def _received(app: Running) -> int:
    found = re.search(r"rx ([\d,]+)", app.screen())
    return int(found[1].replace(",", "")) if found else 0


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with servers() as found:
        yield found


def test_every_pane_and_every_screen_is_fed() -> None:
    assert known_places() == set(FEEDERS), "write a feeder in tests/hostile/feeding.py"


@pytest.mark.parametrize(("columns", "rows"), [(120, 40), (80, 24)])
def test_hostile_text_is_visible_everywhere_and_nothing_is_interpreted(
    columns: int, rows: int, urls: dict[str, str], tmp_path: Path
) -> None:
    with running(tmp_path, profiles(urls, broken=True), columns, rows) as app:
        until(lambda: _received(app) >= MESSAGES, "everything arrived", 60)
        app.see(SEEN)
        for name, feed in FEEDERS.items():
            try:
                feed(app)
                app.check()
            except AssertionError as error:
                raise AssertionError(f"{name}: {error}") from None
