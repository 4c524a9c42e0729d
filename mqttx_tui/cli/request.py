"""Publish a request, wait for its answer and print it; how long it took goes to stderr.

With MQTT 5 the request carries a response topic and correlation data (MQTT 5.0 §4.10), and only an answer
with the same correlation data counts. With 3.1.1 the first message on the response topic is the answer.
Exit code 1 when none came in time.

examples:
  mqttx-tui request mqtt://localhost -t site/7/get -m '{"read": "temp"}' --timeout 5
  mqttx-tui request home -t rpc/call -m ping -e rpc/answer/me --json
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

from mqttx_tui.cli.arguments import (
    add_connection,
    add_debug,
    add_payload,
    build_profile,
    duration,
    qos_number,
)
from mqttx_tui.model.errors import InputError


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments; letters mean what they mean for mosquitto_rr."""
    add_connection(parser)
    add_debug(parser)
    group = parser.add_argument_group("request")
    group.add_argument("-t", "--topic", required=True, metavar="TOPIC", help="where to")
    add_payload(group.add_mutually_exclusive_group(required=True))
    group.add_argument("-q", "--qos", type=qos_number, default=1, metavar="N", help="0, 1 (usual) or 2")
    group.add_argument(
        "-e",
        "--response-topic",
        default="",
        metavar="TOPIC",
        help="where the answer shall go (usual: a new one)",
    )
    group.add_argument("--correlation", metavar="TEXT", help="the correlation data (usual: random)")
    group.add_argument(
        "--timeout", type=duration, default=10.0, metavar="S", help="wait for the answer so long (usual: 10)"
    )
    output = parser.add_argument_group("output")
    output.add_argument("-v", "--verbose", action="store_true", help="topic and payload")
    output.add_argument("--json", dest="json_lines", action="store_true", help="a JSON object")
    output.add_argument("-F", dest="template", metavar="FORMAT", help="as for sub")


def run(namespace: Namespace) -> int:
    """Ask; 0 once the answer is printed, 1 when none came in time."""
    from mqttx_tui.cli.formats import choose
    from mqttx_tui.cli.headless import execute
    from mqttx_tui.cli.requesting import ask_for_answer
    from mqttx_tui.model.topics import check_topic

    check_topic(namespace.topic)
    if namespace.response_topic:
        check_topic(namespace.response_topic)
    scheme, separator, rest = namespace.target.partition("://")
    if separator and scheme.lower() in ("ws", "wss"):
        namespace.target = f"mqtt+{scheme}{separator}{rest}"
    profile = build_profile(namespace)
    if profile.protocol != "mqtt":
        raise InputError(
            f"{profile.label} is a raw WebSocket",
            title="No request",
            hint="requests are for MQTT connections",
        )
    output = choose(
        template=namespace.template,
        as_json_lines=namespace.json_lines,
        verbose=namespace.verbose,
        terminal=sys.stdout.isatty(),
    )
    return execute(lambda: ask_for_answer(profile, namespace, output))
