"""Files that travel with the program: themes and the example of a profile file.

The wheel carries them below ``mqttx_tui/data``; in a source checkout they stand in its root.
"""

from __future__ import annotations

from importlib.abc import Traversable
from importlib.resources import files
from pathlib import Path

from mqttx_tui.model.errors import AppError

EXAMPLE = "connections.example.toml"
THEMES = "themes"


def resource(name: str) -> Traversable:
    """A bundled file or folder. Raises ``AppError`` where the installation lacks it."""
    packaged = files("mqttx_tui").joinpath("data", name)
    if packaged.is_file() or packaged.is_dir():
        return packaged
    source = Path(__file__).resolve().parents[2] / name
    if source.exists():
        return source
    raise AppError(f"{name} is missing from the installation", hint="install mqttx-tui again")


def example() -> str:
    """The text of ``connections.example.toml``."""
    return resource(EXAMPLE).read_text(encoding="utf-8")
