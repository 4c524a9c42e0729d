"""Where one run captures: a private directory, and perhaps a file that a person named."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mqttx_tui.capture.place import PrivateDirectory, make_private, plan


@dataclass(frozen=True, slots=True)
class Room:
    """``path`` is written while capturing; with ``copy_to`` it is saved there at the end, for the
    reason ``why``. ``kept`` means that ``path`` itself is the file to keep."""

    directory: PrivateDirectory
    path: Path
    kept: bool
    copy_to: Path | None = None
    why: str = ""


def make_room(capture: str, *, disposable: bool = False) -> Room:
    """A place for a capture that is kept in the file ``capture``, or for a private one ("").

    Raises ``InputError`` where nothing can be written.
    """
    target = Path(capture).expanduser().absolute() if capture else None
    plans = plan(target) if target else None
    directory = make_private(disposable=disposable)
    if target is None or plans is None:
        return Room(directory, directory.capture, kept=False)
    if plans.copy_to is None:
        return Room(directory, target, kept=True)
    return Room(directory, directory.capture, kept=False, copy_to=plans.copy_to, why=plans.why)
