"""Copying: OSC 52, and inside tmux its own buffer, which works without any setting."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Any

from textual.app import App


def copy(app: App[Any], text: str) -> None:
    """Put ``text`` on the clipboard as far as the terminal allows."""
    app.copy_to_clipboard(text)
    if not os.environ.get("TMUX") or shutil.which("tmux") is None:
        return
    try:
        child = subprocess.Popen(
            ["tmux", "load-buffer", "-w", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert child.stdin is not None
        child.stdin.write(text.encode("utf-8", "replace"))
        child.stdin.close()
        child.wait(2)
    except (OSError, subprocess.TimeoutExpired):
        return
