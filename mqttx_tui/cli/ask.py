"""Asking for a secret on the terminal."""

from __future__ import annotations

import sys
from getpass import getpass

from mqttx_tui.model.visible import visible


async def ask(label: str, question: str) -> str | None:
    """The person's answer, not echoed; None where there is no terminal or no answer.

    Blocks the event loop: it is asked before anything else goes on, and Ctrl+C must work.
    """
    if not sys.stdin.isatty():
        return None
    try:
        return getpass(f"{visible(label)}: {visible(question)}: ", stream=sys.stderr)
    except EOFError:
        return None
