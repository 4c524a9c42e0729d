"""Send a request, wait for its answer and print it; how long it took goes to stderr.

With MQTT 5 the request carries a response topic and correlation data (MQTT 5.0 §4.10), and only an answer
with the same correlation data counts. With 3.1.1 the first message on the response topic is the answer.
Over a raw WebSocket, without -t, the payload is JSON with an "id" (as JSON-RPC has it), and the answer is the
message with the same one. Exit code 1 when none came in time.

examples:
  mqttx-tui request mqtt://localhost -t site/7/get -m '{"read": "temp"}' --timeout 5
  mqttx-tui request home -t rpc/call -m ping -e rpc/answer/me --json
  mqttx-tui request ws://192.168.1.50/rpc -m '{"id": 1, "method": "Shelly.GetStatus"}'
  mqttx-tui request ha-socket -m '{"id": 2, "type": "get_config"}' --after '.type == "auth_ok"'
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
from mqttx_tui.cli.properties import refuse
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments; letters mean what they mean for mosquitto_rr."""
    add_connection(parser)
    add_debug(parser)
    group = parser.add_argument_group("request")
    group.add_argument("-t", "--topic", metavar="TOPIC", help="where to; none for a raw WebSocket")
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
    group.add_argument(
        "--after", metavar="FILTER", help="a raw WebSocket: send it once a message that matches has come"
    )
    output = parser.add_argument_group("output")
    output.add_argument("-v", "--verbose", action="store_true", help="topic and payload")
    output.add_argument("--json", dest="json_lines", action="store_true", help="a JSON object")
    output.add_argument("-F", dest="template", metavar="FORMAT", help="as for sub")


def run(namespace: Namespace) -> int:
    """Ask; 0 once the answer is printed, 1 when none came in time."""
    from mqttx_tui.cli.formats import choose
    from mqttx_tui.cli.headless import execute

    profile = _profile(namespace)
    output = choose(
        template=namespace.template,
        as_json_lines=namespace.json_lines,
        verbose=namespace.verbose,
        terminal=sys.stdout.isatty(),
    )
    if profile.protocol == "websocket":
        from mqttx_tui.cli.calling import call_and_wait

        return execute(lambda: call_and_wait(profile, namespace, output))
    from mqttx_tui.cli.requesting import ask_for_answer

    return execute(lambda: ask_for_answer(profile, namespace, output))


def _profile(namespace: Namespace) -> Profile:
    """The profile to ask with. Raises ``InputError`` for options that do not go together."""
    from mqttx_tui.model.topics import check_topic

    for topic in (namespace.topic, namespace.response_topic or None):
        if topic is not None:
            check_topic(topic)
    scheme, separator, rest = namespace.target.partition("://")
    if separator and scheme.lower() in ("ws", "wss") and namespace.topic is not None:
        namespace.target = f"mqtt+{scheme}{separator}{rest}"  # with a topic, a ws URL means MQTT
    refuse(namespace, "request", "unsubscribe")
    profile = build_profile(namespace)
    if profile.protocol == "mqtt":
        if namespace.topic is None:
            raise InputError("no topic", title="Nothing to publish to", hint="-t TOPIC")
        if namespace.after is not None:
            raise InputError("--after is for a raw WebSocket", title="No request", hint="leave it out")
        return profile
    options = (
        ("-t", namespace.topic),
        ("-e", namespace.response_topic),
        ("--correlation", namespace.correlation),
    )
    given = [option for option, value in options if value]
    if given:
        raise InputError(
            f"{profile.label} is a raw WebSocket, which has no topics: {given[0]} means nothing there",
            title="No request",
            hint="leave it out: the answer is found by the id in the payload",
        )
    return profile
