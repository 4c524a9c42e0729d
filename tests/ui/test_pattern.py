"""A pattern that never ends stops neither keys nor painting."""

from __future__ import annotations

from pathlib import Path

import pytest

from mqttx_tui.capture.filters import remote
from tests.filters.test_remote import FOREVER, TRAP
from tests.ui.bench_app import bench


async def test_keys_go_on_and_the_title_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "PATIENCE", 1.0)
    async with bench(tmp_path) as app:
        await app.feed([("t", TRAP, 0), ("t", b"aaa", 0)])
        await app.press("slash", *FOREVER, "enter")
        await app.until(lambda: "takes too long" in "\n".join(app.lines), "the reason")
        await app.press("slash", *["backspace"] * 30, *'payload ~ "^a{3}$"', "enter")
        await app.until(lambda: "1 of 2" in app.line("3 Messages"), "another pattern")
        assert "aaa" in app.line("12:00:00.020")
