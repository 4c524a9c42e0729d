"""SUBSCRIBE and UNSUBSCRIBE (MQTT 5.0 §3.8.4, §3.10.4)."""

from __future__ import annotations

from mqttx_tui.demo.broker.core import Core
from mqttx_tui.demo.broker.sender import Sender
from mqttx_tui.demo.broker.sessions import FAILURE, Session
from mqttx_tui.demo.broker.subscriptions import Entry
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.topics import check_filter
from mqttx_tui.wire.packets import V5, Suback, Subscribe, Subscription, Unsuback, Unsubscribe

FILTER_INVALID = 0x8F
NO_SUBSCRIPTION = 0x11
_NEVER = 2
_ONLY_NEW = 1


def subscribe(core: Core, session: Session, sender: Sender, packet: Subscribe) -> None:
    """Grant or refuse each filter, answer, and send what is retained."""
    identifier = packet.properties.get("subscription_identifier", (0,))[0]
    reasons: list[int] = []
    retained: list[tuple[str, Entry]] = []
    for asked in packet.subscriptions:
        reason = _refusal(core, session, asked)
        if reason:
            reasons.append(reason if sender.version >= V5 else FAILURE)
            continue
        entry = Entry(
            min(asked.qos, core.limits.maximum_qos), asked.no_local, asked.retain_as_published, identifier
        )
        new = core.subscribe(session, asked.filter, entry)
        reasons.append(entry.qos)
        if asked.retain_handling != _NEVER and (new or asked.retain_handling != _ONLY_NEW):
            retained.append((asked.filter, entry))
    sender.packet(Suback(packet.packet_id, tuple(reasons)))
    for topic_filter, entry in retained:
        core.send_retained(session, topic_filter, entry)


def _refusal(core: Core, session: Session, asked: Subscription) -> int:
    try:
        check_filter(asked.filter)
    except InputError:
        return FILTER_INVALID
    return core.allowed(session, "subscribe", asked.filter)


def unsubscribe(core: Core, session: Session, sender: Sender, packet: Unsubscribe) -> None:
    """End each subscription and answer."""
    found = [core.unsubscribe(session, topic_filter) for topic_filter in packet.filters]
    reasons = tuple(0 if one else NO_SUBSCRIPTION for one in found)
    sender.packet(Unsuback(packet.packet_id, reasons if sender.version >= V5 else ()))
