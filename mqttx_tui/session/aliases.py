"""Topic aliases of what we publish (MQTT 5.0 §3.3.2.3.4)."""

from __future__ import annotations

from mqttx_tui.model.errors import InputError


class Aliases:
    """What each alias stands for on the present connection, in the order of sending.

    Only messages of QoS 0 have one (``options.check_outgoing``): what may be sent again on the next
    connection, which knows no alias yet, must name its topic.
    """

    def __init__(self) -> None:
        self._names: dict[int, str] = {}

    def clear(self) -> None:
        """Another connection, or a message that was to name its topic was never sent."""
        self._names.clear()

    def name(self, topic: str, alias: int, most: int) -> str:
        """The topic to send: empty where the broker knows it by ``alias``; ``most`` is what it takes.

        Raises ``InputError`` for an alias that the broker would end the connection over.
        """
        if not 1 <= alias <= most:
            takes = f"topic aliases from 1 to {most:,}" if most else "no topic aliases"
            raise InputError(f"not sent: this broker takes {takes}, not {alias:,}", title="Bad alias")
        if self._names.get(alias) == topic:
            return ""
        self._names[alias] = topic
        return topic
