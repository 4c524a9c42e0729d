"""Look a connection over, stage by stage, and say in plain words what is wrong with it.

Name, TCP, TLS, WebSocket upgrade, CONNECT, subscribe, publish and receive, each with its time and a
verdict; then what the broker supports, by what it says and by trying. Nothing stays on the broker:
topics and client ids are new ones, sessions end, retained test messages are cleared. A read-only
profile publishes nothing. ws:// is a raw WebSocket, mqtt+ws:// MQTT over one.

examples:
  mqttx-tui doctor mqtts://broker.lab --cafile lab-ca.pem
  mqttx-tui doctor home --json --timeout 3
"""

from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser, Namespace
from contextlib import suppress

from mqttx_tui.cli.arguments import add_connection, build_profile
from mqttx_tui.cli.probing import add_probe, check_probe
from mqttx_tui.model.errors import Exit


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_connection(parser)
    group = parser.add_argument_group("doctor")
    group.add_argument(
        "--exact-id",
        action="store_true",
        help="use the client id as it is: whoever is connected under it is thrown out",
    )
    add_probe(group, "test below this topic (usual: mqttx-tui/doctor)")


def run(namespace: Namespace) -> int:
    """Examine; exits as the first stage that failed would, with 0 when none did."""
    check_probe(namespace)
    try:
        return asyncio.run(_examined(namespace))
    except asyncio.CancelledError:
        return Exit.INTERRUPTED


async def _examined(namespace: Namespace) -> int:
    from mqttx_tui.cli.ask import ask
    from mqttx_tui.cli.doctor_table import Table, put_json
    from mqttx_tui.doctor.examine import examine
    from mqttx_tui.doctor.plan import PREFIX, Plan
    from mqttx_tui.profiles.secrets import resolve
    from mqttx_tui.transport.connect import endpoint_of

    task = asyncio.current_task()
    assert task is not None
    with suppress(NotImplementedError):  # Windows: it ends at once there
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    resolved = await resolve(build_profile(namespace), ask)
    prefix = namespace.topic.rstrip("/") or PREFIX
    plan = Plan(resolved, namespace.timeout, prefix, namespace.exact_id)
    if namespace.as_json:
        report = await examine(plan)
        put_json(report)
    else:
        table = Table(endpoint_of(plan.profile).shown())
        report = await examine(plan, table.check)
        table.end(report)
    return int(report.exit_code)
