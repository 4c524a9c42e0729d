"""The inspector's tabs, in their order. To add one: a class in this folder, and a line here."""

from __future__ import annotations

from importlib import import_module

from mqttx_tui.ui.tabs.tab import Tab

PLACES = {
    "Payload": "mqttx_tui.ui.tabs.payload:PayloadTab",
    "Props": "mqttx_tui.ui.tabs.properties:PropertiesTab",
    "Hex": "mqttx_tui.ui.tabs.hex:HexTab",
    "Diff": "mqttx_tui.ui.tabs.diff:DiffTab",
    "Chart": "mqttx_tui.ui.tabs.chart:ChartTab",
    "History": "mqttx_tui.ui.tabs.history:HistoryTab",
}
TABS = tuple(PLACES)


def load_tab(name: str) -> type[Tab]:
    """The class of a tab."""
    module, _, attribute = PLACES[name].partition(":")
    found: type[Tab] = getattr(import_module(module), attribute)
    return found
