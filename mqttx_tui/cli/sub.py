"""Print messages as they arrive.

On a terminal a line with time, topic and payload; in a pipe what mosquitto_sub prints, byte for
byte. A raw WebSocket target prints its frames.

examples:
  mqttx-tui sub mqtt://localhost -t 'site/#' -v
  mqttx-tui sub home -t '#' --json --where '.temperature > 20' --count 10
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from typing import Any

from mqttx_tui.cli.arguments import (
    add_connection,
    add_debug,
    build_profile,
    duration,
    positive_number,
    qos_number,
)
from mqttx_tui.cli.properties import needing_5, refuse
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile

RETAIN_HANDLING = ("always", "new", "never")
"""As mosquitto_sub spells 0, 1 and 2 (MQTT 5.0 §3.8.3.1)."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments; letters mean what they mean for mosquitto_sub."""
    add_connection(parser)
    add_debug(parser)
    add_subscriptions(parser)
    chosen = parser.add_argument_group("which messages")
    chosen.add_argument(
        "-T", "--filter-out", action="append", default=[], metavar="FILTER", help="leave topics out"
    )
    chosen.add_argument(
        "-U",
        "--unsubscribe",
        action="append",
        default=[],
        metavar="FILTER",
        help="unsubscribe first: a kept session may still have it",
    )
    chosen.add_argument("-R", dest="no_retained", action="store_true", help="leave retained messages out")
    end = parser.add_argument_group("when to end")
    end.add_argument("-C", "--count", type=positive_number, metavar="N", help="after N messages")
    end.add_argument(
        "-W", "--timeout", type=duration, metavar="S", help="S seconds after connecting, with exit code 1"
    )
    end.add_argument("-E", dest="subscribe_only", action="store_true", help="once subscribed")
    output = parser.add_argument_group("output")
    output.add_argument("-v", "--verbose", action="store_true", help="topic and payload")
    output.add_argument(
        "--json", dest="json_lines", action="store_true", help="a JSON object for each message"
    )
    output.add_argument("-F", dest="template", metavar="FORMAT", help="%%t %%p %%j %%q %%r %%x …")
    output.add_argument("-N", dest="no_newline", action="store_true", help="no end of line after a message")


def add_subscriptions(parser: ArgumentParser) -> None:
    """``-t``, ``-q`` and ``--where``; read by ``subscribed_profile``."""
    group = parser.add_argument_group("subscriptions")
    group.add_argument(
        "-t", "--topic", action="append", default=[], metavar="FILTER", help="topic filter (several times)"
    )
    group.add_argument("-q", "--qos", type=qos_number, default=0, metavar="N", help="0, 1 or 2")
    group.add_argument("--where", metavar="FILTER", help="only what matches this filter")
    group.add_argument("--no-local", action="store_true", help="MQTT 5: not what this client publishes")
    group.add_argument(
        "--retain-as-published", action="store_true", help="MQTT 5: the retain flag stays on later messages"
    )
    group.add_argument(
        "--retain-handling",
        choices=RETAIN_HANDLING,
        help="MQTT 5: send what is retained always, for a new subscription, or never",
    )


def subscribed_profile(namespace: Namespace) -> Profile:
    """The profile to listen with. Raises ``InputError`` where nothing would be subscribed to."""
    from mqttx_tui.cli.headless import quiet

    ending = getattr(namespace, "unsubscribe", ())
    refuse(namespace, "listening", "publish", *(() if ending else ("unsubscribe",)))
    profile = build_profile(namespace, filters=namespace.topic, qos=namespace.qos)
    if profile.protocol == "mqtt" and not ending and not any(one.on for one in profile.subscriptions):
        raise InputError(
            f"{profile.label} has no subscriptions", title="Nothing to subscribe to", hint="add -t '#'"
        )
    return quiet(_with_options(profile, namespace))


def _with_options(profile: Profile, namespace: Namespace) -> Profile:
    """The subscription options of MQTT 5 (§3.8.3.1), for every filter."""
    changes: dict[str, Any] = {}
    if namespace.no_local:
        changes["no_local"] = True
    if namespace.retain_as_published:
        changes["retain_as_published"] = True
    if namespace.retain_handling is not None:
        changes["retain_handling"] = RETAIN_HANDLING.index(namespace.retain_handling)
    if not changes:
        return profile
    if namespace.no_local and any(one.filter.startswith("$share/") for one in profile.subscriptions):
        raise InputError("a shared subscription may not have --no-local", title="Bad subscription")
    profile = needing_5(profile, f"--{next(iter(changes)).replace('_', '-')}")
    return replace(profile, subscriptions=tuple(replace(one, **changes) for one in profile.subscriptions))


def run(namespace: Namespace) -> int:
    """Print until the end that was asked for."""
    from mqttx_tui.cli.formats import choose
    from mqttx_tui.cli.headless import execute
    from mqttx_tui.cli.listening import listen
    from mqttx_tui.model.topics import check_filter

    for topic_filter in (*namespace.filter_out, *namespace.unsubscribe):
        check_filter(topic_filter)
    profile = subscribed_profile(namespace)
    profile = replace(profile, exclude=(*profile.exclude, *namespace.filter_out))
    output = choose(
        template=namespace.template,
        as_json_lines=namespace.json_lines,
        verbose=namespace.verbose,
        terminal=sys.stdout.isatty(),
        subscriptions=profile.subscriptions if profile.protocol == "mqtt" else (),
    )
    return execute(lambda: listen(profile, namespace, output))
