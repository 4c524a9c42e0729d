"""Where the profile file is, and what the app remembers."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "MQTTX_TUI_CONFIG"
FOLDER = "mqttx-tui"
FILE = "connections.toml"


def config_path(given: str | None = None, environment: Mapping[str, str] | None = None) -> Path:
    """The profile file: ``given`` (from --config), else $MQTTX_TUI_CONFIG, else the platform's place.

    The file need not exist.
    """
    env = os.environ if environment is None else environment
    explicit = given or env.get(VARIABLE, "")
    if explicit:
        return Path(explicit).expanduser()
    return _folder(env) / FOLDER / FILE


def _folder(env: Mapping[str, str]) -> Path:
    xdg = env.get("XDG_CONFIG_HOME", "")
    if xdg and Path(xdg).is_absolute():
        return Path(xdg)
    if sys.platform == "win32":
        return Path(env.get("APPDATA", "") or Path.home() / "AppData" / "Roaming")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path.home() / ".config"


def state_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where the app keeps what it remembers by itself: below $XDG_STATE_HOME, or the platform's place."""
    env = os.environ if environment is None else environment
    xdg = env.get("XDG_STATE_HOME", "")
    if xdg and Path(xdg).is_absolute():
        return Path(xdg) / FOLDER
    if sys.platform == "win32":
        return Path(env.get("LOCALAPPDATA", "") or Path.home() / "AppData" / "Local") / FOLDER
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / FOLDER
    return Path.home() / ".local" / "state" / FOLDER
