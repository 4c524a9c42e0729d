"""The entry point ``mqttx-tui``."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == ["--version"]:
        from mqttx_tui import __version__

        print(f"mqttx-tui {__version__}")
        return 0
    print("mqttx-tui: no command yet", file=sys.stderr)
    return 2
