"""The filter language over packets: what a message has, and type, packet identifier and reason of each.

Words without a field look into the line that the trace shows. No widgets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters.evaluate import FilterMessage, PacketFact, matcher
from mqttx_tui.capture.filters.fields import MESSAGE_FRAMES
from mqttx_tui.capture.filters.nodes import And, Comparison, Node, Word
from mqttx_tui.capture.rows import ConnectionRow
from mqttx_tui.capture.trace import OUT, Entry
from mqttx_tui.model.message import OUTGOING, WEBSOCKET, WS_FRAME

Said = Callable[[Entry], str]
_MESSAGES = ("publish", "text", "binary")


class TraceFilter:
    """Raises ``InputError`` for a bad filter, as ``parse`` does."""

    def __init__(self, text: str, connections: Mapping[int, ConnectionRow], said: Said) -> None:
        wanted = parse(text)
        self._test = matcher(wanted) if text.strip() else None
        self._connections = connections
        self._said = said
        self.messages = not _only_control(wanted.node)
        """Whether received messages can pass at all."""

    def __call__(self, entry: Entry) -> bool:
        """Whether an entry passes."""
        return self._test is None or self._test(self._asked(entry))

    def _asked(self, entry: Entry) -> FilterMessage:
        flags = entry.flags | (OUTGOING if entry.direction == OUT else 0)
        kind = entry.type
        if kind & WS_FRAME:
            flags |= WEBSOCKET
            kind = kind if entry.row else MESSAGE_FRAMES | kind & 0xF
        connection = self._connections.get(entry.connection)
        return FilterMessage(
            at=entry.at,
            topic=entry.topic,
            flags=flags,
            size=entry.size,
            payload=self._said(entry).encode("utf-8", "surrogatepass"),
            connection=connection.letter if connection else "",
            connection_name=connection.name if connection else "",
            packets=(PacketFact(kind, entry.packet_id, entry.reason),),
        )


def _only_control(node: Node) -> bool:
    """Whether the filter asks for packets that no message stands for: then messages need not be read."""
    if isinstance(node, And):
        return any(_only_control(part) for part in node.parts)
    if not isinstance(node, Comparison) or getattr(node.field, "name", "") != "packet":
        return False
    if node.op not in ("==", "=", "in"):
        return False
    return all(isinstance(value, Word) and value.value not in _MESSAGES for value in node.values)
