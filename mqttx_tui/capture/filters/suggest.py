"""What somebody probably meant who wrote a filter that cannot be read."""

from __future__ import annotations

from mqttx_tui.capture.filters.fields import FIELDS, FLAGS, OPERATORS
from mqttx_tui.model.jsonpath import PathSyntaxError, read_path


def for_unknown_field(word: str, operator: str) -> str:
    """The end of "temp is not a field; …" for a word in front of an operator."""
    if word in FLAGS:
        return f"is a flag, not a field; write {word} or not {word} alone"
    from difflib import get_close_matches  # only who mistypes pays for it

    near = get_close_matches(word.lower(), FIELDS, n=1, cutoff=0.75)
    if near:
        return f"is not a field; did you mean {near[0]}?"
    path = "." + word
    try:
        whole = read_path(path)[1] == len(path)
    except PathSyntaxError:
        whole = False
    if whole:
        return f"is not a field; did you mean {path} (a field of the payload)?"
    if "/" in word:
        return f"is not a field; did you mean topic {operator} {word}?"
    return f'is not a field; a field of the payload is written ."{word}"'


def for_operator(name: str, operator: str, allowed: tuple[str, ...]) -> str:
    """Which operators a field takes."""
    return f"{name} does not take {operator}; it takes {', '.join(allowed)}"


def for_lonely_field(name: str) -> str:
    """A field without an operator."""
    return f"{name} is a field and needs a comparison, such as {FIELDS[name].example}"


def for_symbol(symbol: str) -> str:
    """A character that cannot stand where a test begins."""
    if symbol in OPERATORS:
        return f"expected a field before {symbol}, such as size or .value"
    if symbol == ")":
        return "this ) closes nothing"
    if symbol in ("|", "&"):
        return f"{symbol} alone means nothing; write {symbol * 2}, or put text that holds it in quotes"
    return f"expected a word, a field or (, not {symbol!r}"
