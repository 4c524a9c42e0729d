"""Count what the same exchange costs on several connections: TCP or WebSocket, TLS or not, which QoS.

For each target the bytes through the socket, both ways, of connecting, subscribing, a ping, publishing at
each QoS with payloads of several sizes, the delivery to a subscriber, and leaving; and how long messages
and acknowledgements take. One connection publishes, a second one subscribes. Nothing stays on the broker.
ws:// and wss:// mean MQTT over WebSocket here. When a target fails the others are measured all the same.

examples:
  mqttx-tui compare mqtt://localhost ws://localhost:9001/mqtt mqtts://localhost --cafile lab-ca.pem
  mqttx-tui compare home mqtt://localhost -q 0 -q 1 --size 32 --size 4KiB --count 100 --json
"""

from __future__ import annotations

import asyncio
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from mqttx_tui.cli.arguments import add_connection, build_profile, positive_number, qos_number
from mqttx_tui.cli.output import say
from mqttx_tui.cli.probing import add_probe, check_probe
from mqttx_tui.model.errors import Exit, InputError
from mqttx_tui.model.profile import Profile

if TYPE_CHECKING:
    from mqttx_tui.compare.measure import Asked
    from mqttx_tui.compare.results import Result
    from mqttx_tui.doctor.plan import Plan

USUAL_SIZES = (16, 256, 1024, 65_536)
USUAL_COUNT = 20
MOST_COUNT = 1000
MOST_SIZE = 16 * 1024 * 1024
MOST_SIZES = 16


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_connection(parser, several=True)
    group = parser.add_argument_group("compare")
    group.add_argument(
        *("-q", "--qos"),
        type=qos_number,
        action="append",
        default=[],
        metavar="N",
        help="publish at this QoS (several times; usual: 0, 1 and 2)",
    )
    group.add_argument(
        "--size",
        dest="sizes",
        type=_size,
        action="append",
        default=[],
        metavar="BYTES",
        help="of the payload, also 4KiB (several times; usual: 16, 256, 1024 and 65536)",
    )
    group.add_argument(
        *("-C", "--count"),
        type=_count,
        default=USUAL_COUNT,
        metavar="N",
        help="so many messages of each kind (usual: 20)",
    )
    add_probe(group, "publish below this topic (usual: mqttx-tui/compare)")


def run(namespace: Namespace) -> int:
    """Measure; exits as the first target that failed would, with 0 when none did."""
    from mqttx_tui.compare.measure import Asked

    check_probe(namespace)
    sizes = tuple(sorted(set(namespace.sizes))) or USUAL_SIZES
    if len(sizes) > MOST_SIZES:
        raise InputError(f"{len(sizes)} sizes, and {MOST_SIZES} are the most", title="Too many sizes")
    asked = Asked(tuple(sorted(set(namespace.qos))) or (0, 1, 2), sizes, namespace.count)
    profiles = _profiles(namespace)
    plans = asyncio.run(_plans(profiles, namespace))
    try:
        # The proactor loop of Windows does not use the methods of sockets, which count.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            results = runner.run(_measured(plans, asked))
    except asyncio.CancelledError:
        return Exit.INTERRUPTED
    return _told(results, asked, as_json=namespace.as_json)


def _profiles(namespace: Namespace) -> list[Profile]:
    """The profile of each target. Raises ``InputError``, also for one that is no MQTT."""
    options: dict[str, object] = {"headers": [], "subprotocols": [], "origin": None, "compression": False}
    plain = [_profile(namespace, target, **options) for target in namespace.target]
    over_web = [isinstance(one.url, str) and "ws" in one.url.partition("://")[0].lower() for one in plain]
    for profile in plain:
        if profile.protocol != "mqtt":
            raise InputError(
                f"{profile.label} is a raw WebSocket",
                title="Nothing to compare",
                hint="what is compared are MQTT connections",
            )
    # Options of the upgrade are for those that have one; where none has, they are an error as ever.
    return [
        _profile(namespace, target) if web or not any(over_web) else profile
        for target, profile, web in zip(namespace.target, plain, over_web, strict=True)
    ]


def _profile(namespace: Namespace, target: str, **options: object) -> Profile:
    scheme, separator, rest = target.partition("://")
    if separator and scheme.lower() in ("ws", "wss"):
        target = f"mqtt+{scheme}{separator}{rest}"
    return build_profile(Namespace(**{**vars(namespace), **options, "target": target}))


async def _plans(profiles: Sequence[Profile], namespace: Namespace) -> list[Plan]:
    """Everything that a person is asked for comes first, and what cannot work at all."""
    from mqttx_tui.cli.ask import ask
    from mqttx_tui.compare.measure import check
    from mqttx_tui.compare.target import PREFIX
    from mqttx_tui.doctor.plan import Plan
    from mqttx_tui.profiles.secrets import resolve

    prefix = namespace.topic.rstrip("/") or PREFIX
    plans = [Plan(await resolve(profile, ask), namespace.timeout, prefix) for profile in profiles]
    for plan in plans:
        check(plan)
    return plans


async def _measured(plans: Sequence[Plan], asked: Asked) -> list[Result]:
    """Measure, and say on a terminal what is measured just now."""
    from mqttx_tui.compare.measure import measure

    task = asyncio.current_task()
    assert task is not None
    with suppress(NotImplementedError):  # Windows: it ends at once there
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await measure(plans, asked, say if sys.stderr.isatty() else lambda _: None)


def _told(results: list[Result], asked: Asked, *, as_json: bool) -> int:
    from mqttx_tui.cli.compare_json import put_json
    from mqttx_tui.cli.compare_table import put_table
    from mqttx_tui.compare.results import exit_code

    if as_json:
        put_json(results, asked)
    else:
        put_table(results, asked)
    return int(exit_code(results))


def _size(text: str) -> int:
    from mqttx_tui.model.units import size

    try:
        found = int(text) if text.isdecimal() else size(text)
    except InputError as error:
        raise ArgumentTypeError(error.message) from None
    if found > MOST_SIZE:
        raise ArgumentTypeError(f"a payload has at most {MOST_SIZE:,} bytes here")
    return found


def _count(text: str) -> int:
    found = positive_number(text)
    if found > MOST_COUNT:
        raise ArgumentTypeError(f"at most {MOST_COUNT:,} of each kind")
    return found
