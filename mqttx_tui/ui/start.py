"""Run the app in this terminal."""

from __future__ import annotations

import os
import sys

from mqttx_tui.model.start import StartOptions

ESC_MILLISECONDS = "25"
"""How long an Esc waits for the rest of a key, where the person did not say. Terminals write the bytes
of a key at once; Textual waits 100 ms."""

FRAMES_PER_SECOND = "200"
"""How soon Textual paints what a key changed; a key that changes the layout takes three frames. Traffic
is paced by the ticker."""


def run_app(options: StartOptions) -> int:
    """Open the app as told; returns the exit code. Raises ``AppError`` before the screen opens."""
    os.environ.setdefault("ESCDELAY", ESC_MILLISECONDS)
    os.environ.setdefault("TEXTUAL_FPS", FRAMES_PER_SECOND)
    for name in ("COLUMNS", "LINES"):
        # Exported by some shells; Textual believes them over the terminal, which may be resized.
        os.environ.pop(name, None)
    from mqttx_tui.ui.app import MqttxTui
    from mqttx_tui.ui.backend import backend_for
    from mqttx_tui.ui.driver import Terminal
    from mqttx_tui.ui.settled import settings_for

    file = settings_for(options)
    app = MqttxTui(
        options,
        backend_for(options, file.settings),
        driver_class=Terminal if sys.platform != "win32" else None,
        settings=file,
    )
    code = app.run(mouse=file.settings.mouse)
    if app.kept_path:
        print(f"capture kept: {app.kept_path}")
    return code if code is not None else (app.return_code or 0)


if __name__ == "__main__":
    sys.exit(run_app(StartOptions(targets=tuple(sys.argv[1:]))))
