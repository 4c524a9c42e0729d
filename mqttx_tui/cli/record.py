"""Write messages to a capture file, without a screen; mqttx-tui open shows it.

examples:
  mqttx-tui record home -t '#' --capture night.db --timeout 8h
  mqttx-tui record lab ws://10.0.0.7/events --capture both.db --count 1000
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from mqttx_tui.cli.arguments import add_connection, add_low_memory, duration, positive_number
from mqttx_tui.cli.sub import add_subscriptions, subscribed_profile
from mqttx_tui.model.errors import InputError


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_connection(parser, several=True)
    add_subscriptions(parser)
    group = parser.add_argument_group("recording")
    group.add_argument("--capture", required=True, metavar="FILE", help="the file, made or added to")
    group.add_argument("-C", "--count", type=positive_number, metavar="N", help="end after N messages")
    group.add_argument("-W", "--timeout", type=duration, metavar="S", help="end after S seconds")
    add_low_memory(parser)


def run(namespace: Namespace) -> int:
    """Record until the end that was asked for."""
    from mqttx_tui.cli.headless import execute
    from mqttx_tui.cli.recording import record

    profiles = [
        subscribed_profile(Namespace(**{**vars(namespace), "target": target})) for target in namespace.target
    ]
    keys = [profile.key for profile in profiles]
    for key in keys:
        if keys.count(key) > 1:
            raise InputError(f"{key} is named twice", title="The same target twice")
    return execute(lambda: record(profiles, namespace))
