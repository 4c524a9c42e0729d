"""The filter language: read it, say it in words, and find messages with it.

``parse(text)`` makes a ``Filter``; ``evaluate`` asks one message, ``sql`` and ``scan`` a whole capture.
"""

from mqttx_tui.capture.filters.errors import FilterError
from mqttx_tui.capture.filters.filter import Filter, parse
from mqttx_tui.capture.filters.moments import Context

__all__ = ["Context", "Filter", "FilterError", "parse"]
