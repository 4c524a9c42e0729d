"""Publish a message and wait for its acknowledgement (QoS 1 and 2).

A raw WebSocket target gets it as a frame: text, or binary where it is not UTF-8 or given with --hex or
--base64; with --fragments N it is divided into N frames.

MQTT 5 properties are given as to mosquitto_pub: -D publish content-type text/plain

examples:
  mqttx-tui pub mqtt://localhost -t site/7/set -m on -q 1
  sensors | mqttx-tui pub home -t site/7/log -l
  mqttx-tui pub home --saved "permit join"
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from mqttx_tui.cli.arguments import (
    add_connection,
    add_debug,
    add_payload,
    build_profile,
    duration,
    positive_number,
    qos_number,
)
from mqttx_tui.cli.properties import refuse
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments; letters mean what they mean for mosquitto_pub."""
    add_connection(parser)
    add_debug(parser)
    group = parser.add_argument_group("message")
    group.add_argument("-t", "--topic", metavar="TOPIC", help="where to")
    source = group.add_mutually_exclusive_group()
    add_payload(source)
    source.add_argument("-l", "--stdin-line", action="store_true", help="each line of stdin is a message")
    group.add_argument("--saved", metavar="NAME", help="a message of the profile, by its name")
    group.add_argument("-q", "--qos", type=qos_number, metavar="N", help="0, 1 or 2")
    group.add_argument("-r", "--retain", action="store_true", help="the broker keeps it as the topic's last")
    group.add_argument(
        "--fragments", type=positive_number, default=1, metavar="N", help="WebSocket frames of one message"
    )
    group.add_argument(
        "--timeout", type=duration, metavar="S", help="give up after S seconds, with exit code 1"
    )


def run(namespace: Namespace) -> int:
    """Publish; 0 once everything was handed over and, at QoS 1 and 2, acknowledged."""
    profile = _profile(namespace)
    from mqttx_tui.cli.headless import execute
    from mqttx_tui.cli.publishing import publish

    return execute(lambda: publish(profile, namespace))


def _profile(namespace: Namespace) -> Profile:
    """The profile to publish with. Raises ``InputError`` for options that do not go together."""
    from mqttx_tui.model.topics import check_topic

    sources = ("message", "file", "hex", "base64")
    given = any(getattr(namespace, name) is not None for name in sources)
    given = given or namespace.empty or namespace.stdin_file or namespace.stdin_line
    if not given and namespace.saved is None:
        raise InputError(
            "no payload",
            title="Nothing to publish",
            hint="-m TEXT, --file FILE, --hex HEX, --base64 TEXT or --empty",
        )
    if given and namespace.saved is not None:
        raise InputError("--saved brings its own payload", title="Two payloads", hint="leave one of them out")
    if namespace.topic is not None:
        check_topic(namespace.topic)
    scheme, separator, rest = namespace.target.partition("://")
    if separator and scheme.lower() in ("ws", "wss") and namespace.topic is not None:
        namespace.target = f"mqtt+{scheme}{separator}{rest}"  # with a topic, a ws URL means MQTT
    refuse(namespace, "pub", "subscribe", "unsubscribe")
    profile = build_profile(namespace)
    if profile.protocol == "mqtt" and namespace.topic is None and namespace.saved is None:
        raise InputError("no topic", title="Nothing to publish to", hint="-t TOPIC")
    if profile.protocol == "mqtt" and namespace.fragments > 1:
        raise InputError("--fragments is for a raw WebSocket", title="No frames", hint="leave it out")
    return profile
