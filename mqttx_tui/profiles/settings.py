"""The settings of the interface, each with its place in ``settings.toml``, its default and its meaning.

Nothing heavy is imported here: the settings are read before the first frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = "settings.toml"
AUTO = "auto"
TIMES = {
    "s": "12:00:01",
    "ms": "12:00:01.123",
    "us": "12:00:01.123456",
    "date": "2026-11-21 12:00:01.123",
    "utc": "12:00:01.123Z",
    "iso": "2026-11-21T12:00:01.123Z",
}
"""Formats of the time column, each with what it looks like."""
COLUMNS = ("time", "connection", "arrow", "qos", "flag", "topic")
GLYPHS = (AUTO, "unicode", "ascii")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting under the name that ``SETTINGS`` gives it; sizes in bytes, 0 is automatic."""

    theme: str = AUTO
    time: str = "ms"
    mouse: bool = True
    glyphs: str = AUTO
    columns: tuple[str, ...] = COLUMNS
    topic_width: int = 0
    messages: int = 1_000_000
    bytes: int = 0
    topics: int = 0
    core_share: float = 0.25
    bytes_per_second: int = 600_000
    bytes_per_second_ssh: int = 48_000
    low_memory: bool | str = AUTO
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Binding id → keys, as they were written."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the file. ``kind`` is one of ``text choice switch maybe names count size share``;
    ``maybe`` is a switch that can be ``auto`` as well.

    ``least`` and ``most`` bound numbers, where 0 is allowed as well when it means automatic.
    ``at_once`` says whether a change works without a new start.
    """

    name: str
    path: tuple[str, ...]
    kind: str
    meaning: str
    choices: tuple[str, ...] = ()
    least: float = 0
    most: float = 0
    automatic: bool = False
    at_once: bool = True

    @property
    def label(self) -> str:
        """As written in the file: ``columns.topic_width``."""
        return ".".join(self.path)

    @property
    def default(self) -> Any:
        """The default, as ``Settings`` holds it."""
        return getattr(DEFAULTS, self.name)


DEFAULTS = Settings()
SETTINGS: tuple[Setting, ...] = (
    Setting(
        "theme",
        ("theme",),
        "text",
        "Colours: a theme's name, such as mqttx-light, high-contrast, ansi or nord, or that of a file in "
        "themes/ beside this file. auto: mqttx-dark, or ansi where the terminal has 16 colours.",
    ),
    Setting(
        "time",
        ("time",),
        "choice",
        "Format of the time column: " + ", ".join(f"{name} {look}" for name, look in TIMES.items()) + ".",
        tuple(TIMES),
    ),
    Setting(
        "mouse",
        ("mouse",),
        "switch",
        "Whether the app takes the mouse. false leaves it to the terminal, for selecting text.",
    ),
    Setting(
        "glyphs",
        ("glyphs",),
        "choice",
        "Characters for marks, arrows and rules. auto: ascii on a Linux console and in a locale without "
        "UTF-8, else unicode.",
        GLYPHS,
        at_once=False,
    ),
    Setting(
        "low_memory",
        ("low_memory",),
        "maybe",
        "Settings for little memory: captures of at most 128 MB, 20,000 topics, short queues and small "
        "caches. true, false, or auto: with less than 1 GB of free memory.",
        at_once=False,
    ),
    Setting(
        "columns",
        ("columns", "shown"),
        "names",
        "Columns of the stream before the payload, of: " + ", ".join(COLUMNS) + ".",
        COLUMNS,
    ),
    Setting(
        "topic_width",
        ("columns", "topic_width"),
        "count",
        "Cells for the topic, 8 to 120. 0: a quarter of the width, 14 to 40.",
        least=8,
        most=120,
        automatic=True,
    ),
    Setting(
        "messages",
        ("retention", "messages"),
        "count",
        "How many messages a capture keeps; the oldest go first.",
        least=100,
        most=1_000_000_000,
    ),
    Setting(
        "bytes",
        ("retention", "bytes"),
        "size",
        'How large a capture may grow, such as "512 MB" or "4 GiB". 0: the smallest of 512 MB (128 MB with '
        "low_memory), a quarter of the free memory and half of the free disk.",
        least=8_000_000,
        most=1_000_000_000_000,
        automatic=True,
    ),
    Setting(
        "topics",
        ("retention", "topics"),
        "count",
        "How many topics are counted. 0: 100,000, with low_memory 20,000.",
        least=100,
        most=10_000_000,
        automatic=True,
        at_once=False,
    ),
    Setting(
        "core_share",
        ("paint", "core_share"),
        "share",
        "Painting may take this share of one processor core, 0.02 to 1.",
        least=0.02,
        most=1,
    ),
    Setting(
        "bytes_per_second",
        ("paint", "bytes_per_second"),
        "size",
        'Traffic may paint this much a second, such as "600 kB".',
        least=2_000,
        most=1_000_000_000,
    ),
    Setting(
        "bytes_per_second_ssh",
        ("paint", "bytes_per_second_ssh"),
        "size",
        "The same over ssh.",
        least=2_000,
        most=1_000_000_000,
    ),
)
KEYS_MEANING = (
    'Keys of actions: ID = "KEY" or ["KEY", "KEY"], for example exclude = "K". A key is a character or a '
    "name such as f5, ctrl+t, delete, space. A letter works with Alt as well. The ids stand in "
    "docs/settings.md and on the settings screen (key ,)."
)


def settings_path(profiles: Path) -> Path:
    """The settings file: beside the profile file."""
    return profiles.with_name(FILE)
