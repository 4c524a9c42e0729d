"""Characters of a filter into words, strings, bytes, paths and operators."""

from __future__ import annotations

import re

from mqttx_tui.capture.filters.errors import FilterError
from mqttx_tui.capture.filters.nodes import Octets
from mqttx_tui.model.jsonpath import PathSyntaxError, Step, read_path, read_quoted

_BLANK = re.compile(r"\s*")
_WORD = re.compile(r"""[^\s()"',=!<>~&|]+""")
_OPERATOR = re.compile(r"==|!=|<=|>=|!~|=|<|>|~")
_OCTETS = re.compile(r"""[xX](["'])""")
_ENDS = "()\"',=!<>~&|"
_NAMED_OPERATORS = ("contains", "in")


class Scanner:
    """A position in the text of a filter. Every ``take_…`` skips blanks first."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        for index, character in enumerate(text):
            if "\ud800" <= character <= "\udfff":
                raise FilterError(index + 1, "this character is not valid UTF-8")

    def skip(self) -> int:
        """Go past blanks; the position there."""
        match = _BLANK.match(self.text, self.position)
        self.position = match.end() if match else self.position
        return self.position

    @property
    def column(self) -> int:
        """Of the next character that is not blank, from 1."""
        return self.skip() + 1

    def at_end(self) -> bool:
        """Whether only blanks are left."""
        return self.skip() == len(self.text)

    def peek(self) -> str:
        """The next character that is not blank, or an empty string."""
        position = self.skip()
        return self.text[position : position + 1]

    def peek_word(self) -> str:
        """The word that stands next, or an empty string."""
        match = _WORD.match(self.text, self.skip())
        return match[0] if match else ""

    def take(self, symbol: str) -> bool:
        """Go past ``symbol`` when it stands next."""
        if self.text.startswith(symbol, self.skip()):
            self.position += len(symbol)
            return True
        return False

    def take_keyword(self, *keywords: str) -> bool:
        """Go past one of the words when it stands next."""
        word = self.peek_word()
        if word in keywords:
            self.position += len(word)
            return True
        return False

    def take_word(self) -> str:
        """Go past the word that stands next."""
        word = self.peek_word()
        self.position += len(word)
        return word

    def peek_operator(self) -> str:
        """The operator that stands next, or an empty string."""
        match = _OPERATOR.match(self.text, self.skip())
        if match:
            return match[0]
        word = self.peek_word()
        return word if word in _NAMED_OPERATORS else ""

    def take_operator(self) -> str:
        """Go past the operator that stands next; ``=`` is ``==``."""
        operator = self.peek_operator()
        self.position += len(operator)
        return "==" if operator == "=" else operator

    def take_string(self) -> str | None:
        """A string in quotes, when one stands next."""
        if self.peek() not in ("'", '"') or not self.peek():
            return None
        try:
            value, self.position = read_quoted(self.text, self.position)
        except PathSyntaxError as error:
            raise FilterError(error.position + 1, f"expected {error.expected} for this one") from None
        return value

    def take_octets(self) -> Octets | None:
        """Bytes such as ``x"01 03"``, when they stand next."""
        start = self.skip()
        match = _OCTETS.match(self.text, start)
        if match is None:
            return None
        end = self.text.find(match[1], match.end())
        if end < 0:
            raise FilterError(match.end(), f"expected a closing {match[1]} for this one")
        inside = self.text[match.end() : end]
        wrong = re.search(r"[^0-9a-fA-F\s]", inside)
        if wrong:
            raise FilterError(match.end() + wrong.start() + 1, f"expected a hex digit, not {wrong[0]!r}")
        digits = "".join(inside.split())
        if not digits or len(digits) % 2:
            raise FilterError(start + 1, "expected two hex digits for each byte", hint='for example x"01 03"')
        self.position = end + 1
        return Octets(bytes.fromhex(digits))

    def take_path(self) -> tuple[Step, ...]:
        """The path that stands next (``peek`` is a dot)."""
        start = self.skip()
        try:
            steps, end = read_path(self.text, start)
        except PathSyntaxError as error:
            raise FilterError(error.position + 1, f"expected {error.expected}") from None
        self.position = end
        self.check_end('a dot and a key, an index, or an operator (put unusual keys in quotes: ."a key")')
        return steps

    def check_end(self, expected: str) -> None:
        """Raise unless a word, path or string ends here."""
        rest = self.text[self.position : self.position + 1]
        if rest and not rest.isspace() and rest not in _ENDS:
            raise FilterError(self.position + 1, f"expected {expected}, not {rest!r}")
