"""What the app changes in the profile file beside the form."""

from __future__ import annotations

from pathlib import Path

import pytest

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.profile import Profile
from mqttx_tui.profiles.load import load
from mqttx_tui.ui.profile_book import ProfileBook

CONFIG = """\
schema = 1  # mine

[connections.z2m]
url = "mqtt://pi.local"  # the attic
exclude = ["zigbee2mqtt/bridge/logging"]

[connections.plain]
url = "mqtt://plain"
"""


def book(directory: Path, text: str = CONFIG) -> ProfileBook:
    path = directory / "connections.toml"
    path.write_text(text)
    return ProfileBook(load(path))


def test_an_exclusion_is_added_to_those_in_the_file(tmp_path: Path) -> None:
    found = book(tmp_path)
    told: list[tuple[Profile, ...]] = []
    found.changed = told.append
    kept = found.keep_exclude("z2m", "zigbee2mqtt/bridge/state")
    assert kept == ("zigbee2mqtt/bridge/logging", "zigbee2mqtt/bridge/state")
    read = load(tmp_path / "connections.toml")
    assert read.profiles[0].exclude == kept
    assert told[-1][0].exclude == kept
    assert "schema = 1  # mine" in read.text
    assert "# the attic" in read.text


def test_an_exclusion_of_a_connection_without_any(tmp_path: Path) -> None:
    found = book(tmp_path)
    assert found.keep_exclude("plain", "a b/#") == ("a b/#",)
    assert load(tmp_path / "connections.toml").profiles[1].exclude == ("a b/#",)


def test_the_same_exclusion_twice_writes_once(tmp_path: Path) -> None:
    found = book(tmp_path)
    assert found.keep_exclude("z2m", "zigbee2mqtt/bridge/logging") == ("zigbee2mqtt/bridge/logging",)
    assert (tmp_path / "connections.toml").read_text() == CONFIG
    assert not (tmp_path / "connections.toml.bak").exists()


def test_an_exclusion_can_be_taken_back(tmp_path: Path) -> None:
    found = book(tmp_path)
    assert found.drop_exclude("z2m", "zigbee2mqtt/bridge/logging") == ()
    assert load(tmp_path / "connections.toml").profiles[0].exclude == ()


def test_what_the_defaults_leave_out_stays_left_out(tmp_path: Path) -> None:
    found = book(tmp_path, '[defaults]\nexclude = ["a/#"]\n\n[connections.home]\nurl = "mqtt://h"\n')
    assert found.keep_exclude("home", "b/#") == ("a/#", "b/#")
    assert load(tmp_path / "connections.toml").profiles[0].exclude == ("a/#", "b/#")


def test_a_connection_that_is_not_in_the_file_keeps_no_exclusion(tmp_path: Path) -> None:
    found = book(tmp_path)
    with pytest.raises(AppError, match="no connection 'elsewhere'"):
        found.keep_exclude("elsewhere", "a/#")
    assert (tmp_path / "connections.toml").read_text() == CONFIG
