"""All decoders, and the choice among them.

What a decoder returns is still text from outside: whoever paints or prints ``Decoded.text`` passes it
through ``model.visible.visible_lines`` first.
"""

from __future__ import annotations

import dataclasses
import logging
from functools import cache

from mqttx_tui.model import shown
from mqttx_tui.model.errors import InputError
from mqttx_tui.payload.base import Context, Decoded, Decoder
from mqttx_tui.payload.decoders import BUILT_IN

GROUP = "mqttx_tui.decoders"
LIMIT = 65_536
"""At most this many bytes of a payload are decoded."""
_FALLBACKS = ("text", "hex")
_log = logging.getLogger(__name__)


class DecodeError(InputError, ValueError):
    """The decoder that was asked for does not fit these bytes."""


@cache
def decoders() -> tuple[Decoder, ...]:
    """The built-in decoders and those of installed plug-ins; one that cannot be loaded is left out."""
    from importlib.metadata import entry_points  # costs 10 ms that the first frame does not have

    from mqttx_tui.payload.graphql import GraphQl
    from mqttx_tui.payload.socketio import SocketIo
    from mqttx_tui.payload.stomp import Stomp

    spoken: tuple[Decoder, ...] = (SocketIo(), Stomp(), GraphQl())
    found = {decoder.name: decoder for decoder in (*BUILT_IN, *spoken)}
    for entry in entry_points(group=GROUP):
        try:
            made = entry.load()
            decoder: Decoder = made() if isinstance(made, type) else made
            if not (
                isinstance(decoder.name, str) and callable(decoder.priority) and callable(decoder.decode)
            ):
                raise TypeError("needs name, syntax, priority and decode")
        except Exception as error:  # a plug-in's fault must not stop the program
            _log.warning("the decoder plug-in %s is left out: %s", entry.name, error)
            continue
        found.setdefault(decoder.name, decoder)
    return tuple(found.values())


def names() -> list[str]:
    """The names that ``decode`` takes."""
    return [decoder.name for decoder in decoders()]


def decode(data: bytes, context: Context, name: str | None = None) -> Decoded:
    """Decode the first ``LIMIT`` bytes with the decoder ``name``, or with the one that fits best.

    Without a name nothing fails: what does not fit falls back to text, then hex, and ``note`` says why.
    With one, ``DecodeError`` (an ``AppError`` and a ``ValueError``) says what does not fit.
    """
    cut = len(data) > LIMIT or not context.complete
    note = f"only the first {shown.size(min(len(data), LIMIT))} are shown" if cut else ""
    if cut:
        data, context = data[:LIMIT], dataclasses.replace(context, complete=False)
    if name is not None:
        return _chosen(data, context, name, note)
    ranked = sorted(decoders(), key=lambda decoder: _priority(decoder, data, context), reverse=True)
    best = ranked[0]
    order = [best.name, *(fallback for fallback in _FALLBACKS if fallback != best.name)]
    by_name = {decoder.name: decoder for decoder in ranked}
    for candidate in order:
        try:
            return _decoded(by_name[candidate], data, context, note)
        except Exception as error:  # plug-ins may raise anything; the next one still shows the bytes
            note = "; ".join(part for part in (f"not {candidate}: {error}", note) if part)
    raise AssertionError("hex fits always")


def _chosen(data: bytes, context: Context, name: str, note: str) -> Decoded:
    decoder = next((decoder for decoder in decoders() if decoder.name == name), None)
    if decoder is None:
        raise InputError(
            f"there is no decoder named {name}", title="No such decoder", hint=f"one of {', '.join(names())}"
        )
    try:
        return _decoded(decoder, data, context, note)
    except Exception as error:  # plug-ins may raise anything
        raise DecodeError(
            f"not {name}: {error}", title=f"Not {name}", hint="choose another format"
        ) from error


def _priority(decoder: Decoder, data: bytes, context: Context) -> float:
    try:
        return decoder.priority(data, context)
    except Exception as error:  # a plug-in's fault must not hide the message
        _log.warning("the decoder %s failed to judge a payload: %s", decoder.name, error)
        return -1.0


def _decoded(decoder: Decoder, data: bytes, context: Context, note: str) -> Decoded:
    return Decoded(text=decoder.decode(data, context), syntax=decoder.syntax, decoder=decoder.name, note=note)
