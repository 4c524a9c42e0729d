"""The list of connections: groups, search, bad profiles, changes of the file, and the empty list."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual import events
from textual.widgets import Input

from mqttx_tui.model.state import ErrorInfo, Phase
from mqttx_tui.ui import profile_book
from mqttx_tui.ui.panes.connections import ConnectionsPane
from mqttx_tui.ui.screens.ask import Confirm
from mqttx_tui.ui.screens.connection_form import ConnectionForm
from mqttx_tui.ui.screens.problems import ProblemScreen
from tests.ui.bench_app import Bench, bench, snapshot

GROUPS = """\
schema = 1

[connections.house]
name = "Greenhouse"
group = "home"
url = "mqtt://me:s3cret@attic.lab"
subscriptions = ["a/#"]

[connections.loose]
url = "mqtt://loose.lab"

[connections.z2m]
group = "home"
url = "mqtt://pi.local"

[connections.plant]
group = "prod"
url = "ws://plant.lab/x"
protocol = "websocket"
"""
BROKEN = """\
schema = 1

[connections.good]
url = "mqtt://good.lab"

[connections.bad]
url = "mqtt://bad.lab"
password = "s3cret-of-mine"
insecure = true
timeot = 3
a = 1
b = 2

[connections.last]
url = "mqtt://last.lab"
"""


def write(directory: Path, text: str) -> str:
    path = directory / "connections.toml"
    path.write_text(text)
    return str(path)


def listed(app: Bench) -> list[str]:
    """The lines of the pane, without its frame."""
    pane = app.app.main_screen.find_pane(ConnectionsPane)
    assert pane is not None
    region = pane.listing.region
    lines = app.lines[region.y : region.bottom]
    return [line[region.x : region.right].rstrip() for line in lines if line[: region.right].strip()]


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_groups_have_headings_that_fold(tmp_path: Path, size: tuple[int, int]) -> None:
    up = snapshot(id=1, key="house", name="Greenhouse", subscriptions=())
    async with bench(tmp_path, snapshots=[up], config=write(tmp_path, GROUPS), size=size) as app:
        await app.press("1")
        await app.tick()
        names = [" ".join(line.split()[:3]) for line in listed(app)]
        assert names == [
            "› loose ○",
            "▾ home 1/2",
            "A Greenhouse ●",
            "z2m ○",
            "▾ prod 0/1",
            "plant ○",
        ]
        await app.press("down", "space")
        await app.tick()
        assert "▸ home" in "\n".join(listed(app))
        assert "Greenhouse" not in "\n".join(listed(app))
        await app.press("enter")
        await app.tick()
        assert any("Greenhouse" in line for line in listed(app))
        assert not app.engine.calls


async def test_a_chip_opens_the_group_that_its_connection_is_in(tmp_path: Path) -> None:
    up = snapshot(id=1, key="house", name="Greenhouse", subscriptions=())
    async with bench(tmp_path, snapshots=[up], config=write(tmp_path, GROUPS)) as app:
        await app.press("1", "down", "left")
        await app.tick()
        assert not any("Greenhouse" in line for line in listed(app))
        await app.pilot.click("#header-chips", offset=(3, 0))
        await app.tick()
        assert next(line for line in listed(app) if "Greenhouse" in line).startswith("›")


async def test_without_a_group_there_is_no_heading(tmp_path: Path) -> None:
    config = write(tmp_path, 'schema = 1\n\n[connections.a]\nurl = "mqtt://a"\n')
    async with bench(tmp_path, snapshots=[], config=config) as app:
        assert [line.split() for line in listed(app)] == [["a", "○"]]


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("HOUSE", ["Greenhouse"]),
        ("home", ["Greenhouse", "z2m"]),
        ("pi.local", ["z2m"]),
        ("ws:// plant", ["plant"]),
        ("s3cret", []),
    ],
)
async def test_a_search_narrows_by_name_url_and_group(tmp_path: Path, typed: str, left: list[str]) -> None:
    async with bench(tmp_path, snapshots=[], config=write(tmp_path, GROUPS)) as app:
        await app.press("1", "slash", *typed)
        await app.tick()
        text = "\n".join(listed(app))
        for name in ("Greenhouse", "z2m", "plant", "loose"):
            assert (name in text) is (name in left), text
        if not left:
            assert "No connection matches" in text


async def test_escape_restores_the_search_before_and_enter_keeps_it(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[], config=write(tmp_path, GROUPS)) as app:
        await app.press("1", "slash", *"home", "enter")
        await app.tick()
        assert "─ 1 Connections / home" in app.lines[1]
        assert not any("loose" in line for line in listed(app))
        await app.press("slash", *"x", "escape")
        await app.tick()
        assert "─ 1 Connections / home" in app.lines[1]
        assert any("z2m" in line for line in listed(app))
        assert app.app.main_screen.active == "connections"
        await app.press("slash", "ctrl+u", "enter")
        await app.tick()
        assert any("loose" in line for line in listed(app))


async def test_a_search_field_that_is_left_closes_and_keeps_what_was_typed(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[], config=write(tmp_path, GROUPS)) as app:
        await app.press("1", "slash", *"z2m", "tab")
        await app.tick()
        assert app.app.main_screen.active == "topics"
        assert "─ 1 Connections / z2m" in app.lines[1]


async def test_a_bad_profile_is_shown_among_the_good_ones(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[], config=write(tmp_path, BROKEN)) as app:
        await app.press("1")
        await app.tick()
        text = listed(app)
        assert [line.split()[-2] for line in text if "○" in line] == ["good", "last"]
        assert text[1].split() == ["▾", "bad", "✗"]
        assert text[2].startswith("     ✗ line 9: insecure: unknown key")
        assert text[3].startswith("     ✗ line 10: timeot: unknown key")
        assert "and 1 more" in text[5]
        assert text[6].split() == ["last", "○"]
        await app.press("end", "enter")
        await app.pilot.pause()
        assert app.engine.calls == [("connect", "last")]


@pytest.mark.parametrize("key", ["enter", "e"])
@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_the_place_of_a_bad_profile(tmp_path: Path, key: str, size: tuple[int, int]) -> None:
    async with bench(tmp_path, snapshots=[], config=write(tmp_path, BROKEN), size=size) as app:
        await app.press("1", "down", key)
        await app.until(lambda: isinstance(app.app.screen, ProblemScreen), "the problems")
        await app.until(lambda: any("tls.verify" in line for line in app.lines), "the hint")
        assert "›    9  insecure = true" in app.line("9  insecure")
        assert "s3cret" not in "\n".join(app.lines)
        assert "e edit in $EDITOR" in app.line("edit in")
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.app.main_screen, "back")


async def test_an_editor_opens_at_the_line_and_what_it_wrote_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "seen"
    editor = tmp_path / "vi"
    editor.write_text(f'#!/bin/sh\necho "$@" > {seen}\nsed -i "/insecure\\|timeot\\|^a =\\|^b =/d" "$2"\n')
    editor.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(editor))
    async with bench(tmp_path, snapshots=[], config=write(tmp_path, BROKEN)) as app:
        monkeypatch.setattr(type(app.app), "suspend", lambda self: _nothing())
        await app.press("1", "down", "enter")
        await app.until(lambda: isinstance(app.app.screen, ProblemScreen), "the problems")
        await app.press("e")
        await app.until(lambda: not app.app.workspace.problems, "nothing is wrong any more")
        await app.tick()
        assert seen.read_text().split() == ["+9", str(tmp_path / "connections.toml")]
        assert [line.split()[-2] for line in listed(app)] == ["good", "bad", "last"]
        assert "was read again: 1 mended" in app.app.workspace.notices[-1].text


class _nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *problem: object) -> None: ...


async def test_a_bad_value_can_be_mended_in_the_form(tmp_path: Path) -> None:
    text = 'schema = 1\n\n[connections.bad]\nurl = "mqtt://bad.lab"\nkeepalive = "soon"  # mine\n'
    async with bench(tmp_path, snapshots=[], config=write(tmp_path, text)) as app:
        await app.press("1", "enter")
        await app.until(lambda: isinstance(app.app.screen, ProblemScreen), "the problems")
        await app.press("f")
        await app.until(lambda: isinstance(app.app.screen, ConnectionForm), "the form")
        await app.pilot.pause()
        field = app.app.screen.query_one("#field-keepalive", Input)
        assert field.value == "soon"
        field.value = "30s"
        await app.pilot.pause()
        await app.press("ctrl+s")
        await app.until(lambda: not app.app.workspace.problems, "nothing is wrong any more")
        assert 'keepalive = "30s"' in (tmp_path / "connections.toml").read_text()
        await app.until(lambda: ("connect", "bad") in app.engine.calls, "it is connected")


async def test_a_file_that_is_no_toml_stands_in_the_list_and_opens_no_form(tmp_path: Path) -> None:
    config = write(tmp_path, "schema = 1\n\n[connections.a\n")
    async with bench(tmp_path, snapshots=[], config=config) as app:
        app.app.opens_form = True
        await app.press("1")
        await app.tick()
        assert listed(app)[0].split() == ["›▾", "connections.toml", "✗"]
        assert listed(app)[1].startswith("     ✗ line 3: ")
        assert app.app.screen is app.app.main_screen
        await app.press("e")
        await app.until(lambda: isinstance(app.app.screen, ProblemScreen), "the problems")
        assert "[connections.a" in app.line("›    3")


async def test_a_bad_profile_can_be_deleted(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[], config=write(tmp_path, BROKEN)) as app:
        await app.press("1", "down", "delete")
        await app.until(lambda: isinstance(app.app.screen, Confirm), "the question")
        await app.press("y")
        await app.until(lambda: not app.app.workspace.problems, "it is gone")
        assert "timeot" not in (tmp_path / "connections.toml").read_text()
        await app.tick()
        assert [line.split()[-2] for line in listed(app)] == ["good", "last"]


async def test_coming_back_to_the_window_takes_over_what_was_edited_in_another(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[], config=write(tmp_path, GROUPS)) as app:
        write(tmp_path, GROUPS + '\n[connections.new]\nurl = "mqtt://new"\n')
        app.app.post_message(events.AppFocus())
        await app.until(lambda: any("new ○" in line for line in listed(app)), "the new connection")


async def test_a_file_that_was_read_is_not_read_again_without_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path, snapshots=[], config=write(tmp_path, GROUPS)) as app:
        monkeypatch.setattr(profile_book, "load", lambda path: pytest.fail("read again"))
        for _ in range(3):
            app.app.post_message(events.AppFocus())
            await app.press("1", "3")
        await app.tick()
        assert not app.app.workspace.notices


async def test_an_empty_stream_tells_of_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[], config=write(tmp_path, "schema = 1\n\n[connections.a\n")) as app:
        said = [line[39:].strip() for line in app.lines]
        assert "No connection can be used." in said
        assert any(line.startswith("✗ line 3: not valid TOML") for line in said)


async def test_a_file_changed_outside_is_read_when_its_pane_is_entered(tmp_path: Path) -> None:
    config = write(tmp_path, GROUPS)
    up = snapshot(id=1, key="house", name="Greenhouse", subscriptions=())
    other = snapshot(id=2, key="loose", name="loose", letter="B", subscriptions=())
    async with bench(tmp_path, snapshots=[up, other], config=config) as app:
        changed = GROUPS.replace("attic.lab", "cellar.lab").replace("[connections.z2m]", "[connections.new]")
        write(tmp_path, changed + '\n[connections.bad]\nurl = "nothing"\n')
        os.utime(config, ns=(1, 1))
        await app.press("1")
        await app.until(lambda: any("bad ✗" in line for line in listed(app)), "what was added")
        text = listed(app)
        assert "changed: Enter" in next(line for line in text if "Greenhouse" in line)
        assert "changed" not in next(line for line in text if "loose" in line)
        assert any("new ○" in line for line in text)
        assert not any("z2m" in line for line in text)
        told = [notice.text for notice in app.app.workspace.notices]
        assert any("was read again: 1 new, 1 changed, 1 gone, 1 with problems" in text for text in told)
        assert not app.engine.calls
        await app.press("home", *["down"] * 4, "enter")
        await app.until(lambda: bool(app.engine.calls), "it is connected anew")
        assert app.engine.calls == [("connect", "house")]
        await app.tick()
        assert "changed" not in next(line for line in listed(app) if "Greenhouse" in line)


async def test_a_change_that_is_taken_back_marks_nothing(tmp_path: Path) -> None:
    config = write(tmp_path, GROUPS)
    up = snapshot(id=1, key="house", name="Greenhouse", subscriptions=())
    async with bench(tmp_path, snapshots=[up], config=config) as app:
        for text, marked in ((GROUPS.replace("attic", "cellar"), True), (GROUPS, False)):
            write(tmp_path, text)
            app.app.main_screen.action_reload_profiles()
            await app.until(lambda: bool(app.app.workspace.stale) is marked, f"marked: {marked}")  # noqa: B023


async def test_new_exclusions_hold_at_once(tmp_path: Path) -> None:
    up = snapshot(id=1, key="house", name="Greenhouse", subscriptions=())
    async with bench(tmp_path, snapshots=[up], config=write(tmp_path, GROUPS)) as app:
        write(tmp_path, GROUPS.replace('["a/#"]', '["a/#"]\nexclude = ["a/b"]'))
        app.app.main_screen.action_reload_profiles()
        await app.until(lambda: bool(app.engine.calls), "the engine is asked")
        assert app.engine.calls == [("exclude", 1, ("a/b",))]
        assert not app.app.workspace.stale


async def test_a_reload_without_a_change_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[], config=write(tmp_path, GROUPS)) as app:
        app.app.main_screen.action_reload_profiles()
        await app.until(lambda: bool(app.app.workspace.notices), "told")
        assert app.app.workspace.notices[-1].text == "connections.toml is as it was"


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_an_empty_list_says_what_to_do(tmp_path: Path, size: tuple[int, int]) -> None:
    async with bench(tmp_path, snapshots=[], size=size) as app:
        await app.press("1")
        await app.tick()
        text = "\n".join(app.lines)
        assert "No connection yet." in text
        assert "A adds one" in text
        assert "I imports" in text
        assert "mqttx-tui demo" in text
        assert "I import" in app.lines[-1]


async def test_a_loss_is_told_once_with_its_reason(tmp_path: Path) -> None:
    lost = ErrorInfo("the server closed with 1008 policy violation (log in first)", "Closed with 1008")
    async with bench(tmp_path) as app:
        before = len(app.app.workspace.notices)
        for attempt in (1, 2, 3):
            for phase in (Phase.RETRYING, Phase.CONNECTING):
                app.app.workspace.state(snapshot(phase=phase, error=lost, attempt=attempt, connected_at=None))
        assert [notice.text for notice in app.app.workspace.notices][before:] == [
            "greenhouse: the server closed with 1008 policy violation (log in first) · trying again"
        ]
