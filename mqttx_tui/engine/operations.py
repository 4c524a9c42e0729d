"""The operations of the control channel: what a request means to the engine.

Each takes the request's frame and returns the fields of the reply. A field that is missing or of
the wrong type is an ``InputError`` that names it.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from mqttx_tui.engine.api import Engine
from mqttx_tui.engine.channel import ControlFrame
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.jsonable import from_json, to_json
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.model.state import ConnectionSnapshot, EngineCounters

Reply = dict[str, Any]


class OpenEngine(Engine, Protocol):
    """What the server needs beyond ``Engine``."""

    async def connect(self, profile: Profile, *, literals: tuple[str, ...] = ()) -> int:
        """``literals`` names what ``literals.strip`` took out: asked back when it is needed."""

    def snapshots(self) -> list[ConnectionSnapshot]:
        """Every connection as it stands."""

    def counted(self) -> EngineCounters:
        """The counters as they stand."""


Operation = Callable[[OpenEngine, ControlFrame], Awaitable[Reply]]


def field(frame: ControlFrame, name: str, kind: Any, default: Any = ...) -> Any:
    """A field of the request's header as ``kind``."""
    value = frame.header.get(name, default)
    if value is ...:
        raise InputError(f"the request lacks {name!r}", title="Bad request")
    try:
        return from_json(kind, value)
    except (TypeError, ValueError, KeyError) as error:
        raise InputError(f"{name}: {error}", title="Bad request") from None


def outgoing_to_json(outgoing: Outgoing) -> dict[str, Any]:
    """An outgoing message without its payload, which travels in the body."""
    fields = {
        name: getattr(outgoing, name)
        for name in ("topic", "qos", "retain", "binary", "secret", "name", "fragments")
    }
    return fields | {"properties": {key: _packed(value) for key, value in outgoing.properties.items()}}


def _packed(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, list | tuple):
        return [_packed(item) for item in value]
    return value


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"bytes"}:
        return base64.b64decode(value["bytes"])
    if isinstance(value, list):
        return [tuple(item) if isinstance(item, list) else _unpacked(item) for item in value]
    return value


def outgoing_from_json(frame: ControlFrame) -> Outgoing:
    """The message of a ``publish`` request."""
    fields = field(frame, "message", dict[str, Any])
    properties = fields.pop("properties", None) or {}
    try:
        unpacked = {key: _unpacked(value) for key, value in properties.items()}
        return from_json(Outgoing, fields | {"properties": unpacked, "payload": frame.body})
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError(f"message: {error}", title="Bad request") from None


async def _connect(engine: OpenEngine, frame: ControlFrame) -> Reply:
    literals = field(frame, "literals", tuple[str, ...], [])
    return {"connection": await engine.connect(field(frame, "profile", Profile), literals=literals)}


async def _disconnect(engine: OpenEngine, frame: ControlFrame) -> Reply:
    code = None if frame.header.get("code") is None else field(frame, "code", int)
    reason = field(frame, "reason", str, "")
    await engine.disconnect(field(frame, "connection", int), code=code, reason=reason)
    return {}


async def _remove(engine: OpenEngine, frame: ControlFrame) -> Reply:
    await engine.remove(field(frame, "connection", int))
    return {}


async def _subscribe(engine: OpenEngine, frame: ControlFrame) -> Reply:
    subscription = field(frame, "subscription", Subscription)
    return {"state": to_json(await engine.subscribe(field(frame, "connection", int), subscription))}


async def _unsubscribe(engine: OpenEngine, frame: ControlFrame) -> Reply:
    await engine.unsubscribe(field(frame, "connection", int), field(frame, "filter", str))
    return {}


async def _publish(engine: OpenEngine, frame: ControlFrame) -> Reply:
    return {"message": await engine.publish(field(frame, "connection", int), outgoing_from_json(frame))}


async def _ping(engine: OpenEngine, frame: ControlFrame) -> Reply:
    return {"ms": await engine.ping(field(frame, "connection", int))}


async def _authenticate(engine: OpenEngine, frame: ControlFrame) -> Reply:
    return {"ms": await engine.authenticate(field(frame, "connection", int))}


async def _handshake(engine: OpenEngine, frame: ControlFrame) -> Reply:
    return {"handshake": to_json(await engine.handshake(field(frame, "connection", int)))}


async def _drop(engine: OpenEngine, frame: ControlFrame) -> Reply:
    return {"count": await engine.drop_queued(field(frame, "connection", int))}


async def _exclude(engine: OpenEngine, frame: ControlFrame) -> Reply:
    await engine.exclude(field(frame, "connection", int), field(frame, "filters", tuple[str, ...]))
    return {}


async def _limits(engine: OpenEngine, frame: ControlFrame) -> Reply:
    chosen = {
        name: field(frame, name, int) for name in ("messages", "size") if frame.header.get(name) is not None
    }
    await engine.limits(**chosen)
    return {}


async def _save(engine: OpenEngine, frame: ControlFrame) -> Reply:
    return {"count": await engine.save(field(frame, "path", str))}


async def _clear(engine: OpenEngine, frame: ControlFrame) -> Reply:
    await engine.clear()
    return {}


OPERATIONS: dict[str, Operation] = {
    "connect": _connect,
    "disconnect": _disconnect,
    "remove": _remove,
    "subscribe": _subscribe,
    "unsubscribe": _unsubscribe,
    "publish": _publish,
    "ping": _ping,
    "authenticate": _authenticate,
    "handshake": _handshake,
    "drop": _drop,
    "exclude": _exclude,
    "limits": _limits,
    "save": _save,
    "clear": _clear,
}
"""``hello``, ``answer`` and ``shutdown`` belong to the server itself."""
