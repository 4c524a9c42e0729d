"""A filter that asks for a value which is on screen, in the spelling of the filter language."""

from __future__ import annotations

import json
import re

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.jsonpath import Step, path_text

MOST_TEXT = 200
"""Characters of a text that is asked for as a whole."""
_BLANKS = r"[ \t\r\n]*"


def path_of(steps: tuple[Step, ...]) -> str:
    """``.a.b[0]``. Raises ``InputError`` for a key that the language has no spelling for."""
    for step in steps:
        if isinstance(step, str) and (step.endswith("\\") or _lone_surrogate(step)):
            raise InputError("no filter can name this key", title="Not a path")
    return path_text(steps)


def filter_for(topic: str, steps: tuple[Step, ...], token: str, operator: str = "==") -> str:
    """``topic == "…" and .a.b == 21.4`` for the value at a path.

    ``token`` is the value's JSON as it is spelled; of an object or array is asked whether it is there, as
    it is of a text that is too long. ``operator`` (``>``, ``<``) is used for numbers only. The topic is left
    out where there is none. Raises ``InputError``.
    """
    if not steps and token[:1] in ("{", "["):
        return _topic_test(topic) or "json"
    return " and ".join(part for part in (_topic_test(topic), _test(path_of(steps), token, operator)) if part)


def filter_for_text(topic: str, text: str) -> str:
    """The same for a payload that is no JSON. Raises ``InputError`` for one that is too long."""
    if len(text) > MOST_TEXT:
        raise InputError("the payload is too long for a filter", title="No filter", hint="/ and part of it")
    stripped = text.strip(" \t\r\n")
    if not text:
        test = "empty"
    else:
        test = _equals(".", stripped) if _can_be_quoted(stripped) else _payload_test(stripped)
    return " and ".join(part for part in (_topic_test(topic), test) if part)


def _topic_test(topic: str) -> str:
    return _text_test("topic", topic) if topic else ""


def _test(path: str, token: str, operator: str) -> str:
    if token[:1] in ("{", "["):
        return path
    if token[:1] == '"':
        text = str(json.loads(token))
        if path == "." and not _can_be_quoted(text):
            return _payload_test(token)
        return path if len(text) > MOST_TEXT or _lone_surrogate(text) else _text_test(path, text)
    if token in ("true", "false", "null"):
        return f"{path} == {token}"
    return f"{path} {operator} {token}"


def _text_test(field: str, text: str) -> str:
    """A test for exactly this text; by a regular expression where there is no other spelling."""
    return _equals(field, text) if _can_be_quoted(text) else f"{field} ~ {quoted(_exactly(text))}"


def _payload_test(text: str) -> str:
    """The same for the payload as it is written: of all of it ``~`` does not read the JSON."""
    return f". ~ {quoted(_exactly(text, around=_BLANKS))}"


def _equals(field: str, text: str) -> str:
    return f"{field} == {quoted(text)}"


def _can_be_quoted(text: str) -> bool:
    """A string of the language cannot end with a backslash, and the filter's line holds no line break."""
    return text.isprintable() and not text.endswith("\\")


def _exactly(text: str, *, around: str = "") -> str:
    """A regular expression for this text. Raises ``InputError`` for what is no text."""
    if _lone_surrogate(text):
        raise InputError("the text is no valid Unicode", title="No filter")
    inner = "".join(
        re.escape(character) if character.isprintable() else f"\\U{ord(character):08x}" for character in text
    )
    return rf"(?-i:\A{around}{inner}{around}\Z)"


def quoted(text: str) -> str:
    """A string of the language: only the quote is escaped."""
    return '"' + text.replace('"', '\\"') + '"'


def _lone_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
