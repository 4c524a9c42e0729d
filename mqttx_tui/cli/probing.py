"""What ``doctor`` and ``compare`` have in common: a topic of their own, and time for each answer."""

from __future__ import annotations

from argparse import Namespace, _ArgumentGroup

from mqttx_tui.cli.arguments import duration
from mqttx_tui.model.errors import InputError

USUAL_SECONDS = 10.0


def add_probe(group: _ArgumentGroup, topic_help: str) -> None:
    """Declare ``topic`` (a prefix), ``timeout`` (seconds) and ``as_json``."""
    group.add_argument("-t", "--topic", default="", metavar="PREFIX", help=topic_help)
    group.add_argument(
        "--timeout",
        type=duration,
        default=USUAL_SECONDS,
        metavar="S",
        help="wait for each answer so long (usual: 10)",
    )
    group.add_argument("--json", dest="as_json", action="store_true", help="one JSON object")


def check_probe(namespace: Namespace) -> None:
    """Raises ``InputError`` for a topic that cannot be published to, and for no time at all."""
    from mqttx_tui.model.topics import check_topic

    if namespace.topic:
        check_topic(namespace.topic)
    if not namespace.timeout:
        raise InputError("--timeout 0 leaves no time for an answer", title="Bad time")
