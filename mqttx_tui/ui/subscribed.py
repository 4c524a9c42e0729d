"""What each connection had subscribed to at a time, from the packets of the capture. No widgets."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from mqttx_tui.capture.subscribing import Step
from mqttx_tui.model.came_by import CameBy, came_by
from mqttx_tui.model.message import OUTGOING, WEBSOCKET, Message
from mqttx_tui.model.profile import Subscription
from mqttx_tui.model.visible import visible
from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.describe import describe_properties
from mqttx_tui.wire.errors import MalformedPacket
from mqttx_tui.wire.packets import V311, Connect, Suback, Subscribe, Unsubscribe

ReadSteps = Callable[[int], list[Step]]
"""``CaptureReader.subscribing``."""
Held = dict[str, Subscription]


class Subscribed:
    """Follows the capture: each packet is looked at once."""

    def __init__(self) -> None:
        self._until = 0
        self._levels: dict[int, int] = {}
        self._asked: dict[tuple[int, int], list[str]] = {}
        self._states: dict[int, list[tuple[int, Held]]] = {}

    def at(self, read: ReadSteps, connection: int, at: int) -> tuple[Subscription, ...]:
        """The subscriptions of a connection at a time (ns); also those that were not answered yet."""
        for step in read(self._until):
            self._until = step.row
            try:
                self._take(step)
            except MalformedPacket:
                continue
        states = self._states.get(connection, [])
        place = bisect_right(states, at, key=lambda state: state[0])
        return tuple(states[place - 1][1].values()) if place else ()

    def _take(self, step: Step) -> None:
        packet = decode(step.raw, self._levels.get(step.connection, V311))
        states = self._states.setdefault(step.connection, [])
        held = dict(states[-1][1]) if states else {}
        match packet:
            case Connect():
                self._levels[step.connection] = packet.version
                held = {} if packet.clean_start else held
            case Subscribe():
                numbers = packet.properties.get("subscription_identifier", (None,))
                filters = [one.filter for one in packet.subscriptions]
                held |= {each: Subscription(each, identifier=numbers[0]) for each in filters}
                self._asked[step.connection, packet.packet_id] = filters
            case Suback():
                filters = self._asked.pop((step.connection, packet.packet_id), [])
                for each, reason in zip(filters, packet.reasons, strict=False):
                    if reason >= 0x80:
                        held.pop(each, None)
            case Unsubscribe():
                for each in packet.filters:
                    held.pop(each, None)
        if not states or held != states[-1][1]:
            states.append((step.at, held))

    def rows(self, read: ReadSteps, message: Message) -> tuple[tuple[str, str], ...]:
        """Names and words for a received message; nothing for any other, and where nothing is known."""
        if message.flags & (OUTGOING | WEBSOCKET):
            return ()
        found = describe_properties(message.properties or b"")
        numbers = [one.value for one in found if one.name == "subscription_identifier"]
        identifiers = [number for number in numbers if isinstance(number, int)]
        return words(came_by(message.topic, identifiers, self.at(read, message.connection, message.at)))


def words(came: CameBy) -> tuple[tuple[str, str], ...]:
    """``came by  site/# (identifier 7)``, or what matches where the broker does not say it."""
    filters = visible(", ".join(came.filters), 500)
    if came.computed:
        return (("matches", f"{filters} (computed: the broker does not say by which)"),) if filters else ()
    numbers = ", ".join(map(str, came.identifiers))
    what = f"identifier{'s' if len(came.identifiers) > 1 else ''} {numbers}"
    return (("came by", f"{filters} ({what})" if filters else f"{what}, of no subscription known here"),)
