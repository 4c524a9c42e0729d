"""The panes by name. To add one: a class in this folder, and a line here (and its place in ``layouts``).

Loaded by name, so that the first frame pays only for the panes that it shows.
"""

from __future__ import annotations

from importlib import import_module

from mqttx_tui.ui.panes.pane import Pane

PLACES = {
    "connections": "mqttx_tui.ui.panes.connections:ConnectionsPane",
    "topics": "mqttx_tui.ui.panes.topics:TopicsPane",
    "messages": "mqttx_tui.ui.panes.messages:MessagesPane",
    "inspector": "mqttx_tui.ui.panes.inspector:InspectorPane",
    "composer": "mqttx_tui.ui.panes.composer:ComposerPane",
}


def load_pane(name: str) -> type[Pane]:
    """The class of a pane."""
    module, _, attribute = PLACES[name].partition(":")
    found: type[Pane] = getattr(import_module(module), attribute)
    return found
