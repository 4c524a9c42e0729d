"""A text in $VISUAL or $EDITOR, while the app stands aside."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from mqttx_tui.model.errors import AppError

FALLBACKS = ("vi", "nano", "vim")
TAKES_LINE = frozenset(
    ("vi", "vim", "nvim", "view", "nano", "pico", "emacs", "micro", "joe", "kak", "ne", "mg")
)
"""Editors that begin at a line given as ``+LINE``."""


def editor_command(environment: Mapping[str, str] | None = None) -> list[str]:
    """The editor and its arguments. Raises ``AppError`` where there is none."""
    env = os.environ if environment is None else environment
    for name in ("VISUAL", "EDITOR"):
        try:
            command = shlex.split(env.get(name, ""))
        except ValueError as error:
            raise AppError(f"${name}: {error}", title="No editor") from None
        if command:
            return command
    for name in FALLBACKS:
        if shutil.which(name, path=env.get("PATH")):
            return [name]
    raise AppError("there is no vi and no nano", title="No editor", hint="export EDITOR=… before starting")


async def edit_outside(app: App[Any], text: str, suffix: str) -> str:
    """``text`` as the editor left it.

    The file is the owner's alone and is gone afterwards. Raises ``AppError`` where the editor cannot
    be started or ends with an error: what it was given still stands then.
    """
    command = editor_command()
    with _file(text, suffix) as path:
        try:
            with app.suspend(), _ctrl_c_is_the_editors():
                problem = await asyncio.to_thread(_run, [*command, str(path)])
        except SuspendNotSupported:
            raise AppError("this terminal cannot be handed over", title="No editor") from None
        if problem:
            name = Path(command[0]).name
            raise AppError(f"{name} {problem}: the payload is as it was", title="Not edited")
        try:
            return path.read_bytes().decode("utf-8", "surrogateescape")
        except OSError as error:
            raise AppError(f"{path}: {error.strerror}", title="Not edited") from None


async def edit_file(app: App[Any], path: Path, line: int = 1) -> None:
    """A file in its place, at a line where the editor can be told. Raises ``AppError``."""
    command = editor_command()
    at = [f"+{line}"] if line > 1 and Path(command[0]).name in TAKES_LINE else []
    try:
        with app.suspend(), _ctrl_c_is_the_editors():
            problem = await asyncio.to_thread(_run, [*command, *at, str(path)])
    except SuspendNotSupported:
        raise AppError(
            "this terminal cannot be handed over", title="No editor", hint=f"edit {path} elsewhere"
        ) from None
    if problem:
        raise AppError(f"{command[0]} {problem}", title="Not edited", hint=f"edit {path} elsewhere")


def _run(command: list[str]) -> str:
    """Run it to its end; returns what went wrong. Never raises: the app must get its terminal back."""
    try:
        code = subprocess.run(command, check=False).returncode
    except OSError as error:
        return f"cannot be started ({error.strerror})"
    return f"ended with {code}" if code else ""


@contextlib.contextmanager
def _file(text: str, suffix: str) -> Iterator[Path]:
    descriptor, name = tempfile.mkstemp(prefix="payload-", suffix=suffix)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _ctrl_c_is_the_editors() -> Iterator[None]:
    """The terminal sends Ctrl+C to both of us; a handler of ours is not inherited."""
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
