"""``-F``: the output format of mosquitto_sub(1), "Output format".

``%`` begins a parameter of the message (with flags, width and precision), ``@`` a strftime
conversion, ``\\`` a character that is hard to type.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mqttx_tui.cli.formats import Format, Record, decoded, utf8
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import RETAIN, qos_of
from mqttx_tui.model.visible import visible, visible_bytes
from mqttx_tui.payload.json_line import json_properties

Piece = Callable[[Record], bytes]
_ESCAPES = {
    "\\": b"\\", "0": b"\0", "a": b"\a", "e": b"\x1b", "n": b"\n", "r": b"\r", "t": b"\t", "v": b"\v",
}  # fmt: skip
_PARAMETER = re.compile(r"%([-0]*)(\d*)(?:\.(\d*))?(.?)", re.DOTALL)
_TEXTS = {"C": "content_type", "R": "response_topic"}
_NUMBERS = {
    "A": "topic_alias",
    "E": "message_expiry_interval",
    "F": "payload_format_indicator",
    "S": "subscription_identifier",
}
_PLAIN = "%DIjJPqrU"
_SIZED = "AEFlSpxXtCRI"


@dataclass(frozen=True, slots=True)
class Size:
    """Flags, width and precision of one parameter."""

    left: bool = False
    zero: bool = False
    width: int = 0
    precision: int | None = None

    def number(self, value: int | None) -> bytes:
        """A number; a missing one is as wide and blank (or zeros)."""
        if value is None:
            return (b"0" if self.zero else b" ") * self.width
        digits = str(value).encode()
        if self.left:
            return digits.ljust(self.width)
        return digits.rjust(self.width, b"0" if self.zero else b" ")

    def text(self, value: bytes) -> bytes:
        """Text, cut to the precision, filled up to the width with blanks."""
        cut = value if self.precision is None else value[: self.precision]
        return cut.ljust(self.width) if self.left else cut.rjust(self.width)

    def bytes(self, value: bytes, spell: Callable[[bytes], bytes], per_byte: int) -> bytes:
        """A payload, cut to the width (in characters) and filled up to it."""
        if not self.width:
            return spell(value)
        shown = spell(value[: min(len(value), self.width) // per_byte])
        if self.left:
            return shown.ljust(self.width)
        return shown.rjust(self.width, b"0" if self.zero else b" ")


def compile_template(template: str, *, terminal: bool) -> Format:
    """The format that ``template`` describes. What comes from a message is made visible on a
    terminal, the template's own text passes. Raises ``InputError`` with the column."""
    pieces: list[Piece] = []
    position = 0
    while position < len(template):
        character = template[position]
        if character == "%":
            match = _PARAMETER.match(template, position)
            assert match is not None
            pieces.append(_parameter(match, position, terminal))
            position = match.end()
        elif character in "@\\":
            pieces.append(_pair(template[position : position + 2], position))
            position += 2
        else:
            end = position + len(re.match(r"[^%@\\]*", template[position:])[0])  # type: ignore[index]
            pieces.append(_constant(template[position:end].encode("utf-8", "surrogateescape")))
            position = end
    return lambda record: b"".join([piece(record) for piece in pieces])


def _problem(position: int, text: str) -> InputError:
    return InputError(f"column {position + 1}: {text}", title="Bad format", hint="see mosquitto_sub(1), -F")


def _constant(data: bytes) -> Piece:
    return lambda record: data


def _pair(text: str, position: int) -> Piece:
    if len(text) < 2:
        raise _problem(position, f"{text} stands at the end")
    sign, letter = text[0], text[1]
    if sign == "\\":
        if letter not in _ESCAPES:
            raise _problem(position, f"there is no escape {text}")
        return _constant(_ESCAPES[letter])
    if letter == "@":
        return _constant(b"@")
    if letter == "N":
        return lambda record: b"%09d" % (record.at % 1_000_000_000)
    return lambda record: time.strftime("%" + letter, time.localtime(record.at // 1_000_000_000)).encode()


def _parameter(match: re.Match[str], position: int, terminal: bool) -> Piece:
    flags, width, precision, letter = match.groups()
    sized = bool(flags or width or precision is not None)
    if letter == "m":
        raise _problem(position, "%m: packet identifiers of messages are not kept")
    if not letter or letter not in _PLAIN + _SIZED:
        raise _problem(position, f"there is no parameter {match[0]}")
    if sized and letter not in _SIZED:
        raise _problem(position, f"%{letter} takes no width")
    size = Size(
        "-" in flags, "0" in flags, int(width or 0), None if precision is None else int(precision or 0)
    )
    clean_text: Callable[[str], bytes] = utf8
    clean_bytes: Callable[[bytes], bytes] = bytes
    if terminal:
        clean_text = _visible_text
        clean_bytes = _visible_payload
    return (
        _payload(letter, size, clean_bytes)
        or _property(letter, size, clean_text, clean_bytes)
        or _other(letter, size, clean_text, terminal)
    )


def _visible_text(text: str) -> bytes:
    return visible(text).encode("utf-8", "backslashreplace")


def _visible_payload(data: bytes) -> bytes:
    return visible_bytes(data).encode("utf-8", "backslashreplace")


def _payload(letter: str, size: Size, clean: Callable[[bytes], bytes]) -> Piece | None:
    match letter:
        case "p":
            return lambda record: size.bytes(record.payload, clean, 1)
        case "x":
            return lambda record: size.bytes(record.payload, lambda data: data.hex().encode(), 2)
        case "X":
            return lambda record: size.bytes(record.payload, lambda data: data.hex().upper().encode(), 2)
        case "l":
            return lambda record: size.number(len(record.payload))
    return None


def _property(
    letter: str, size: Size, clean: Callable[[str], bytes], clean_bytes: Callable[[bytes], bytes]
) -> Piece | None:
    if letter in _TEXTS:
        text_name = _TEXTS[letter]
        return lambda record: size.text(clean(str(decoded(record.properties).get(text_name, ""))))
    if letter in _NUMBERS:
        number_name = _NUMBERS[letter]
        return lambda record: size.number(_number(decoded(record.properties).get(number_name)))
    if letter == "D":
        return lambda record: clean_bytes(decoded(record.properties).get("correlation_data", b""))
    if letter == "P":
        return lambda record: b" ".join(
            [clean(f"{name}:{value}") for name, value in decoded(record.properties).get("user", ())]
        )
    return None


def _number(value: Any) -> int | None:
    if isinstance(value, tuple):
        value = value[0] if value else None
    return value if value is None else int(value)


def _other(letter: str, size: Size, clean: Callable[[str], bytes], terminal: bool) -> Piece:
    match letter:
        case "t":
            return lambda record: size.text(clean(record.topic))
        case "q":
            return lambda record: b"%d" % qos_of(record.flags)
        case "r":
            return lambda record: b"1" if record.flags & RETAIN else b"0"
        case "I":
            return lambda record: size.text(_local(record, "%Y-%m-%dT%H:%M:%S%z").encode())
        case "U":
            return lambda record: b"%d.%09d" % divmod(record.at, 1_000_000_000)
        case "j":
            return lambda record: _json(record, _quoted(record.payload), terminal)
        case "J":
            return lambda record: _json(record, _parsed(record.payload), terminal)
    return _constant(b"%")


def _local(record: Record, conversion: str) -> str:
    return time.strftime(conversion, time.localtime(record.at // 1_000_000_000))


_NOT_JSON = object()


def _quoted(payload: bytes) -> Any:
    """The payload as mosquitto_sub quotes it: null when empty, numbers when it is not text."""
    try:
        return payload.decode() or None
    except UnicodeDecodeError:
        return list(payload)


def _parsed(payload: bytes) -> Any:
    try:
        return json.loads(payload) if payload else None
    except (ValueError, RecursionError):
        return _NOT_JSON


def _json(record: Record, payload: Any, terminal: bool) -> bytes:
    """mosquitto_sub's object; nothing where %J meets a payload that is not JSON."""
    if payload is _NOT_JSON:
        return b""
    micro = record.at % 1_000_000_000 // 1000
    fields: dict[str, Any] = {
        "tst": f"{_local(record, '%Y-%m-%dT%H:%M:%S')}.{micro:06d}Z{_local(record, '%z')}",
        "topic": record.topic,
        "qos": qos_of(record.flags),
        "retain": int(bool(record.flags & RETAIN)),
        "payloadlen": len(record.payload),
    }
    if record.properties:
        fields["properties"] = _mosquitto_properties(json_properties(decoded(record.properties)))
    fields["payload"] = payload
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    if terminal and visible(text) != text:
        text = json.dumps(fields, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def _mosquitto_properties(properties: dict[str, Any]) -> dict[str, Any]:
    """mosquitto_sub's names: hyphens, and user properties as an object in front."""
    users = properties.pop("user", ())
    named = {name.replace("_", "-"): value for name, value in properties.items()}
    return ({"user-properties": dict(users)} if users else {}) | named
