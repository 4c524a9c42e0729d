"""Names of keys: as people write them, and as Textual knows them."""

from __future__ import annotations

from mqttx_tui.model.errors import InputError

SHOWN = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "question_mark": "?",
    "slash": "/",
    "asterisk": "*",
    "colon": ":",
    "comma": ",",
    "full_stop": ".",
    "plus": "+",
    "minus": "-",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "equals_sign": "=",
    "space": "Space",
    "enter": "Enter",
    "escape": "Esc",
    "delete": "Del",
    "insert": "Ins",
    "backspace": "Backspace",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
}
_WRITTEN = {name.lower(): key for key, name in SHOWN.items()} | {
    "return": "enter",
    "spacebar": "space",
    "page_up": "pageup",
    "page_down": "pagedown",
    "page-up": "pageup",
    "page-down": "pagedown",
}
_NAMED = {"escape", "enter", "tab", "space", "backspace", "delete", "insert", "home", "end", "pageup"} | {
    "pagedown",
    "up",
    "down",
    "left",
    "right",
    *(f"f{number}" for number in range(1, 25)),
}
_MODIFIERS = {
    "ctrl": "ctrl",
    "control": "ctrl",
    "alt": "alt",
    "meta": "alt",
    "option": "alt",
    "shift": "shift",
    "super": "super",
}
_SAME_BYTES = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+left_square_bracket": "escape", "ctrl+[": "escape"}
"""What a terminal cannot tell from another key."""
ESCAPED_DIGITS = dict(zip("0123456789", "º¡™£¢∞§¶•ª", strict=True))
"""What ``Esc`` followed at once by a digit arrives as in tmux."""


def key_name(key: str) -> str:
    """A key of Textual's as people write it."""
    if key in SHOWN:
        return SHOWN[key]
    *modifiers, last = key.split("+")
    if modifiers:
        shown = key_name(last)
        words = [word.capitalize() for word in modifiers]
        return "+".join([*words, shown.upper() if "ctrl" in modifiers else shown])
    if key.startswith("f") and key[1:].isdigit():
        return key.upper()
    return character_of(key) or key


def character_of(key: str) -> str | None:
    """The character that a key types; None for keys that type nothing."""
    from textual.keys import key_to_character

    if key == "space":
        return " "
    character = key_to_character(key)
    return character if character is not None and character.isprintable() else None


def parse_key(written: str) -> str:
    """A key as people write it (``X``, ``,``, ``Ctrl+T``, ``^T``, ``F5``, ``Del``), as Textual names it.

    Raises ``InputError`` for what is no key.
    """
    text = written if len(written) == 1 else written.strip()
    if len(text) == 2 and text[0] == "^":
        text = f"ctrl+{text[1]}"
    head, plus, last = text.rpartition("+") if len(text) > 1 else ("", "", text)
    if plus and not last:  # ctrl++
        if not head.endswith("+"):
            raise InputError(f"{written!r} is no key: nothing stands behind the +")
        head, last = head.rstrip("+"), "+"
    modifiers = []
    for word in head.split("+") if head else ():
        known = _MODIFIERS.get(word.strip().lower())
        if known is None:
            raise InputError(f"{written!r} is no key: {word!r} is not ctrl, alt, shift or super")
        modifiers.append(known)
    name = _plain(last if len(last) == 1 else last.strip(), written)
    if "shift" in modifiers and len(name) == 1 and name.isalpha():
        modifiers.remove("shift")
        name = name.upper()
    elif "ctrl" in modifiers and len(name) == 1:
        name = name.lower()
    key = "+".join([*(word for word in ("alt", "ctrl", "shift", "super") if word in modifiers), name])
    return _SAME_BYTES.get(key, key)


def _plain(name: str, written: str) -> str:
    from textual.keys import _character_to_key

    if len(name) == 1:
        if name == " ":
            return "space"
        if not name.isprintable():
            raise InputError(f"{written!r} is no key")
        return _WRITTEN.get(name) or _character_to_key(name)
    known = _WRITTEN.get(name.lower(), name.lower())
    if known in _NAMED or (known in SHOWN and "+" not in known) or character_of(known) is not None:
        return known
    raise InputError(f"{written!r} is no key: a character, or a name such as f5, ctrl+t, delete, space")


def with_twins(keys: tuple[str, ...], *, pane: bool = False) -> tuple[str, ...]:
    """The keys and what stands in for them where a terminal mangles them.

    A letter is also ``alt+letter`` (a quick Esc before it); so is a digit of a ``pane`` its character.
    """
    from textual.keys import _character_to_key

    found: list[str] = []
    for key in keys:
        found.append(key)
        if len(key) == 1 and key.isalpha():
            found.append(f"alt+{key}")
        elif pane and key in ESCAPED_DIGITS:
            found.append(_character_to_key(ESCAPED_DIGITS[key]))
    return tuple(dict.fromkeys(found))
