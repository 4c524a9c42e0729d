"""What the settings change of the running app, at its start and at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mqttx_tui.engine.spawn import EngineOptions
from mqttx_tui.model.message import RETAIN
from mqttx_tui.model.start import StartOptions
from mqttx_tui.profiles.settings import SETTINGS, Setting
from mqttx_tui.ui.backend import EngineBackend, backend_for
from mqttx_tui.ui.screens.ask import Confirm
from mqttx_tui.ui.settled import settings_for
from mqttx_tui.ui.theme import theme_directory
from mqttx_tui.ui.widgets.choice import TextButton
from tests.ui.bench_app import Bench, bench

BY_NAME: dict[str, Setting] = {setting.name: setting for setting in SETTINGS}


@asynccontextmanager
async def settled(
    directory: Path, text: str, *, size: tuple[int, int] = (120, 40), theme: str = "dark"
) -> AsyncIterator[Bench]:
    """The app with this settings file."""
    (directory / "settings.toml").write_text(text)
    async with bench(directory, size=size, theme=theme) as app:
        yield app


def notices(app: Bench) -> str:
    return "\n".join(notice.text for notice in app.app.workspace.notices)


async def test_the_theme_of_the_file_and_the_command_line_before_it(tmp_path: Path) -> None:
    async with settled(tmp_path, 'theme = "nord"', theme="") as app:
        assert app.app.theme == "nord"
    async with settled(tmp_path, 'theme = "nord"', theme="light") as app:
        assert app.app.theme == "mqttx-light"


async def test_a_theme_that_is_not_there_is_said_with_those_that_are(tmp_path: Path) -> None:
    async with settled(tmp_path, 'theme = "nrod"', theme="") as app:
        assert app.app.theme == "mqttx-dark"
        assert "settings.toml: theme: there is no 'nrod'" in notices(app)
        assert "gruvbox" in notices(app)


async def test_ones_own_theme_is_used_and_a_broken_one_named(tmp_path: Path) -> None:
    own = tmp_path / "themes"
    own.mkdir()
    dark = (theme_directory() / "dark.toml").read_text()
    (own / "mine.toml").write_text(dark.replace("mqttx-dark", "mine").replace("#10131b", "#123456"))
    (own / "odd.toml").write_text(dark.replace('dim = "', 'dimm = "'))
    async with settled(tmp_path, 'theme = "mine"', theme="") as app:
        assert app.app.theme == "mine"
        assert app.app.current_theme.background == "#123456"
        assert "themes/odd.toml:17: meaning.dim is missing" in notices(app)


async def test_what_is_wrong_is_said_and_the_rest_is_used(tmp_path: Path) -> None:
    text = 'mouse = "yes"\ntheme = "gruvbox"\n[retension]\nmessages = 5\n'
    async with settled(tmp_path, text, theme="") as app:
        assert app.app.theme == "gruvbox"
        assert "settings.toml:1: mouse: is true or false" in notices(app)
        assert "settings.toml:3: retension: unknown setting" in notices(app)
        assert "did you mean [retention]?" in notices(app)


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("s", " 12:00:00 ←0R"),
        ("ms", " 12:00:00.010 ←0R"),
        ("us", " 12:00:00.010000 ←0R"),
        ("date", " 2026-11-21 12:00:00.010 ←0R"),
        ("utc", " 12:00:00.010Z ←0R"),
        ("iso", " 2026-11-21T12:00:00.010Z ←0R"),
    ],
)
async def test_the_format_of_times(form: str, shown: str, tmp_path: Path) -> None:
    for size in ((120, 40), (80, 24)):
        async with settled(tmp_path, f'time = "{form}"', size=size) as app:
            await app.feed([("site/7/temp", b"21.4", RETAIN)])
            row = app.line("21.4")
            assert shown in row.replace("›", " ")
            assert row.index("site/7/temp ") == row.index("←0R") + 4
    async with settled(tmp_path, f'time = "{form}"', size=(60, 20)) as app:
        await app.feed([("site/7/temp", b"21.4", RETAIN)])
        assert " 00:00.0 ←0R site/7/temp" in app.line("21.4").replace("›", " ")


@pytest.mark.parametrize(
    ("shown", "row"),
    [
        ('["topic"]', " site/7/temp  21.4"),
        ("[]", " 21.4"),
        ('["arrow", "flag", "topic"]', " ←R site/7/temp  21.4"),
        ('["time", "qos"]', " 12:00:00.010 0 21.4"),
        ('["connection", "arrow", "qos", "flag", "topic"]', " ←0R site/7/temp  21.4"),
    ],
)
async def test_the_columns_that_are_shown(shown: str, row: str, tmp_path: Path) -> None:
    text = f"[columns]\nshown = {shown}\ntopic_width = 11\n"
    async with settled(tmp_path, text, size=(80, 24)) as app:
        await app.feed([("site/7/temp", b"21.4", RETAIN)])
        found = next(line for line in app.lines[3:] if "21.4" in line)
        assert found.replace("›", " ").rstrip() == row
        assert len(found) == 80


async def test_a_change_is_written_and_seen_at_once(tmp_path: Path) -> None:
    async with settled(tmp_path, "# mine\n") as app:
        await app.feed([("site/7/temp", b"21.4", RETAIN)])
        await app.app.change_setting(BY_NAME["time"], "utc")
        await app.app.change_setting(BY_NAME["theme"], "dracula")
        await app.tick()
        assert "12:00:00.010Z" in app.line("21.4")
        assert app.app.theme == "dracula"
        await app.app.change_setting(BY_NAME["messages"], 5000)
        assert ("limits", 5000, None) in app.engine.calls
        await app.app.change_setting(BY_NAME["core_share"], 0.1)
        assert app.app.ticker.share == 0.1
        text = (tmp_path / "settings.toml").read_text()
        assert text.startswith("# mine\n")
        assert 'time = "utc"' in text
        await app.app.change_setting(BY_NAME["time"], None)
        await app.tick()
        assert "12:00:00.010 ←" in app.line("21.4")


async def test_the_budget_over_ssh_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[paint]\nbytes_per_second = 5000\nbytes_per_second_ssh = 3000\n"
    for over_ssh, budget in ((False, 5000), (True, 3000)):
        monkeypatch.delenv("SSH_CONNECTION", raising=False)
        if over_ssh:
            monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
        async with settled(tmp_path, text) as app:
            assert app.app.pace.budget == budget


def test_the_engine_starts_with_the_limits(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[retention]\nmessages = 5000\nbytes = "64 MB"\ntopics = 700\n')
    options = StartOptions(config=tmp_path / "connections.toml")
    backend = backend_for(options, settings_for(options).settings)
    assert isinstance(backend, EngineBackend)
    assert backend.engine_options == EngineOptions(messages=5000, size=64_000_000, topics=700)
    elsewhere = StartOptions(config=tmp_path / "x.toml", settings=tmp_path / "none.toml")
    usual = backend_for(elsewhere, settings_for(elsewhere).settings)
    assert isinstance(usual, EngineBackend)
    assert usual.engine_options == EngineOptions(messages=1_000_000)


@pytest.mark.parametrize("colorless", [True, False])
async def test_without_colours_the_focus_is_reversed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, colorless: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1" if colorless else "")
    async with settled(tmp_path, "") as app:
        app.app.push_screen(Confirm("Forget everything?"))
        await app.until(lambda: isinstance(app.app.focused, TextButton), "the button has the focus")
        assert app.app.focused is not None
        assert bool(app.app.focused.styles.text_style.reverse) is colorless
