"""What ``sub`` does: one connection, and stdout."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence

from mqttx_tui.cli.formats import Format, Record, payload_only, utf8, with_topic
from mqttx_tui.cli.gate import Gate, Topics
from mqttx_tui.cli.headless import Run, answered, connected, run_engine
from mqttx_tui.cli.output import say
from mqttx_tui.cli.selection import selection
from mqttx_tui.cli.stream import Stream
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.message import OUTGOING, Row
from mqttx_tui.model.profile import Profile
from mqttx_tui.session.base import Sink

LAST_SECONDS = 5.0
INTERRUPTED_SECONDS = 0.2
"""How long a reader may take for the rest."""


class Printer:
    """Turns rows into bytes on the stream, ``count`` of them at most."""

    def __init__(
        self,
        run: Run,
        stream: Stream,
        topics: Topics,
        label: str,
        output: Format,
        count: int | None,
        end: bytes,
    ) -> None:
        self._run = run
        self._stream = stream
        self._topics = topics
        self._label = label
        self._output = output
        self._left = count
        self._end = end

    def take(self, first_id: int, rows: Sequence[Row]) -> None:
        """Print a batch as the writer committed it."""
        if self._left == 0:
            return
        incoming = [row for row in rows if not row[2] & OUTGOING]
        if self._left is not None:
            incoming = incoming[: self._left]
            self._left -= len(incoming)
        lines = self._lines(incoming)
        if lines:
            self._stream.put(self._end.join(lines) + self._end)
        if self._left == 0:
            self._run.finish(Exit.DONE)

    def _lines(self, rows: list[Row]) -> list[bytes]:
        """The two formats that mosquitto_sub has without -F take a path of their own: they are
        what a flood is piped through."""
        names = self._topics.names
        if self._output is payload_only:
            return [row[4] for row in rows if row[4]]
        if self._output is with_topic:
            if not self._end:  # -N: mosquitto_sub leaves out what it has only an end of line for
                rows = [row for row in rows if row[4]]
            heads = {topic: utf8(names.get(topic, "")) + b" " for topic in {row[1] for row in rows}}
            return [heads[row[1]] + (row[4] or b"(null)") for row in rows]
        lines = (
            self._output(Record(at, names.get(topic, ""), flags, payload, properties, self._label))
            for at, topic, flags, _, payload, properties in rows
        )
        return [line for line in lines if line is not None]


async def listen(profile: Profile, namespace: Namespace, output: Format) -> Exit:
    """Print messages until count, time, SUBACK (-E), an error or a closed pipe ends it."""
    run, topics = Run(tell_broker=namespace.debug), Topics()
    select = selection(namespace.where, no_retained=namespace.no_retained, topics=topics, label=profile.label)
    stream = Stream(sys.stdout.fileno(), lambda: run.finish(Exit.DONE))
    end = b"" if namespace.no_newline else b"\n"
    printer = Printer(run, stream, topics, profile.label, output, namespace.count, end)

    def wrap(connection: int, sink: Sink) -> Sink:
        return Gate(sink, connection, topics, select, stream)

    async def work(engine: LocalEngine, connections: list[int]) -> None:
        engine.writer.listen(printer.take)
        if await run.until(connected):
            run.end_after(namespace.timeout, Exit.NOT_ACHIEVED)
            for topic_filter in namespace.unsubscribe:
                await engine.unsubscribe(connections[0], topic_filter)
                say(f"unsubscribed {topic_filter}")
            if namespace.subscribe_only and await run.until(answered):
                run.finish(Exit.DONE)

    try:
        return await run_engine(run, [profile], work, wrap=wrap)
    finally:
        interrupted = not run.ended.done() or run.ended.result() is Exit.INTERRUPTED
        if left := await stream.finish(INTERRUPTED_SECONDS if interrupted else LAST_SECONDS):
            say(f"up to {left} bytes at the end were not written: the reader of stdout was too slow")
