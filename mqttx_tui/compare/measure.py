"""Measuring several targets in turns, so that none has the colder or the busier machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mqttx_tui.compare.results import Result
from mqttx_tui.compare.target import Target
from mqttx_tui.doctor.plan import Plan
from mqttx_tui.session.options import check_connect
from mqttx_tui.transport.connect import endpoint_of

MOST_CONNECTS = 5
"""Connections that are opened and left again for each target: many brokers watch how often one comes."""

Tell = Callable[[str], None]
"""Hears in a few words what is measured next."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured: each QoS with each payload size in bytes, ``count`` times."""

    qos: tuple[int, ...]
    sizes: tuple[int, ...]
    count: int

    @property
    def connects(self) -> int:
        """How often connecting and leaving is measured."""
        return min(self.count, MOST_CONNECTS)


def check(plan: Plan) -> None:
    """Raise ``InputError`` for a profile with which nothing can be measured."""
    endpoint_of(plan.profile)
    check_connect(plan.profile, plan.profile.client_id)


async def measure(plans: Sequence[Plan], asked: Asked, tell: Tell = lambda _: None) -> list[Result]:
    """Measure the connections of ``plans``; what went wrong with one is in its result.

    Connections and messages are tried once before they count. Nothing is left behind: topics and
    client ids are new ones, sessions end with their connections, no message is retained, and no will
    is sent.
    """
    targets = [Target(plan) for plan in plans]
    try:
        tell("connecting")
        for target in targets:
            await target.attempt(target.open)
        for target in _turns(targets, asked.connects):
            await target.attempt(target.connect_once)
        tell("ping")
        for target in _turns(targets, asked.count):
            await target.attempt(target.ping_once)
        for target in targets:
            await target.attempt(target.try_out)
        for size in asked.sizes:  # the smallest first: one that is too large may end it
            for qos in asked.qos:
                tell(f"QoS {qos}, {size:,} bytes")
                wanting = [target for target in targets if target.takes(qos, size)]
                for target in _turns(wanting, asked.count):
                    await target.attempt(target.publish_once, qos, size)
    finally:
        for target in targets:
            await target.leave()
    return [target.result() for target in targets]


def _turns(targets: Sequence[Target], count: int) -> Iterator[Target]:
    """Each of them ``count`` times; who comes first changes from round to round."""
    for number in range(count):
        first = number % max(len(targets), 1)
        yield from (*targets[first:], *targets[:first])
