"""What the command line asks the app to open with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StartOptions:
    """``targets`` are profile names or URLs to connect to; ``filters`` and ``qos`` go to all of them.

    ``config`` is the profile file (None: the usual place), ``capture`` a file to keep ("" for a
    private one), ``theme`` a theme's name ("" for the default), ``open_path`` a capture to look at
    without an engine. ``linger`` is for how many seconds the engine goes on after its terminal is
    gone (0: it ends with it), ``attach`` the private directory of a running engine to look at.
    ``settings`` is the settings file (None: beside the profile file). ``where`` is the filter that the
    stream begins with. ``low_memory`` goes before the setting of that name (None: the setting decides).
    """

    targets: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    qos: int = 0
    config: Path | None = None
    capture: str = ""
    theme: str = ""
    open_path: str = ""
    linger: float = 0.0
    attach: str = ""
    settings: Path | None = None
    where: str = ""
    low_memory: bool | None = None
