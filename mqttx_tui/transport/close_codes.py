"""The failure of a connection that a WebSocket server closed."""

from __future__ import annotations

from mqttx_tui.model.close_codes import advice, meaning
from mqttx_tui.model.errors import Exit, LinkError
from mqttx_tui.transport.failures import failure


def explain_close(code: int, reason: str) -> LinkError:
    """The failure of a connection that the server closed with ``code``."""
    error = failure(
        "ws.closed",
        code=code,
        number=code,
        meaning=meaning(code),
        reason=f" ({reason})" if reason else "",
        advice=advice(code),
    )
    if code in (3000, 3003):
        error.exit_code = Exit.NOT_AUTHORISED
    return error
