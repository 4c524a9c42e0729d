"""Up, Down and Ctrl+R: what was published before comes back, also after a restart."""

from __future__ import annotations

import json
from pathlib import Path

from mqttx_tui.model.state import Phase
from mqttx_tui.ui.draft import Draft
from mqttx_tui.ui.panes.composer import ComposerPane
from mqttx_tui.ui.publish_history import FILE, Entry, PublishHistory
from mqttx_tui.ui.screens.publish_history import HistoryScreen
from mqttx_tui.ui.widgets.payload_area import PayloadArea
from tests.ui.bench_app import NOON, Bench, bench, snapshot


def composer(app: Bench) -> ComposerPane:
    pane = app.app.main_screen.find_pane(ComposerPane)
    assert pane is not None
    return pane


def written(folder: Path, *drafts: Draft) -> None:
    history = PublishHistory(folder / FILE)
    for draft in drafts:
        history.write(Entry(NOON / 1e9, "greenhouse", draft))


async def holds(app: Bench, topic: str, payload: str) -> None:
    def stands() -> bool:
        draft = composer(app).draft
        return (draft.topic, draft.payload) == (topic, payload)

    await app.until(stands, f"{topic} {payload} in the fields")


async def in_payload(app: Bench) -> None:
    await app.press("p")
    composer(app).focus_payload()
    await app.pilot.pause()
    assert isinstance(app.app.focused, PayloadArea)


async def test_up_and_down_go_through_what_was_published(tmp_path: Path, state_folder: Path) -> None:
    written(state_folder, Draft("a", "1"), Draft("a", "2", "json", 1, True, {"user": "k=v"}), Draft("a", "3"))
    async with bench(tmp_path) as app:
        await in_payload(app)
        await app.press(*"typed")
        for payload in "321":
            await app.press("up")
            await holds(app, "a", payload)
        await app.press("up")
        await app.until(lambda: "nothing older" in "\n".join(app.lines), "the end is said")
        await holds(app, "a", "1")
        await app.press("down")
        await holds(app, "a", "2")
        draft = composer(app).draft
        assert (draft.format, draft.qos, draft.retain, draft.properties) == ("json", 1, True, {"user": "k=v"})
        await app.press("down")
        await holds(app, "a", "3")
        await app.press("down")
        await holds(app, "", "typed")


async def test_what_is_sent_stands_in_the_file_and_comes_back_in_the_next_run(
    tmp_path: Path, state_folder: Path
) -> None:
    async with bench(tmp_path) as app:
        await app.press("p", *"site", "tab", *"ON", "f5")
        await app.until((state_folder / FILE).exists, "the file")
        line = json.loads((state_folder / FILE).read_text())
        assert (line["topic"], line["payload"], line["connection"]) == ("site", "ON", "greenhouse")
        assert app.engine.calls[-1] == ("publish", 1, "site", b"ON", False)
    (tmp_path / "again").mkdir()
    async with bench(tmp_path / "again") as app:
        await app.press("p", "up")
        await holds(app, "site", "ON")


async def test_a_message_of_many_lines_is_left_only_at_its_edges(tmp_path: Path, state_folder: Path) -> None:
    written(state_folder, Draft("a", "old"))
    async with bench(tmp_path) as app:
        await in_payload(app)
        composer(app).open_draft(Draft("b", "one\ntwo\nthree"))
        await app.pilot.pause()
        area = composer(app).query_one(PayloadArea)
        area.go_to(3, 1)
        await app.press("up", "up")
        assert area.cursor_location == (0, 0)
        assert composer(app).draft.payload == "one\ntwo\nthree"
        await app.press("up")
        await holds(app, "a", "old")
        await app.press("down")
        await holds(app, "b", "one\ntwo\nthree")


async def test_down_in_the_topic_goes_to_the_payload(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.press("p")
        assert app.app.focused is not None
        assert app.app.focused.id == "composer-topic"
        await app.press("down")
        assert isinstance(app.app.focused, PayloadArea)


async def test_ctrl_r_searches_and_enter_takes(tmp_path: Path, state_folder: Path) -> None:
    written(state_folder, Draft("site/7/set", "ON"), Draft("site/8/set", '{"on": true}'), Draft("lamp", "ON"))
    async with bench(tmp_path) as app:
        await app.press("p", "ctrl+r")
        await app.until(lambda: isinstance(app.app.screen, HistoryScreen), "the list")
        await app.until(lambda: "lamp" in "\n".join(app.lines), "the newest")
        assert "site/8/set" in app.line('{"on": true}')
        await app.press(*"site", "space", *"on")
        await app.until(lambda: not any("lamp" in line for line in app.lines), "narrowed")
        await app.press("down", "enter")
        await holds(app, "site/7/set", "ON")
        assert isinstance(app.app.focused, PayloadArea)
        assert not [call for call in app.engine.calls if call[0] == "publish"]


async def test_ctrl_r_without_a_match_and_esc_change_nothing(tmp_path: Path, state_folder: Path) -> None:
    written(state_folder, Draft("lamp", "ON"))
    async with bench(tmp_path, size=(60, 20)) as app:
        await app.press("p", *"mine", "ctrl+r")
        await app.until(lambda: "lamp" in "\n".join(app.lines), "the list")
        await app.press(*"zzz")
        await app.until(lambda: "nothing like that" in "\n".join(app.lines), "said")
        await app.press("enter")
        assert isinstance(app.app.screen, HistoryScreen)
        await app.press("escape")
        await app.until(lambda: not isinstance(app.app.screen, HistoryScreen), "closed")
        assert composer(app).draft.topic == "mine"


async def test_frames_and_messages_do_not_mix(tmp_path: Path, state_folder: Path) -> None:
    written(state_folder, Draft("", '{"id":1}'), Draft("a", "1"))
    raw = snapshot(protocol="websocket", transport="ws", version="websocket", subscriptions=())
    async with bench(tmp_path, snapshots=[raw]) as app:
        await app.press("p", "up")
        await holds(app, "", '{"id":1}')


async def test_a_secret_is_sent_and_forgotten(tmp_path: Path, state_folder: Path) -> None:
    async with bench(tmp_path) as app:
        await in_payload(app)
        composer(app).open_draft(Draft("door", "pin-7731", secret=True, name="unlock"))
        await app.pilot.pause()
        assert "pin-7731" not in "\n".join(app.lines)
        assert "secret, 8 characters" in "\n".join(app.lines)
        await app.press("f5")
        await app.until(lambda: app.engine.calls[-1][:4] == ("publish", 1, "door", b"pin-7731"), "sent")
        composer(app).open_draft(Draft("plain", "x"))
        await app.press("f5")
        await app.until((state_folder / FILE).exists, "the file")
        assert "pin-7731" not in (state_folder / FILE).read_text()
        await app.press("up", "up")
        await app.until(lambda: "nothing older" in "\n".join(app.lines), "only the plain one")


async def test_a_broken_file_is_told_and_set_aside(tmp_path: Path, state_folder: Path) -> None:
    written(state_folder, Draft("a", "1"))
    with (state_folder / FILE).open("a") as file:
        file.write("broken\n")
    async with bench(tmp_path) as app:
        await app.press("p", "up")
        await holds(app, "a", "1")
        assert any("line 2 of" in notice.text for notice in app.app.workspace.notices)
    assert (state_folder / (FILE + ".broken")).exists()


async def test_what_is_refused_is_not_remembered(tmp_path: Path, state_folder: Path) -> None:
    down = snapshot(phase=Phase.RETRYING)
    async with bench(tmp_path, snapshots=[down]) as app:
        await app.press("p", *"site", "tab", *"ON", "f5")
        await app.until(lambda: "not connected" in "\n".join(app.lines), "refused")
        assert not (state_folder / FILE).exists()
