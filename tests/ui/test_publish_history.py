"""What was published, kept over restarts."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mqttx_tui.model.errors import AppError
from mqttx_tui.ui.draft import Draft
from mqttx_tui.ui.publish_history import (
    BROKEN,
    LONGEST_ENTRY,
    MOST_BYTES,
    MOST_ENTRIES,
    Entry,
    PublishHistory,
)


def book(path: Path) -> PublishHistory:
    return PublishHistory(path / "deep" / "published.jsonl")


def keep(history: PublishHistory, *drafts: Draft) -> None:
    for number, draft in enumerate(drafts):
        entry = Entry(100.5 + number, "home", draft)
        if history.add(entry):
            history.write(entry)


def reread(path: Path) -> PublishHistory:
    again = book(path)
    assert again.load() == ""
    return again


def test_a_missing_file_is_an_empty_history(tmp_path: Path) -> None:
    assert reread(tmp_path).entries == []


def test_every_field_comes_back_and_the_file_is_private(tmp_path: Path) -> None:
    draft = Draft(
        "a/b", "01 ff\n\ud800", "hex", 2, True, {"user": "a=b"}, True, "~/fw.bin", fragments=4, frame="text"
    )
    keep(book(tmp_path), draft)
    again = reread(tmp_path)
    assert again.entries == [Entry(100.5, "home", draft)]
    assert stat.S_IMODE(again.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(again.path.parent.stat().st_mode) == 0o700


def test_what_is_secret_is_not_remembered(tmp_path: Path) -> None:
    history = book(tmp_path)
    keep(history, Draft("door", "pin-7", secret=True))
    assert history.entries == []
    assert not history.path.exists()


def test_the_same_again_takes_no_second_line(tmp_path: Path) -> None:
    keep(book(tmp_path), Draft("a", "1"), Draft("a", "1"), Draft("a", "2"), Draft("a", "1"))
    again = reread(tmp_path)
    assert [entry.draft.payload for entry in again.entries] == ["1", "2", "1"]
    keep(again, Draft("a", "1"))
    assert len(reread(tmp_path).entries) == 3
    assert [entry.draft.payload for entry in again.matching(raw=False)] == ["1", "2"]


def test_frames_and_messages_are_told_apart(tmp_path: Path) -> None:
    history = book(tmp_path)
    keep(history, Draft("a", "1"), Draft("", "frame"))
    assert [entry.draft.payload for entry in history.matching(raw=True)] == ["frame"]
    assert [entry.draft.payload for entry in history.matching(raw=False)] == ["1"]


def test_two_apps_that_publish_at_the_same_time_keep_both(tmp_path: Path) -> None:
    one, other = book(tmp_path), book(tmp_path)
    threads = [
        threading.Thread(target=keep, args=(app, *(Draft(name, f"{number}") for number in range(50))))
        for app, name in ((one, "one"), (other, "other"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = reread(tmp_path).entries
    assert len(found) == 100
    for name in ("one", "other"):
        assert [entry.draft.payload for entry in found if entry.draft.topic == name] == [
            f"{number}" for number in range(50)
        ]


def test_the_file_stays_small(tmp_path: Path) -> None:
    history = book(tmp_path)
    history.path.parent.mkdir()
    line = json.dumps({"at": 1, "connection": "c", "topic": "t", "payload": "x", "format": "text"})
    line = line[:-1] + ', "qos": 0, "retain": false}\n'
    history.path.write_text(line * MOST_ENTRIES)
    keep(history, Draft("a", "newest"))
    lines = history.path.read_text().splitlines()
    assert len(lines) < MOST_ENTRIES
    assert "newest" in lines[-1]
    for number in range(20):
        keep(history, Draft("a", f"{number}" + "y" * 60_000))
    assert history.path.stat().st_size <= MOST_BYTES
    assert reread(tmp_path).entries[-1].draft.payload.startswith("19y")
    keep(history, Draft("a", "z" * LONGEST_ENTRY))
    assert reread(tmp_path).entries[-1].draft.payload.startswith("19y")
    assert history.entries[-1].draft.payload.startswith("z")


@pytest.mark.parametrize("broken", ["garbage", "5", '{"topic": 3}', "[" * 5000, '{"topic": "a"'])
def test_a_broken_file_is_set_aside_and_the_rest_kept(tmp_path: Path, broken: str) -> None:
    keep(book(tmp_path), Draft("a", "1"), Draft("a", "2"))
    path = book(tmp_path).path
    raw = path.read_text().splitlines(keepends=True)
    path.write_text(raw[0] + broken + "\n" + raw[1])
    again = book(tmp_path)
    assert again.load().startswith(f"line 2 of {path} is no message")
    assert [entry.draft.payload for entry in again.entries] == ["1", "2"]
    assert broken in path.with_name(path.name + BROKEN).read_text()
    assert len(reread(tmp_path).entries) == 2


def test_a_line_that_was_cut_does_not_swallow_the_next(tmp_path: Path) -> None:
    keep(book(tmp_path), Draft("a", "1"), Draft("a", "2"))
    path = book(tmp_path).path
    path.write_bytes(path.read_bytes()[:-5])
    keep(book(tmp_path), Draft("a", "3"))
    again = book(tmp_path)
    assert "line 2" in again.load()
    assert [entry.draft.payload for entry in again.entries] == ["1", "3"]


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("a file")
    with pytest.raises(AppError, match=r"published\.jsonl"):
        book(tmp_path).write(Entry(1, "c", Draft("a", "b")))
    assert "published.jsonl" in book(tmp_path).load()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_no_content_of_the_file_is_fatal(tmp_path: Path, content: bytes) -> None:
    history = book(tmp_path)
    history.path.parent.mkdir(exist_ok=True)
    history.path.write_bytes(content)
    history.load()
    assert reread(tmp_path).entries == history.entries
