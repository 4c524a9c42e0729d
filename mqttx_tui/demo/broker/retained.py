"""Retained messages (MQTT 5.0 §3.3.1.3)."""

from __future__ import annotations

from mqttx_tui.demo.broker.messages import Message
from mqttx_tui.model.topics import filter_matches


class Retained:
    """The last retained message of each topic, at most ``limit`` topics."""

    def __init__(self, limit: int) -> None:
        self._messages: dict[str, Message] = {}
        self._limit = limit

    def __len__(self) -> int:
        return len(self._messages)

    def store(self, message: Message) -> bool:
        """Keep ``message``; an empty payload clears. False when there is no more room."""
        if not message.payload:
            self._messages.pop(message.topic, None)
            return True
        if len(self._messages) >= self._limit and message.topic not in self._messages:
            return False
        self._messages[message.topic] = message
        return True

    def matching(self, topic_filter: str, now: float) -> list[Message]:
        """Those of ``topic_filter`` that have not expired; expired ones are forgotten."""
        if "+" in topic_filter or "#" in topic_filter:
            found = [
                message for topic, message in self._messages.items() if filter_matches(topic_filter, topic)
            ]
        else:
            single = self._messages.get(topic_filter)
            found = [single] if single else []
        for message in found:
            if message.expired(now):
                del self._messages[message.topic]
        return [message for message in found if not message.expired(now)]
