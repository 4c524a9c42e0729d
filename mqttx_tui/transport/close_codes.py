"""What WebSocket close codes mean (RFC 6455 §7.4.1 and the IANA registry)."""

from __future__ import annotations

from mqttx_tui.model.errors import Exit, LinkError
from mqttx_tui.transport.failures import failure

_MEANINGS: dict[int, tuple[str, str]] = {
    1000: ("normal closure", ""),
    1001: ("going away", "the server shuts down or restarts"),
    1002: ("protocol error", "the server did not understand our frames: is another protocol spoken here?"),
    1003: ("unsupported data", "the server takes only text, or only binary frames"),
    1005: ("no status", ""),
    1007: ("invalid data", "what we sent did not fit its frame type"),
    1008: ("policy violation", "often a missing login, or a forbidden origin"),
    1009: ("message too big", "our message was over the server's limit"),
    1010: ("extension missing", "the server wants compression = true, or another extension"),
    1011: ("server error", "see the server's log"),
    1012: ("service restart", "the server restarts"),
    1013: ("try again later", "the server is overloaded"),
    1014: ("bad gateway", "what stands behind the server is down"),
    3000: ("unauthorized", "log in first"),
    3003: ("forbidden", "this user may not do that"),
    3008: ("timeout", ""),
}


def meaning(code: int) -> str:
    """A few words for a close code."""
    if code in _MEANINGS:
        return _MEANINGS[code][0]
    return "private code" if 4000 <= code < 5000 else "unregistered code"


def explain_close(code: int, reason: str) -> LinkError:
    """The failure of a connection that the server closed with ``code``."""
    advice = _MEANINGS.get(code, ("", "the server's documentation knows this code"))[1]
    error = failure(
        "ws.closed",
        code=code,
        number=code,
        meaning=meaning(code),
        reason=f" ({reason})" if reason else "",
        advice=advice,
    )
    if code in (3000, 3003):
        error.exit_code = Exit.NOT_AUTHORISED
    return error
