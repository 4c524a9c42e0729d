"""Copying: OSC 52, and inside tmux its own buffer, which works without any setting."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from typing import Any

from textual.app import App

TMUX_SECONDS = 2.0


def copy(app: App[Any], text: str) -> None:
    """Put ``text`` on the clipboard as far as the terminal allows; tmux is told in a thread."""
    app.copy_to_clipboard(text)
    if os.environ.get("TMUX"):
        asyncio.get_running_loop().run_in_executor(None, _to_tmux, text)


def _to_tmux(text: str) -> None:
    """``-w`` hands it on to the outer terminal's clipboard where tmux may."""
    program = shutil.which("tmux")
    if program is None:
        return
    try:
        subprocess.run(
            [program, "load-buffer", "-w", "-"],
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TMUX_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
