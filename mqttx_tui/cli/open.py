"""Look into a capture file, without any network."""

from __future__ import annotations

import argparse
from pathlib import Path

from mqttx_tui.cli.arguments import add_low_memory
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.start import StartOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="a capture: of --capture, record, or saved from the app")
    parser.add_argument("--where", metavar="FILTER", default="", help="show only what matches this filter")
    parser.add_argument("--theme", metavar="NAME", default="", help="colours, for example light")
    add_low_memory(parser)


def run(namespace: argparse.Namespace) -> int:
    """Open the app on the file. Raises ``AppError`` where it is no capture, or the filter no filter."""
    path = Path(namespace.file)
    if not path.is_file():
        raise InputError(f"{path}: no such file", title="No capture")
    from mqttx_tui.capture.filters import parse
    from mqttx_tui.capture.reader import CaptureReader

    CaptureReader(path).close()
    parse(namespace.where)
    from mqttx_tui.ui.start import run_app

    return run_app(
        StartOptions(
            theme=namespace.theme,
            open_path=str(path),
            where=namespace.where,
            low_memory=namespace.low_memory,
        )
    )
