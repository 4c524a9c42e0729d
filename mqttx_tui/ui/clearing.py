"""Clearing what a broker retains, and putting it back from the capture. No widgets."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.message import OUTGOING, PAYLOAD_CUT, Message, Outgoing
from mqttx_tui.ui.paced import Outcome, Paced

KEPT_BYTES = 64_000_000
"""So much of what is cleared is held for the undo; of the rest the capture may still know."""
_AT_ONCE = 200
_PUBLISH = 3
_PROPERTIES = (
    "payload_format_indicator",
    "message_expiry_interval",
    "content_type",
    "response_topic",
    "correlation_data",
    "user",
)
"""What a publisher may say of a message (MQTT 5.0 §3.3.2.3); alias and subscription belong to the link."""


@dataclass(frozen=True, slots=True)
class Retained:
    """A topic that was seen retained, with the captured message's id."""

    topic: str
    message: int


@dataclass(slots=True)
class Clearing:
    """One clearing: what was meant, what was cleared, and what it can be put back from."""

    connection: int
    label: str
    wanted: Sequence[Retained]
    kept: dict[int, Message] = field(default_factory=dict)
    cleared: dict[str, int] = field(default_factory=dict)
    """The topics that were cleared, with the id of the message that did it."""

    async def run(self, paced: Paced, path: str) -> Outcome:
        """Publish an empty retained message to each topic (MQTT 5.0 §3.3.1.3).

        With QoS 1, so that a refusal is known.
        """
        ids = [item.message for item in self.wanted]
        self.kept = await asyncio.to_thread(_whole_messages, path, ids)
        outcome = await paced.run(Outgoing(item.topic, b"", 1, retain=True) for item in self.wanted)
        self.cleared = {topic: message for message, topic in outcome.sent.items()}
        return outcome

    async def undo(self, paced: Paced, path: str, *, version5: bool) -> tuple[Outcome, Counter[str]]:
        """Publish what was cleared again; what came of it, and why the rest was left as it is."""
        outcome, left = Outcome(), Counter[str]()
        ids = [item.message for item in self.wanted if item.topic in self.cleared]
        missing = [ident for ident in ids if ident not in self.kept]
        spoken = await asyncio.to_thread(_spoken_since, path, self.connection, self.cleared)
        for messages in (list(self.kept.values()), None):
            if messages is None:
                messages = list((await asyncio.to_thread(_whole_messages, path, missing)).values())
                left["no longer in the capture"] += len(missing) - len(messages)
            outcome.add(await paced.run(self._again(messages, spoken, left, version5)))
            if outcome.stopped:
                break
        for topic in outcome.sent.values():
            self.cleared.pop(topic, None)
        return outcome, +left

    def _again(
        self, messages: list[Message], spoken: set[str], left: Counter[str], version5: bool
    ) -> Iterator[Outgoing]:
        for message in messages:
            if message.topic not in self.cleared:
                continue
            if message.topic in spoken:
                left["has a newer message"] += 1
            elif message.flags & PAYLOAD_CUT or len(message.payload) != message.payload_size:
                left["was captured in part"] += 1
            else:
                yield again(message, version5=version5)


def again(message: Message, *, version5: bool) -> Outgoing:
    """A captured retained message, to be published as it was."""
    found: dict[str, object] = {}
    if version5 and message.properties:
        from mqttx_tui.wire.properties import decode_properties

        captured = decode_properties(message.properties)
        found = {name: captured[name] for name in _PROPERTIES if name in captured}
    return Outgoing(message.topic, message.payload, message.qos, retain=True, properties=found)


def _whole_messages(path: str, ids: Sequence[int]) -> dict[int, Message]:
    """The messages that are still there, up to ``KEPT_BYTES`` of them; in a thread."""
    found: dict[int, Message] = {}
    room = KEPT_BYTES
    reader = CaptureReader(path)
    try:
        for start in range(0, len(ids), _AT_ONCE):
            for head in reader.by_ids(ids[start : start + _AT_ONCE], payload=0):
                room -= head.payload_size
                if room < 0:
                    return found
                whole = reader.message(head.id, payload=max(head.payload_size, 1))
                if whole is not None and not _secret(reader, whole):
                    found[whole.id] = whole
    finally:
        reader.close()
    return found


def _secret(reader: CaptureReader, message: Message) -> bool:
    """Whether we sent it as a secret: then the capture holds its name instead of its payload."""
    if not message.flags & OUTGOING:
        return False
    return any(row.type == _PUBLISH and not row.raw for _, row in reader.packets(message=message.id))


def _spoken_since(path: str, connection: int, cleared: dict[str, int]) -> set[str]:
    """Of the cleared topics those on which somebody published something since; in a thread."""
    reader = CaptureReader(path)
    last: dict[int, str] = {}
    try:
        revision, rows = reader.topics(0)
        while rows:
            for row in rows:
                if row.connection == connection and row.last_message > cleared.get(
                    row.name, row.last_message
                ):
                    last[row.last_message] = row.name
            revision, rows = reader.topics(revision)
        newest = list(last)
        return {
            last[message.id]
            for start in range(0, len(newest), _AT_ONCE)
            for message in reader.by_ids(newest[start : start + _AT_ONCE], payload=0)
            if message.payload_size
        }
    finally:
        reader.close()
