"""The connection form's fields and how they become a table of the profile file. No widgets."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tomli_w

from mqttx_tui.model.profile import Profile
from mqttx_tui.profiles.load import parse
from mqttx_tui.profiles.secrets import is_secret_header
from mqttx_tui.ui import subscription_options
from mqttx_tui.ui.form_sections import FIELDS, OPTIONS, Field, Shows
from mqttx_tui.ui.query_text import Pairs, join_url, split_url

Table = dict[str, Any]
_BOOLEANS = (
    "clean_start",
    "tls.verify",
    "properties.request_response_information",
    "properties.request_problem_information",
)
_NUMBERS = (
    "retries",
    "will.qos",
    "will.payload_format_indicator",
    "properties.receive_maximum",
    "properties.topic_alias_maximum",
)


def shown_fields(values: Mapping[str, str]) -> set[str]:
    """Keys of the fields that have a meaning for what was typed so far."""
    url = values.get("url", "").strip().lower()
    scheme = url.partition("://")[0]
    web = scheme in ("ws", "wss", "mqtt+ws", "mqtt+wss")
    raw = scheme in ("ws", "wss") and values.get("protocol") == "websocket"
    kinds: dict[Shows, bool] = {
        "all": True,
        "mqtt": not raw,
        "mqtt5": not raw and values.get("mqtt", "auto") in ("auto", "5"),
        "tls": scheme in ("mqtts", "ssl", "wss", "mqtt+wss"),
        "ws": web,
        "raw": raw,
    }
    return {field.key for field in FIELDS if kinds[field.shows]} - (
        set() if scheme in ("ws", "wss") else {"protocol"}
    )


def _get(table: Table, key: str) -> Any:
    value: Any = table
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def from_table(table: Table) -> dict[str, str]:
    """What the fields show for a connection's table; toggles are ``yes`` or empty."""
    values = {field.key: _shown(field, _get(table, field.key)) for field in FIELDS}
    values["url"], pairs = split_url(values["url"])
    values["query"] = _lines(pairs)
    values[OPTIONS] = subscription_options.lines_of(table.get("subscriptions"))
    return values


def _lines(pairs: Pairs) -> str:
    return "\n".join(f"{name}\t{value}" for name, value in pairs)


def _pairs(text: str) -> Pairs:
    return [(name, value) for name, _, value in (line.partition("\t") for line in text.split("\n") if line)]


def _shown(field: Field, value: Any) -> str:
    if value is None:
        return field.blank
    if isinstance(value, bool):
        return "yes" if value else ("no" if field.kind == "choice" else "")
    if field.key == "headers" and isinstance(value, dict):
        return _lines([(name, _inline(item)) for name, item in value.items()])
    if field.kind == "pairs" and isinstance(value, dict | list):
        return _lines(_user_pairs(value))
    if field.kind == "list" and isinstance(value, list):
        return " ".join(_filter_text(item) for item in value)
    return _inline(value)


def _user_pairs(value: Any) -> Pairs:
    """User properties as in the file: a table (of strings or lists of them), or a list of pairs."""
    if isinstance(value, list):
        return [(str(pair[0]), str(pair[1])) for pair in value if isinstance(pair, list) and len(pair) == 2]
    items = [(name, item if isinstance(item, list) else [item]) for name, item in value.items()]
    return [(name, str(one)) for name, many in items for one in many]


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{key} = {tomli_w.dumps({'v': item})[4:].strip()}" for key, item in value.items())
        return f"{{ {pairs} }}"
    return str(value)


def _filter_text(item: Any) -> str:
    text = str(item["filter"]) if isinstance(item, dict) else str(item)
    return f'"{text}"' if " " in text else text


def to_table(values: Mapping[str, str], before: Table) -> Table:
    """The connection's table: ``before`` with what the fields say. Keys without a field stay."""
    table = {key: dict(item) if isinstance(item, dict) else item for key, item in before.items()}
    former = from_table(before)
    values = _with_query(values, former, before)
    shown = shown_fields(values) - {"query", OPTIONS}
    for field in FIELDS:
        text = values.get(field.key, "").strip() if field.kind != "secret" else values.get(field.key, "")
        if field.key in ("query", OPTIONS) or (field.key in shown and text and text == former[field.key]):
            continue  # as it is written there
        value = None if field.key not in shown or text == field.blank else _value(field, text, before)
        _put(table, field.key, value)
    _put_options(table, values, former)
    if not values.get("will.topic", "").strip():
        table.pop("will", None)
    return table


def _put_options(table: Table, values: Mapping[str, str], former: Mapping[str, str]) -> None:
    """What the field of options says of the subscriptions; older versions have few of them."""
    items = table.get("subscriptions", [])
    text = values.get(OPTIONS, "")
    if not isinstance(items, list):
        return
    after = items
    if OPTIONS not in shown_fields(values):
        after = subscription_options.without_5(items)
    elif text != former[OPTIONS]:
        after = subscription_options.with_options(items, text, former[OPTIONS])
    if after != items:
        _put(table, "subscriptions", after or None)


def _with_query(values: Mapping[str, str], former: Mapping[str, str], before: Table) -> dict[str, str]:
    """The URL with its query parameters; one that did not change stays as it is written."""
    url = before.get("url")
    if values.get("query") == former["query"] and values.get("url") == former["url"] and url is not None:
        return {**values, "url": former["url"]}
    pairs = _pairs(values.get("query", "")) if "query" in shown_fields(values) else []
    written = url if isinstance(url, str) else ""
    return {**values, "url": join_url(values.get("url", "").strip(), pairs, written)}


def _put(table: Table, key: str, value: Any) -> None:
    outer, _, inner = key.partition(".")
    if not inner:
        if value is None:
            table.pop(outer, None)
        else:
            table[outer] = value
        return
    below = table.get(outer)
    below = dict(below) if isinstance(below, dict) else {}
    _put(below, inner, value)
    if below:
        table[outer] = below
    else:
        table.pop(outer, None)


def _value(field: Field, text: str, before: Table) -> Any:
    if field.kind == "toggle":
        return True
    if field.key in _BOOLEANS:
        return text == "yes"
    if field.key in _NUMBERS and text.isdecimal():
        return int(text)
    if field.kind == "list":
        return _list(field.key, text, before)
    if field.kind == "pairs":
        return _headers(text) if field.key == "headers" else _user(text)
    return _literal(text)


def _headers(text: str) -> Table:
    """A header that was named twice becomes a list, which is no value: the problem names it."""
    table: Table = {}
    for name, value in _pairs(text):
        table[name] = [table[name], value] if name in table else _literal(value)
    return table


def _user(text: str) -> Any:
    """User properties: in their order, a name as often as it was typed (MQTT 5.0 §3.1.2.11.8)."""
    pairs = _pairs(text)
    names = [name for name, _ in pairs]
    return dict(pairs) if len(set(names)) == len(names) else [list(pair) for pair in pairs]


def _list(key: str, text: str, before: Table) -> list[Any]:
    """Items divided by blanks or commas; quotes keep blanks. Options of known filters stay."""
    items: list[str] = []
    for number, part in enumerate(text.split('"')):
        items += [part] if number % 2 else part.replace(",", " ").split()
    if key != "subscriptions":
        return list(items)
    known = {
        item["filter"]: item for item in before.get(key, []) if isinstance(item, dict) and "filter" in item
    }
    return [known.get(item, item) for item in items if item]


def _literal(text: str) -> Any:
    """A string, or a reference written as in the file: ``{ env = "NAME" }``."""
    if not (text.startswith("{") and text.endswith("}")):
        return text
    try:
        return tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        return text


def holds_secret(field: Field, text: str) -> bool:
    """Whether ``text`` shows a secret: a literal one, a token in a URL or a header."""
    if field.kind == "secret":
        return bool(text) and not text.lstrip().startswith("{")
    return field.key in ("url", "proxy") and ("?" in text or "@" in text)


def hides(key: str) -> Callable[[str, str], bool]:
    """Whether a pair of the field ``key`` shows a secret: every query value may be one."""
    if key.endswith(".user") or key == OPTIONS:
        return lambda name, value: False
    if key == "headers":
        return lambda name, value: is_secret_header(name) and bool(value) and "{" not in value
    return lambda name, value: bool(value) and "{" not in value


def check(key: str, table: Table, defaults: Table) -> tuple[Profile | None, dict[str, str]]:
    """The profile that the table makes, or the problems by field key (``""``: none in particular)."""
    text = tomli_w.dumps({"schema": 1, "defaults": defaults, "connections": {key: table}})
    file = parse(text.encode("utf-8", "replace"), Path("form"))
    problems: dict[str, str] = {}
    for problem in file.problems:
        name = problem.key if any(field.key == problem.key for field in FIELDS) else ""
        name = OPTIONS if _is_option(problem.key) else name
        if not name:
            name = next((f.key for f in FIELDS if problem.key.startswith(f.key + "[")), "")
            name = name or next((f.key for f in FIELDS if problem.key.startswith(f.key + ".")), "")
        problems.setdefault(name, problem.text + (f" ({problem.hint})" if problem.hint else ""))
    return (file.profiles[0] if file.profiles and not problems else None), problems


def _is_option(key: str) -> bool:
    """Whether a problem lies in an option of a subscription: ``subscriptions[0].identifier``."""
    outer, _, inner = key.partition("].")
    return outer.startswith("subscriptions[") and inner not in ("", "filter")


def key_for(name: str, url: str) -> str:
    """A table key from the name or the host: letters, digits, ``-`` and ``_``."""
    source = name.strip() or url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return re.sub(r"[^a-z0-9_]+", "-", source.lower()).strip("-") or "connection"
