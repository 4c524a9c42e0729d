"""WebSocket close codes: what they mean, and which may be sent (RFC 6455 §7.4 and the IANA registry)."""

from __future__ import annotations

from mqttx_tui.model.errors import InputError

REASON_BYTES = 123
"""A control frame holds 125 bytes, two of them the code (RFC 6455 §5.5)."""
NORMAL = 1000

_MEANINGS: dict[int, tuple[str, str]] = {
    1000: ("normal closure", ""),
    1001: ("going away", "the server shuts down or restarts"),
    1002: ("protocol error", "the server did not understand our frames: is another protocol spoken here?"),
    1003: ("unsupported data", "the server takes only text, or only binary frames"),
    1005: ("no status", ""),
    1006: ("no close frame", ""),
    1007: ("invalid data", "what we sent did not fit its frame type"),
    1008: ("policy violation", "often a missing login, or a forbidden origin"),
    1009: ("message too big", "our message was over the server's limit"),
    1010: ("extension missing", "the server wants compression = true, or another extension"),
    1011: ("server error", "see the server's log"),
    1012: ("service restart", "the server restarts"),
    1013: ("try again later", "the server is overloaded"),
    1014: ("bad gateway", "what stands behind the server is down"),
    1015: ("TLS failure", ""),
    3000: ("unauthorized", "log in first"),
    3003: ("forbidden", "this user may not do that"),
    3008: ("timeout", ""),
}
_SENDABLE = frozenset((1000, 1001, 1002, 1003, *range(1007, 1015)))


def meaning(code: int) -> str:
    """A few words for a close code."""
    if code in _MEANINGS:
        return _MEANINGS[code][0]
    if 3000 <= code < 4000:
        return "registered code"
    return "private code" if 4000 <= code < 5000 else "unregistered code"


def advice(code: int) -> str:
    """What a person may do about a connection that the server closed with this code."""
    return _MEANINGS.get(code, ("", "the server's documentation knows this code"))[1]


def check_close(code: int, reason: str) -> None:
    """Raise ``InputError`` for a code or reason that may not stand in a close frame (RFC 6455 §7.4.2)."""
    if code not in _SENDABLE and not 3000 <= code < 5000:
        said = f" ({meaning(code)})" if code in _MEANINGS else ""
        raise InputError(
            f"{code}{said} may not be sent",
            title="Bad close code",
            hint="1000 to 1003, 1007 to 1014, 3000 to 4999",
        )
    size = len(reason.encode("utf-8", "surrogatepass"))
    if size > REASON_BYTES:
        raise InputError(
            f"the reason has {size} bytes, {REASON_BYTES} fit", title="Reason too long", hint="shorten it"
        )
