"""x leaves topics out, X keeps that in the profile, and the palette brings them back."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tests.ui.bench_app import Bench, bench

CONFIG = """\
schema = 1

[connections.greenhouse]
url = "mqtt://127.0.0.1:1"   # the bench
exclude = ["site/old"]
"""


def config(directory: Path) -> Path:
    path = directory / "connections.toml"
    path.write_text(CONFIG)
    return path


def kept(path: Path) -> list[str]:
    return list(tomllib.loads(path.read_text())["connections"]["greenhouse"]["exclude"])


async def noticed(app: Bench, text: str) -> None:
    await app.until(lambda: text in str(list(app.app.workspace.notices)[-1:]), f"the notice {text!r}")


async def exclude_noisy(app: Bench) -> None:
    await app.feed([("site/calm", b"1", 0), ("site/noisy", b"2", 0)])
    await app.press("up", "down", "x")
    await app.until(lambda: ("exclude", 1, ("site/old", "site/noisy")) in app.engine.calls, "the engine")


async def test_a_topic_is_excluded_at_once_and_kept_when_asked(tmp_path: Path) -> None:
    path = config(tmp_path)
    async with bench(tmp_path, config=str(path)) as app:
        await exclude_noisy(app)
        await noticed(app, "left out: site/noisy · X keeps it in the profile")
        assert kept(path) == ["site/old"]
        await app.press("X")
        await noticed(app, "site/noisy stays excluded: kept in the profile greenhouse")
        assert kept(path) == ["site/old", "site/noisy"]
        assert "# the bench" in path.read_text()


async def test_an_excluded_topic_is_shown_again(tmp_path: Path) -> None:
    path = config(tmp_path)
    async with bench(tmp_path, config=str(path)) as app:
        await exclude_noisy(app)
        app.app.main_screen.action_show_excluded()
        await app.until(lambda: "Show again" in "\n".join(app.lines), "the menu")
        assert "site/noisy" in app.line("2 A")
        await app.press("1")
        await noticed(app, "site/old is shown again")
        assert app.engine.calls[-1] == ("exclude", 1, ("site/noisy",))
        assert kept(path) == [], "it is taken out of the profile, too"
        app.app.main_screen.action_show_excluded()
        await app.until(lambda: "1 A site/noisy" in "\n".join(app.lines), "what is left")
        await app.press("1")
        await noticed(app, "site/noisy is shown again")
        app.app.main_screen.action_show_excluded()
        await noticed(app, "no topic is left out")


async def test_without_a_profile_there_is_nothing_to_keep_it_in(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.press("X")
        await noticed(app, "nothing was excluded yet")
        await app.feed([("site/noisy", b"2", 0)])
        await app.press("up", "x")
        await noticed(app, "left out: site/noisy from here on")
        assert "X keeps" not in app.app.workspace.notices[-1].text
        await app.press("X")
        await noticed(app, "greenhouse is in no profile file")


async def test_a_branch_of_the_tree_is_excluded_with_all_below_it(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("site/a/temp", b"1", 0), ("site/b", b"2", 0)])
        await app.topics(2)
        await app.press("2", "home", "x")
        await app.until(lambda: ("exclude", 1, ("site/#",)) in app.engine.calls, "the subtree")
        await app.press("end", "x")
        await app.until(lambda: ("exclude", 1, ("site/#", "site/b")) in app.engine.calls, "one topic")
