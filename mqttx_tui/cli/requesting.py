"""What ``request`` does: subscribe to the response topic, publish, and wait for the answer."""

from __future__ import annotations

import os
import secrets
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mqttx_tui.cli.formats import Format, Record, decoded
from mqttx_tui.cli.gate import Gate, Topics
from mqttx_tui.cli.headless import Run, connected, quiet, run_engine
from mqttx_tui.cli.output import say
from mqttx_tui.cli.properties import of_publish, of_subscribe
from mqttx_tui.cli.publishing import NO_SUBSCRIBERS, check_delivery, payload_of, settled
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.message import OUTGOING, RETAIN, Outgoing, Row
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.session.base import Sink

ANSWER_QOS = 1
"""Asked for with the subscription to the response topic."""


class Answer:
    """Finds the answer among the rows that the capture took, and prints it."""

    def __init__(self, run: Run, topics: Topics, label: str, output: Format) -> None:
        self._run, self._topics, self._label, self._output = run, topics, label, output
        self.topic = ""
        self.correlation: bytes | None = None
        """None: the protocol has none, and every message on the topic is the answer."""
        self.asked_at = 0
        self.strangers = 0
        """Messages on the topic that answered something else."""

    def take(self, first_id: int, rows: Sequence[Row]) -> None:
        """Look through a batch as the writer committed it."""
        for row in rows:
            at, topic, flags, _, payload, properties = row
            if (
                flags & (OUTGOING | RETAIN)
                or self._topics.names.get(topic) != self.topic
                or not self.asked_at
            ):
                continue
            if self._run.ended.done():
                return
            if (
                self.correlation is not None
                and decoded(properties).get("correlation_data") != self.correlation
            ):
                self.strangers += 1
                continue
            self._print(Record(at, self.topic, flags, payload, properties, self._label))
            say(f"answered after {max(at - self.asked_at, 0) / 1e6:.1f} ms")
            self._run.finish(Exit.DONE)

    def _print(self, record: Record) -> None:
        line = self._output(record)
        if line is not None:
            sys.stdout.buffer.write(line + b"\n")
            sys.stdout.buffer.flush()


async def ask_for_answer(profile: Profile, namespace: Namespace, output: Format) -> Exit:
    """Ask once; returns the exit code."""
    run, topics = Run(lasting=False, tell_broker=namespace.debug), Topics()
    payload = payload_of(namespace)
    answer = Answer(run, topics, profile.label, output)

    def wrap(connection: int, sink: Sink) -> Sink:
        return Gate(sink, connection, topics, None, None)

    async def work(engine: LocalEngine, connections: list[int]) -> None:
        engine.writer.listen(answer.take)
        if not await run.until(connected):
            return
        connection = connections[0]
        answer.topic = namespace.response_topic or f"mqttx-tui/answers/{secrets.token_hex(8)}"
        state = await engine.subscribe(
            connection, of_subscribe(namespace, Subscription(answer.topic, ANSWER_QOS))
        )
        if state.reason is not None:
            return  # told, and the run ended by it
        outgoing = Outgoing(namespace.topic, payload, namespace.qos)
        if run.snapshots[connection].version == "5":
            given = namespace.correlation
            answer.correlation = os.fsencode(secrets.token_hex(8) if given is None else given)
            properties: dict[str, Any] = {
                **of_publish(namespace),
                "response_topic": answer.topic,
                "correlation_data": answer.correlation,
            }
            outgoing = replace(outgoing, properties=properties)
        run.end_after(namespace.timeout, Exit.NOT_ACHIEVED)
        answer.asked_at = engine.writer.now()
        delivery = await settled(engine.deliver(connection, outgoing))
        check_delivery(delivery)
        if delivery.reason == NO_SUBSCRIBERS:
            say(f"nobody subscribes to {namespace.topic}")

    code = await run_engine(run, [replace(quiet(profile), subscriptions=())], work, wrap=wrap)
    if code is Exit.NOT_ACHIEVED:
        others = f"; {answer.strangers} came with other correlation data" if answer.strangers else ""
        say(f"no answer on {answer.topic} within {namespace.timeout:g} s{others}")
    return code
