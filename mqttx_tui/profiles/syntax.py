"""TOML that does not parse: where, and what was probably meant."""

from __future__ import annotations

import re
import tomllib

_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
_OPENS_INLINE = re.compile(r"^\s*(?:([\w\"'.-]+)\s*=\s*)?\{[^}]*$")
_HEADER = re.compile(r"^\s*\[\[?\s*([^\[\]]*?)\s*\]")
_VALUE = re.compile(r"^\s*([\w.-]+)\s*=\s*([^\s\"'\[{#].*?)\s*(?:#.*)?$")


def explain(text: str, error: tomllib.TOMLDecodeError) -> tuple[int, int, str, str]:
    """Line and column (0: unknown), what is wrong, and a hint (may be empty)."""
    message = str(error)
    place = _AT.search(message)
    lines = text.removesuffix("\n").split("\n")
    line = int(place[1]) if place and place[1] else len(lines)
    column = int(place[2]) if place and place[2] else 0
    said = _AT.sub("", message)
    at = lines[line - 1] if line <= len(lines) else ""
    hint = _inline_hint(lines, line) or _header_hint(at) or _repeated_hint(said) or _value_hint(at, said)
    return line, column, f"not valid TOML: {said[:1].lower()}{said[1:]}", hint


def _inline_hint(lines: list[str], line: int) -> str:
    """A table in braces may not span lines, nor end in a comma (TOML 1.0)."""
    for number in range(min(line, len(lines)), max(line - 12, 0), -1):
        written = lines[number - 1]
        without_comment = re.sub(r"\s+#[^\"']*$", "", written)
        opens = _OPENS_INLINE.match(without_comment)
        if opens and number <= line:
            name = opens[1]
            if name:
                return f'{{ }} may not span lines; write {name}.KEY = "…", one per line'
            return "{ } may not span lines; write each on one line"
        if number < line and (_HEADER.match(written) or not written.strip()):
            break
    if re.search(r",\s*\}", lines[line - 1] if line <= len(lines) else ""):
        return "no comma before }"
    return ""


def _header_hint(at: str) -> str:
    header = _HEADER.match(at)
    if not header or re.fullmatch(r"[\w.\"'-]*", header[1]):
        return ""
    name = header[1].removeprefix("connections.").strip("\"'")
    key = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-") or "lab"
    return (
        f'quote it: [connections."{name}"], or write [connections.{key}] '
        f'and below it name = "{name[:1].upper()}{name[1:]}"'
    )


def _repeated_hint(said: str) -> str:
    if "declare" in said and "twice" in said:
        return "two tables have the same name: rename or join them"
    if "overwrite" in said:
        return "the key is there twice"
    return ""


def _value_hint(at: str, said: str) -> str:
    if "\\" in at and ("escape" in said.lower() or "\\" in said):
        return "write a path with backslashes in single quotes: 'C:\\pki\\ca.pem'"
    value = _VALUE.match(at)
    if not value:
        return ""
    if value[2].lower() in ("true", "false", "yes", "no", "on", "off"):
        return f"write {'true' if value[2].lower() in ('true', 'yes', 'on') else 'false'}, in small letters"
    return f'put quotes around it: {value[1]} = "…"'
