"""Dataclasses to JSON values and back, for the control channel."""

from __future__ import annotations

import dataclasses
import types
import typing
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """Turn dataclasses, enums, tuples and dicts into plain JSON values (bytes are refused)."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"{type(value).__name__} does not travel as JSON")


def from_json(kind: type[T], value: Any) -> T:
    """Build ``kind`` from what ``to_json`` made of it; unknown fields are ignored.

    Raises ``TypeError`` or ``ValueError`` where the value does not fit.
    """
    return typing.cast(T, _build(kind, value))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _build(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if kind is Any:
        return value
    if origin in (Union, types.UnionType):
        return _build_union(get_args(kind), value)
    if origin is typing.Literal:
        if value not in get_args(kind):
            raise ValueError(f"{value!r} is not one of {get_args(kind)}")
        return value
    if origin is tuple:
        arguments = get_args(kind)
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_build(arguments[0], item) for item in value)
        return tuple(_build(part, item) for part, item in zip(arguments, value, strict=True))
    if origin is list:
        return [_build(get_args(kind)[0], item) for item in value]
    if origin is dict:
        key_kind, item_kind = get_args(kind)
        return {_build_key(key_kind, key): _build(item_kind, item) for key, item in value.items()}
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if not isinstance(value, dict):
            raise TypeError(f"{kind.__name__} needs an object, not {type(value).__name__}")
        hints = _hints(kind)
        known = {f.name for f in dataclasses.fields(kind)}
        return kind(**{name: _build(hints[name], item) for name, item in value.items() if name in known})
    return _build_scalar(kind, value)


def _build_key(kind: Any, key: str) -> Any:
    return int(key) if kind is int else key


def _build_union(options: tuple[Any, ...], value: Any) -> Any:
    if value is None and type(None) in options:
        return None
    for option in options:
        if option is type(None):
            continue
        try:
            return _build(option, value)
        except (TypeError, ValueError):
            continue
    raise TypeError(f"{type(value).__name__} fits none of {options}")


def _build_scalar(kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    if kind is type(None) and value is None:
        return None
    raise TypeError(f"{type(value).__name__} is not a {getattr(kind, '__name__', kind)}")
