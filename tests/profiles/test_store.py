"""Saving: whole or not at all, and never over somebody else's change."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mqttx_tui.model.errors import AppError, InputError
from mqttx_tui.profiles import edit, store
from mqttx_tui.profiles.load import load

TEXT = '# mine\r\nschema = 1\r\n\r\n[connections.a]\r\nurl = "mqtt://h"   # the lab\r\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "connections.toml"
    path.write_bytes(TEXT.encode())
    return path


def test_first_save_makes_folder_and_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "connections.toml"
    file = edit.add(load(path), "lab", {"url": "mqtt://h"})
    assert path.read_text() == 'schema = 1\n\n[connections.lab]\nurl = "mqtt://h"\n'
    assert [profile.key for profile in file.profiles] == ["lab"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_backup_mode_and_line_ends(path: Path) -> None:
    path.chmod(0o644)
    file = edit.set_value(load(path), "a", ("read_only",), True)
    assert path.read_bytes() == TEXT.encode() + b"read_only = true\r\n"
    assert path.with_name("connections.toml.bak").read_bytes() == TEXT.encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.with_name("connections.toml.bak").stat().st_mode) == 0o600
    assert sorted(item.name for item in path.parent.iterdir()) == ["connections.toml", "connections.toml.bak"]
    assert file.digest == load(path).digest
    assert file.mtime == path.stat().st_mtime_ns
    assert file.profiles[0].read_only_line == 6


def test_a_symbolic_link_stays_one(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "dotfiles" / "link.toml"
    link.parent.mkdir()
    link.symlink_to("../connections.toml")
    edit.set_value(load(link), "a", ("name",), "A")
    assert link.is_symlink()
    assert 'name = "A"' in path.read_text()
    assert list(link.parent.iterdir()) == [link]


def test_the_second_of_two_apps_is_told(path: Path) -> None:
    first, second = load(path), load(path)
    edit.add(first, "b", {"url": "mqtt://b"})
    kept = path.read_bytes()
    with pytest.raises(AppError, match="changed by somebody else") as caught:
        edit.add(second, "c", {"url": "mqtt://c"})
    assert "read it again" in caught.value.hint
    assert path.read_bytes() == kept
    edit.add(load(path), "c", {"url": "mqtt://c"})
    assert [profile.key for profile in load(path).profiles] == ["a", "b", "c"]


def test_deleted_meanwhile_or_made_meanwhile(path: Path, tmp_path: Path) -> None:
    file = load(path)
    path.unlink()
    with pytest.raises(AppError, match="changed by somebody else"):
        edit.delete(file, "a")
    assert not path.exists()
    missing = load(tmp_path / "other.toml")
    (tmp_path / "other.toml").write_text("# somebody was faster\n")
    with pytest.raises(AppError, match="changed by somebody else"):
        edit.add(missing, "a", {"url": "mqtt://h"})


def test_many_at_once_lose_nothing(path: Path) -> None:
    """Each tries until it succeeds; every connection is there in the end."""
    refused = []

    def add(key: str) -> None:
        while True:
            try:
                edit.add(load(path), key, {"url": f"mqtt://{key}"})
                return
            except AppError as error:
                refused.append(error)

    threads = [threading.Thread(target=add, args=(f"k{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    file = load(path)
    assert {profile.key for profile in file.profiles} == {"a", *(f"k{number}" for number in range(8))}
    assert file.problems == ()


def test_a_failure_leaves_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    file = load(path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AppError, match="No space left") as caught:
        edit.delete(file, "a")
    assert caught.value.title == "Not saved"
    assert path.read_bytes() == TEXT.encode()
    assert list(path.parent.iterdir()) == [path]


def test_killed_while_saving(path: Path) -> None:
    """A process that ends between writing and renaming leaves the old file whole."""
    code = (
        "import os, sys; from mqttx_tui.profiles import edit; from mqttx_tui.profiles.load import load\n"
        "os.replace = lambda *names: os._exit(9)\n"
        "edit.delete(load(sys.argv[1]), 'a')"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert ended.returncode == 9
    assert path.read_bytes() == TEXT.encode()
    assert edit.set_value(load(path), "a", ("name",), "A").profiles[0].name == "A"


def test_refusals(path: Path) -> None:
    file = load(path)
    with pytest.raises(InputError, match="already has a connection 'a'"):
        edit.add(file, "a", {"url": "mqtt://h"})
    with pytest.raises(InputError, match="has no connection 'b'"):
        edit.delete(file, "b")
    with pytest.raises(InputError, match="needs a name"):
        edit.add(file, "", {"url": "mqtt://h"})
    path.write_text("not toml\n")
    with pytest.raises(AppError, match="not valid TOML"):
        edit.add(load(path), "b", {"url": "mqtt://h"})
    assert path.read_text() == "not toml\n"


def test_not_utf8_is_never_rewritten(path: Path) -> None:
    raw = b'# caf\xe9\n[connections.a]\nurl = "mqtt://h"\n'
    path.write_bytes(raw)
    with pytest.raises(AppError):
        edit.delete(load(path), "a")
    assert path.read_bytes() == raw


def test_save_returns_what_is_there(path: Path) -> None:
    file = store.save(load(path), TEXT + "[connections.b]\r\n")
    assert file.problems[0].profile == "b"
    assert file.text == path.read_bytes().decode()


def test_a_text_that_utf8_cannot_express(path: Path) -> None:
    with pytest.raises(AppError, match="UTF-8 cannot express"):
        edit.set_value(load(path), "a", ("name",), "\ud800")
    assert path.read_bytes() == TEXT.encode()
