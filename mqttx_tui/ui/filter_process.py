"""``python -m mqttx_tui.ui.filter_process``: looks for the messages of a filter that has a pattern in it.

It loads nothing of the screen.
"""

from __future__ import annotations

import os
import sys

COMMAND = (sys.executable, "-m", "mqttx_tui.ui.filter_process")


def main() -> None:
    """Serve the one scan that is asked for on stdin; the thread of a pattern without end goes with us."""
    from mqttx_tui.capture.filters.remote import serve
    from mqttx_tui.wire.properties import decode_properties

    try:
        serve(sys.stdin.buffer, sys.stdout.buffer, decode_properties)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
