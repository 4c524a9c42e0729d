"""What ``request`` does on a raw WebSocket: send a message with an id, wait for the one with the same id."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace

from mqttx_tui.cli.formats import Format, Record
from mqttx_tui.cli.gate import Gate, Select, Topics
from mqttx_tui.cli.headless import Run, connected, run_engine
from mqttx_tui.cli.output import say
from mqttx_tui.cli.publishing import check_delivery, payload_of, settled, typed_as_bytes
from mqttx_tui.cli.selection import selection
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.errors import Exit, InputError
from mqttx_tui.model.message import OUTGOING, Outgoing, Row
from mqttx_tui.model.profile import Profile
from mqttx_tui.payload.calls import FIELDS, Call, call_of
from mqttx_tui.session.base import Sink


class Caller:
    """Looks at what arrives: for what has to come before the call (``after``), then for its answer.

    ``ready`` resolves once the call may go out, ``found`` with the answer.
    """

    def __init__(self, call: Call, after: Select | None) -> None:
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = loop.create_future()
        self.found: asyncio.Future[Row] = loop.create_future()
        self.asked_at = 0
        self._call, self._after = call, after
        if after is None:
            self.ready.set_result(None)

    def take(self, first_id: int, rows: Sequence[Row]) -> None:
        """Look through a batch as the writer committed it."""
        received = [row for row in rows if not row[2] & OUTGOING]
        if not self.ready.done():
            if self._after is not None and self._after(received):
                self.ready.set_result(None)
            return
        if not self.asked_at or self.found.done():
            return
        for row in received:
            call = call_of(row[4], len(row[4])) if row[0] >= self.asked_at else None
            if call is not None and call.same(self._call) and not call.asks:
                self.found.set_result(row)
                return


async def call_and_wait(profile: Profile, namespace: Namespace, output: Format) -> Exit:
    """Call once; returns the exit code. Raises ``InputError`` for a payload without an id."""
    run, topics = Run(lasting=False), Topics()
    payload = payload_of(namespace)
    call = call_of(payload, len(payload))
    if call is None:
        raise InputError(
            "the payload has no id that an answer could repeat",
            title="No request",
            hint=f"a JSON object with one of {', '.join(FIELDS)}; pub sends anything else",
        )
    after = selection(namespace.after, no_retained=False, topics=topics, label=profile.label)
    caller = Caller(call, after)

    def wrap(connection: int, sink: Sink) -> Sink:
        return Gate(sink, connection, topics, None, None)

    async def work(engine: LocalEngine, connections: list[int]) -> None:
        engine.writer.listen(caller.take)
        if not await run.until(connected):
            return
        run.end_after(namespace.timeout, Exit.NOT_ACHIEVED)
        await caller.ready
        caller.asked_at = engine.writer.now()
        outgoing = Outgoing("", payload, binary=typed_as_bytes(namespace))
        check_delivery(await settled(engine.deliver(connections[0], outgoing)))
        at, topic, flags, _, answer, properties = await caller.found
        record = Record(at, topics.names.get(topic, ""), flags, answer, properties, profile.label)
        if (line := output(record)) is not None:
            sys.stdout.buffer.write(line + b"\n")
            sys.stdout.buffer.flush()
        say(f"answered after {max(at - caller.asked_at, 0) / 1e6:.1f} ms")
        run.finish(Exit.DONE)

    code = await run_engine(run, [replace(profile, subscriptions=())], work, wrap=wrap)
    if code is Exit.NOT_ACHIEVED:
        _tell(caller, call, namespace.timeout)
    return code


def _tell(caller: Caller, call: Call, seconds: float) -> None:
    """Why there is no answer."""
    if not caller.asked_at:
        say(f"nothing that matches --after came within {seconds:g} s: the request was not sent")
    else:
        say(f"no answer with {call.field} {call.value!r} within {seconds:g} s")
