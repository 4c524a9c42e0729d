"""Where the profile file is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mqttx_tui.profiles.paths import config_path


def test_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/users/me")
    everything = {"MQTTX_TUI_CONFIG": "/var/c.toml", "XDG_CONFIG_HOME": "/xdg"}
    assert config_path("~/mine.toml", everything) == Path("/users/me/mine.toml")
    assert config_path("", everything) == Path("/var/c.toml")
    assert config_path(None, {"XDG_CONFIG_HOME": "/xdg"}) == Path("/xdg/mqttx-tui/connections.toml")


@pytest.mark.parametrize(
    ("platform", "folder"),
    [("linux", "/users/me/.config"), ("darwin", "/users/me/Library/Application Support")],
)
def test_platforms(platform: str, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/users/me")
    monkeypatch.setattr(sys, "platform", platform)
    wanted = Path(folder) / "mqttx-tui" / "connections.toml"
    assert config_path(None, {}) == wanted
    assert config_path(None, {"XDG_CONFIG_HOME": "relative"}) == wanted
