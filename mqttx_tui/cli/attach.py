"""Look at a capture that runs in the background, or in another terminal."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from pathlib import Path

from mqttx_tui.cli.arguments import add_config, add_linger, add_low_memory
from mqttx_tui.model.start import StartOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "name", nargs="?", default="", metavar="NAME", help="a connection of it, or its id in captures list"
    )
    add_linger(parser)
    add_low_memory(parser)
    parser.add_argument("--theme", default="", metavar="NAME", help="colours, for example light")
    add_config(parser)


def run(namespace: Namespace) -> int:
    """Open the app on it. Raises ``InputError`` where nothing of that name runs."""
    from mqttx_tui.engine.running import find, pick

    one = pick(asyncio.run(find()), namespace.name)
    from mqttx_tui.ui.start import run_app

    return run_app(
        StartOptions(
            config=Path(namespace.config).expanduser() if namespace.config else None,
            theme=namespace.theme,
            linger=namespace.linger,
            low_memory=namespace.low_memory,
            attach=str(one.directory),
        )
    )
