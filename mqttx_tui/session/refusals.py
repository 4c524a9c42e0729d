"""What the broker says when it refuses or ends a connection, as a ``LinkError`` with a hint.

Sources: MQTT 5.0 §3.2.2.2 and §3.14.2.1, MQTT 3.1.1 §3.2.2.3.
"""

from __future__ import annotations

from mqttx_tui.model.errors import Exit, LinkError
from mqttx_tui.model.visible import visible
from mqttx_tui.wire.packets import PacketType, Properties
from mqttx_tui.wire.reasons import reason_name, reason_sentence

TAKEN_OVER = 0x8E
UNSUPPORTED_VERSION = 0x84
TEXT_LIMIT = 300

FINAL_RETURN_CODES = frozenset({1, 2, 4, 5})
"""CONNACK return codes of 3.1 and 3.1.1 after which the same answer would come again."""

FINAL_REASONS = frozenset({0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, 0x90, 0x95, 0x9B, 0x9C, 0x9D})
"""The same for MQTT 5."""

_CREDENTIALS = "check username and password"
_IDENTIFIER = "give another client_id, or leave it out"
_HINTS: dict[int, str] = {
    0x84: 'try mqtt = "3.1.1"',
    0x85: _IDENTIFIER,
    0x86: _CREDENTIALS,
    0x87: "check username and password, and what this user may do",
    0x88: "the broker may be starting or overloaded: see its log",
    0x89: "the broker is busy: it is tried again",
    0x8A: "ask who runs the broker",
    0x8B: "the broker is going down: it is tried again",
    0x8C: "this broker wants an authentication method that is not supported here",
    0x8D: "the network was away for a while, or keepalive is too short for it",
    0x8E: "another client uses the same client_id: give this one another, such as client_id = "
    '"explorer-{random}"',
    0x90: "check will.topic",
    0x93: "lower properties.receive_maximum",
    0x95: "the will or the user properties are too large for this broker",
    0x97: "a limit of the broker is reached: see its log",
    0x99: "the will's payload is not what its properties announce",
    0x9A: "set will.retain = false",
    0x9B: "lower will.qos",
    0x9C: "the broker names another server",
    0x9D: "the broker names another server",
    0x9F: "connections come too fast for the broker: it is tried again",
}
_RETURN_CODE_HINTS: dict[int, str] = {
    1: 'try another version: mqtt = "5", "3.1.1" or "3.1"',
    2: _IDENTIFIER,
    3: "the broker may be starting or overloaded: see its log",
    4: _CREDENTIALS,
    5: "check username and password, and what this user may do",
}


def connack_refused(code: int, version: int, properties: Properties) -> LinkError:
    """The error for a CONNACK other than 0. ``version`` is the one that was asked for."""
    old_form = version < 5 or code < 0x80
    level = 4 if old_form else 5
    final = code in (FINAL_RETURN_CODES if old_form else FINAL_REASONS)
    shown = str(code) if old_form else f"0x{code:02X}"
    name = reason_name(code, PacketType.CONNACK, level)
    hint = (_RETURN_CODE_HINTS if old_form else _HINTS).get(code, "")
    unauthorised = code in ((4, 5) if old_form else (0x86, 0x87, 0x8A, 0x8C))
    return LinkError(
        f"the broker refused: CONNACK {shown} {name}{_details(properties)}",
        stage="mqtt",
        title=name,
        hint=_with_server(hint, properties),
        retry=not final,
        code=code,
        exit_code=Exit.NOT_AUTHORISED if unauthorised else Exit.UNREACHABLE,
    )


def disconnected(code: int, properties: Properties) -> LinkError:
    """The error for a DISCONNECT that the broker sent (MQTT 5 only)."""
    name = reason_name(code, PacketType.DISCONNECT)
    sentence = reason_sentence(code, PacketType.DISCONNECT)
    title = "Taken over" if code == TAKEN_OVER else name
    return LinkError(
        f"the broker ended the connection: DISCONNECT 0x{code:02X} {name}{_details(properties)}. {sentence}",
        stage="link",
        title=title,
        hint=_with_server(_HINTS.get(code, ""), properties),
        retry=code not in FINAL_REASONS,
        code=code,
        exit_code=Exit.NOT_AUTHORISED if code == 0x87 else Exit.UNREACHABLE,
    )


def probably_taken_over() -> LinkError:
    """The error for a 3.1.1 broker that closes soon after CONNACK, again and again."""
    return LinkError(
        "the broker accepts the connection and closes it at once, three times running: "
        "probably another client with the same id",
        stage="link",
        title="Taken over?",
        hint=_HINTS[TAKEN_OVER],
    )


def closed(authority: str, *, accepted: bool) -> LinkError:
    """The error for a broker that closed without a word."""
    when = "" if accepted else " before CONNACK"
    return LinkError(
        f"{authority} closed the connection{when}",
        stage="link" if accepted else "mqtt",
        title="Closed by the broker" if accepted else "Closed before CONNACK",
        hint="the broker's log says why",
    )


def _details(properties: Properties) -> str:
    text = properties.get("reason_string")
    return f" ({visible(text, TEXT_LIMIT)})" if isinstance(text, str) and text else ""


def _with_server(hint: str, properties: Properties) -> str:
    server = properties.get("server_reference")
    if not isinstance(server, str) or not server:
        return hint
    return f"{hint}: {visible(server, TEXT_LIMIT)}" if hint else f"use {visible(server, TEXT_LIMIT)}"
