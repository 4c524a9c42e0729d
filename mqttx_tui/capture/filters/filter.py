"""A filter that has been read."""

from __future__ import annotations

from dataclasses import dataclass

from mqttx_tui.capture.filters.nodes import Everything, Node
from mqttx_tui.capture.filters.parser import parse_node
from mqttx_tui.capture.filters.words import in_words


@dataclass(frozen=True, slots=True)
class Filter:
    """``text`` as it was written and the tree of it."""

    text: str
    node: Node

    @property
    def empty(self) -> bool:
        """Whether every message passes because nothing is asked."""
        return isinstance(self.node, Everything)

    def words(self) -> str:
        """The filter read back as a sentence, for example ``topic matches site/+/temp and …``."""
        return in_words(self.node)


def parse(text: str) -> Filter:
    """Read a filter; raises ``FilterError`` that names the column and what was expected there."""
    return Filter(text, parse_node(text))
