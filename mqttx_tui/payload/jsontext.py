"""JSON as text: checked and laid out again without changing what it says (RFC 8259).

Keys keep their order, equal keys all stay, and numbers and strings keep their spelling; only the white
space between the tokens is new.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
    (?P<string>"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*")
    |(?P<scalar>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.+-])|(?:true|false|null)(?!\w))
    |(?P<mark>[{}\[\]:,])
    )""",
    re.VERBOSE,
)
_ANY_TOKEN = re.compile(r""""[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:,]|[^ \t\r\n{}\[\]:,"]+""")
"""Tokens of what is known to be JSON."""
_BLANK = re.compile(r"[ \t\r\n]*")
DEEPEST_INDENT = 40
"""Deeper levels are not indented further: 64 kB of ``[`` must not become gigabytes of blanks."""

VALUE, VALUE_OR_END, KEY, KEY_OR_END, COLON, NEXT, DONE = range(7)
_EXPECTED = {
    VALUE: "a value",
    VALUE_OR_END: "a value or ]",
    KEY: "a key in double quotes",
    KEY_OR_END: "a key in double quotes or }",
    COLON: "a colon",
    DONE: "nothing after the end of the JSON",
}


class JsonTextError(ValueError):
    """What was expected, and where: ``line`` and ``column`` count from 1."""

    def __init__(self, text: str, position: int, expected: str) -> None:
        self.position = position
        self.line = text.count("\n", 0, position) + 1
        self.column = position - text.rfind("\n", 0, position)
        self.expected = expected
        super().__init__(f"line {self.line}, column {self.column}: expected {expected}")


@dataclass(slots=True)
class _Layout:
    """Collects tokens on their lines."""

    out: list[str] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)

    def line_break(self) -> None:
        self.out.append("\n" + "  " * min(len(self.stack), DEEPEST_INDENT))

    def close(self, mark: str) -> None:
        opened_just_now = self.out[-1] == self.stack.pop()
        if not opened_just_now:
            self.line_break()
        self.out.append(mark)

    def after_value(self) -> int:
        return NEXT if self.stack else DONE


def check(text: str) -> None:
    """Raise ``JsonTextError`` where ``text`` is not JSON."""
    if not _is_json(text):
        _walk(text, complete=True)


def _is_json(text: str) -> bool:
    """Whether this is JSON, as far as the C parser goes: it is 60 times as fast as the walk in Python."""
    try:
        json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _no_constant(name: str) -> None:
    raise ValueError(name)


def pretty(text: str, *, complete: bool = True) -> str:
    """``text`` with an indent of two.

    With ``complete`` False the text may end anywhere: the rest that is not a whole token stays as it is.
    Raises ``JsonTextError``.
    """
    return _lay_out(text) if complete and _is_json(text) else _walk(text, complete=complete)


def _lay_out(text: str) -> str:
    """The same for a text that is JSON: nothing has to be checked any more."""
    out: list[str] = []
    breaks = ["\n" + "  " * depth for depth in range(DEEPEST_INDENT + 1)]
    depth, opened = 0, False
    for token in _ANY_TOKEN.findall(text):
        if token == ",":
            out += (",", breaks[min(depth, DEEPEST_INDENT)])
        elif token == ":":
            out.append(": ")
        elif token in ("}", "]"):
            depth -= 1
            out += (token,) if opened else (breaks[min(depth, DEEPEST_INDENT)], token)
            opened = False
        else:
            if opened:
                out.append(breaks[min(depth, DEEPEST_INDENT)])
            opened = token in ("{", "[")
            depth += opened
            out.append(token)
    return "".join(out)


def _walk(text: str, *, complete: bool) -> str:
    layout, state, position = _Layout(), VALUE, 0
    while True:
        match = _TOKEN.match(text, position)
        if match is None:
            return _end(text, position, state, layout, complete)
        token = match[0][match.start(match.lastgroup or 0) - match.start() :]
        start = match.start(match.lastgroup or 0)
        if not complete and match["scalar"] and match.end() == len(text):
            return _end(text, start, state, layout, complete)
        state = _take(text, start, token, match["string"] is not None, state, layout)
        position = match.end()


def _take(text: str, start: int, token: str, is_string: bool, state: int, layout: _Layout) -> int:
    if state in (KEY, KEY_OR_END):
        if is_string:
            layout.line_break()
            layout.out.append(token)
            return COLON
        if state == KEY_OR_END and token == "}":
            layout.close(token)
            return layout.after_value()
    elif state == COLON and token == ":":
        layout.out.append(": ")
        return VALUE
    elif state == NEXT:
        return _take_next(text, start, token, layout)
    elif state in (VALUE, VALUE_OR_END):
        if state == VALUE_OR_END and token == "]":
            layout.close(token)
            return layout.after_value()
        if token not in ("}", "]", ":", ","):
            return _take_value(token, layout)
    raise JsonTextError(text, start, _EXPECTED[state])


def _take_value(token: str, layout: _Layout) -> int:
    if layout.stack and layout.stack[-1] == "[":
        layout.line_break()
    layout.out.append(token)
    if token in ("{", "["):
        layout.stack.append(token)
        return KEY_OR_END if token == "{" else VALUE_OR_END
    return layout.after_value()


def _take_next(text: str, start: int, token: str, layout: _Layout) -> int:
    closing = "}" if layout.stack[-1] == "{" else "]"
    if token == closing:
        layout.close(token)
        return layout.after_value()
    if token == ",":
        layout.out.append(token)
        return KEY if closing == "}" else VALUE
    raise JsonTextError(text, start, f"a comma or {closing}")


def _end(text: str, position: int, state: int, layout: _Layout, complete: bool) -> str:
    rest = _BLANK.match(text, position)
    at = rest.end() if rest else position
    if at == len(text) and state == DONE:
        return "".join(layout.out)
    if complete or not _could_go_on(text[at:]):
        expected = _EXPECTED.get(state) or f"a comma or {'}' if layout.stack[-1] == '{' else ']'}"
        raise JsonTextError(text, at, expected)
    if at < len(text):
        if state in (KEY, KEY_OR_END) or (layout.stack and layout.stack[-1] == "[" and state != NEXT):
            layout.line_break()
        layout.out.append(text[at:])
    return "".join(layout.out)


_PARTIAL = re.compile(
    r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+(?:\\(?:u[0-9a-fA-F]{0,3})?)?\Z'
    r"|-?[0-9]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]*)?\Z"
)


def _could_go_on(rest: str) -> bool:
    whole = ("true", "false", "null")
    return _PARTIAL.match(rest) is not None or any(word.startswith(rest) for word in whole)
