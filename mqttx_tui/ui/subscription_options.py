"""The options of subscriptions in the connection form: ``filter`` and ``qos=1 no_local identifier=7``. No
widgets.

The words are the keys of the profile file, so that its own problems name what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ONLY_5 = ("no_local", "retain_as_published", "retain_handling", "identifier", "user")
"""What only MQTT 5 has (MQTT 5.0 §3.8.3.1, §3.8.2.1)."""
OPTIONS = ("qos", *ONLY_5)
_USER = "user."

Item = str | dict[str, Any]


def lines_of(items: Any) -> str:
    """Lines of ``filter TAB words`` for the subscriptions in a table that have options."""
    found = []
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and (words := _words(item)):
            found.append(f"{item.get('filter', '')}\t{words}")
    return "\n".join(found)


def _words(item: Mapping[str, Any]) -> str:
    words = []
    for name in OPTIONS:
        value = item.get(name)
        if name == "user":
            words += [f"{_USER}{one}={_quoted(text)}" for one, text in _pairs(value)]
        elif value is True:
            words.append(name)
        elif value not in (None, False):
            words.append(f"{name}={value}")
    return " ".join(words)


def _pairs(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        many = [(name, item if isinstance(item, list) else [item]) for name, item in value.items()]
        return [(str(name), str(one)) for name, items in many for one in items]
    return [(str(one[0]), str(one[1])) for one in value or () if isinstance(one, list) and len(one) == 2]


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text or not text else text


def with_options(items: list[Item], lines: str, former: str) -> list[Item]:
    """``items`` with what the lines say; a filter that only stands there is subscribed to as well.

    What ``former`` lines named and the list does no longer was removed from the list.
    """
    asked = dict(_line(line) for line in lines.split("\n") if line.strip())
    before = {_line(line)[0] for line in former.split("\n") if line}
    known = [item if isinstance(item, str) else str(item.get("filter", "")) for item in items]
    found: list[Item] = []
    for name, item in zip(known, items, strict=True):
        rest = (
            {} if isinstance(item, str) else {key: value for key, value in item.items() if key not in OPTIONS}
        )
        table = {"filter": name, **{key: value for key, value in rest.items() if key != "filter"}}
        table |= _options(asked.get(name, ""))
        found.append(table if len(table) > 1 else name)
    more = [name for name in asked if name not in known and name not in before]
    return [*found, *({"filter": name, **_options(asked[name])} for name in more)]


def without_5(items: list[Item]) -> list[Item]:
    """``items`` for an older version."""
    kept = [
        item if isinstance(item, str) else {key: value for key, value in item.items() if key not in ONLY_5}
        for item in items
    ]
    return [item["filter"] if isinstance(item, dict) and set(item) == {"filter"} else item for item in kept]


def _line(line: str) -> tuple[str, str]:
    name, _, words = line.partition("\t")
    return name.strip(), words.strip()


def _options(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    pairs: list[list[str]] = []
    for word in _split(text):
        name, separator, value = word.partition("=")
        if name.startswith(_USER):
            pairs.append([name.removeprefix(_USER), value])
        elif not separator:
            found[name] = True
        else:
            found[name] = (
                int(value) if value.isdecimal() else {"true": True, "false": False}.get(value, value)
            )
    if pairs:
        names = [name for name, _ in pairs]
        found["user"] = dict(pairs) if len(set(names)) == len(names) else pairs
    return found


def _split(text: str) -> list[str]:
    """Words divided by blanks; quotes keep blanks, and go."""
    words, word, quoted = [""], 0, False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif character in " ," and not quoted:
            words.append("")
            word += 1
        else:
            words[word] += character
    return [one for one in words if one]
