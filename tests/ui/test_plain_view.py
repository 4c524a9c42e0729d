"""c: text without borders, for the terminal's own selection."""

from __future__ import annotations

from pathlib import Path

from mqttx_tui.ui.screens.plain import PlainScreen
from tests.ui.bench_app import Bench, bench

LONG = b'{"value": 21.4, "text": "' + b"x" * 300 + b'"}'


async def opened(app: Bench, what: str) -> None:
    await app.until(lambda: app.lines[-1].startswith(f" {what} "), f"the {what}")


async def test_the_page_is_shown_whole_and_from_the_first_column(tmp_path: Path) -> None:
    async with bench(tmp_path, size=(100, 30)) as app:
        await app.feed(
            [("site/7/temp", b"21.4", 1), ("a/very/long/topic/that/is/clipped/elsewhere", LONG, 0)]
        )
        await app.press("c")
        await opened(app, "page")
        assert app.lines[0].rstrip() == "12:00:00.010 ←0R site/7/temp  21.4"
        assert app.lines[1].startswith("12:00:00.020 ←0 a/very/long/topic/that/is/clipped/elsewhere  {")
        joined = "".join(line.rstrip() for line in app.lines[1:-1])
        assert "x" * 300 + '"}' in joined
        await app.press("tab")
        await opened(app, "payload")
        assert app.lines[0].rstrip() == "{"
        assert app.lines[1].rstrip() == '  "value": 21.4,'
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.app.main_screen, "the app again")


async def test_selected_rows_and_the_inspectors_payload_come_first(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("a", b"%d" % number, 0) for number in range(9)])
        await app.press("V", "up", "c")
        await opened(app, "selected rows")
        assert [line.rstrip().split()[-1] for line in app.lines[:2]] == ["7", "8"]
        assert not app.lines[2].strip()
        await app.press("escape", "4", "c")
        await opened(app, "payload")


async def test_what_a_terminal_would_act_on_is_made_visible(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("a", b"\x1b[31mred\x1b]52;c;eA==\x07 [b]", 0)])
        await app.press("c")
        await opened(app, "page")
        assert "␛[31mred␛]52" in app.lines[0]
        assert "[b]" in app.lines[0]
        assert isinstance(app.app.screen, PlainScreen)
