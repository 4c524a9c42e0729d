"""Look into live MQTT and WebSocket traffic, in a terminal."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from mqttx_tui.cli.arguments import add_config, add_linger, add_low_memory, qos_number
from mqttx_tui.model.start import StartOptions


def add_arguments(parser: ArgumentParser) -> None:
    """The options of the app."""
    parser.add_argument("targets", nargs="*", metavar="PROFILE|URL", help="what to connect to at once")
    parser.add_argument(
        "-t",
        "--topic",
        dest="filters",
        action="append",
        default=[],
        metavar="FILTER",
        help="subscribe to this",
    )
    parser.add_argument("-q", "--qos", type=qos_number, default=0, metavar="N", help="QoS of -t (0, 1 or 2)")
    parser.add_argument("--capture", default="", metavar="FILE", help="keep everything in this file")
    add_linger(parser)
    add_low_memory(parser)
    parser.add_argument("--theme", default="", metavar="NAME", help="colours, for example light")
    add_config(parser)


def run(namespace: Namespace) -> int:
    """Start the app."""
    from mqttx_tui.model.topics import check_filter

    for topic_filter in namespace.filters:
        check_filter(topic_filter)
    from mqttx_tui.ui.start import run_app

    options = StartOptions(
        targets=tuple(namespace.targets),
        filters=tuple(namespace.filters),
        qos=namespace.qos,
        config=Path(namespace.config).expanduser() if namespace.config else None,
        capture=namespace.capture,
        theme=namespace.theme,
        linger=namespace.linger,
        low_memory=namespace.low_memory,
    )
    return run_app(options)
