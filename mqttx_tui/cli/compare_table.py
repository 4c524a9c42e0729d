"""What ``compare`` found, side by side: as many targets in a row as the terminal has room for."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Sequence

from mqttx_tui.cli.output import flush, on_terminal, put
from mqttx_tui.compare.figures import FIGURES, Figure, estimate
from mqttx_tui.compare.measure import Asked
from mqttx_tui.compare.results import Both, Cost, Publishing, Result, Times
from mqttx_tui.model.visible import visible

USUAL_WIDTH = 80
_LAYERS = {
    "mqtt": "  MQTT packets",
    "websocket": "  WebSocket",
    "tls": "  TLS",
    "before": "  proxy, redirects",
}
"""Fields of ``Cost`` as they are called below ``connect``."""
_FIGURES = {"connect": "connect", "subscribe": "subscribe", "publish": "QoS 1, 256 B"}

Cells = tuple[str, ...]
Row = tuple[str, Callable[[Result], Cells | None]]
"""A label, and what a target has there; None where nothing was measured."""


def put_table(results: Sequence[Result], asked: Asked) -> None:
    """The targets, bytes, times, public figures, and what they mean."""
    width = shutil.get_terminal_size().columns if on_terminal() else USUAL_WIDTH
    for number, result in enumerate(results, 1):
        _put_target(number, result, asked)
    if any(result.version for result in results):
        _put_grid("bytes, for one of each", ("out", "in"), _byte_rows(asked), results, width)
        title = f"ms, {asked.count} of each"
        _put_grid(title, ("median", "p95"), _time_rows(asked), results, width)
        public = f"{'whole frames in public:':<18} TCP     WS"
        _put_grid(public, ("about",), [_figure_row(figure) for figure in FIGURES], results, width)
        for text in (*_against(results, asked), *_notes(results)):
            put("")
            put(textwrap.fill(text, width))
    flush()


def _put_target(number: int, result: Result, asked: Asked) -> None:
    name = "" if result.name == result.target else f"{result.name}  "
    put(visible(f"{number}  {name}{result.target}"))
    if result.version:
        put(f"   MQTT {result.version} over {result.transport}" + (f": {result.tls}" if result.tls else ""))
    failure = result.failure
    if failure is not None:
        text = f"{failure.title}: {failure.text}" if failure.title else failure.text
        put(f"   failed at {failure.stage}: {visible(text)}")
        for line in failure.hint.splitlines():
            put(f"   hint: {visible(line)}")
        put("   hint: mqttx-tui doctor looks closer")
    for text in (*result.notes, *_fewer(result, asked)):
        put(f"   {visible(text)}")


def _fewer(result: Result, asked: Asked) -> list[str]:
    """Of which messages there were fewer than asked for."""
    return [
        f"QoS {one.qos}, {one.size:,} bytes: {len(one.message.samples)} of {asked.count}, they take long"
        for one in result.publishings
        if len(one.message.samples) < asked.count
    ]


def _put_grid(title: str, names: Cells, rows: Sequence[Row], results: Sequence[Result], width: int) -> None:
    """Rows that no target has anything in are left out."""
    found = [(label, [cells(result) for result in results]) for label, cells in rows]
    found = [(label, cells) for label, cells in found if any(cells)]
    if not found:
        return
    left = max(len(title), *(len(label) for label, _ in found))
    texts = (len(text) for _, cells in found for one in cells if one for text in one)
    size = max(*texts, *map(len, names), len(names[0]) + 2)
    each = len(names) * (size + 1) + 1
    fit = max((width - left) // each, 1)
    none = ("-",) * len(names)
    for start in range(0, len(results), fit):
        put("")
        shown = range(start, min(start + fit, len(results)))
        heads = [(f"{number + 1} {names[0]}", *names[1:]) for number in shown]
        put(_line(title, heads, left, size))
        for label, cells in found:
            put(_line(label, [cells[number] or none for number in shown], left, size))


def _line(label: str, targets: Sequence[Cells], left: int, size: int) -> str:
    parts = ("".join(f" {text:>{size}}" for text in cells) for cells in targets)
    return f"{label:<{left}}" + "".join(f" {part}" for part in parts)


# Bytes


def _byte_rows(asked: Asked) -> list[Row]:
    rows: list[Row] = [("connect", lambda result: _wire(result.connect))]
    rows += [_layer_row(name, label) for name, label in _LAYERS.items()]
    rows += [
        ("subscribe", lambda result: _wire(result.subscribe)),
        ("ping", lambda result: _wire(result.ping)),
        ("disconnect", lambda result: _wire(result.disconnect)),
    ]
    rows += _each("publish", asked, lambda one: _wire(one.publisher))
    rows += _each("deliver", asked, lambda one: _wire(one.subscriber))
    return rows


def _layer_row(name: str, label: str) -> Row:
    def cells(result: Result) -> Cells | None:
        if result.connect is None:
            return None
        both: Both = getattr(result.connect, name)
        return _pair(both) if both.total else None

    return label, cells


def _wire(cost: Cost | None) -> Cells | None:
    return None if cost is None else _pair(cost.wire)


def _pair(both: Both) -> Cells:
    return f"{both.sent:,}", f"{both.received:,}"


def _each(word: str, asked: Asked, cells: Callable[[Publishing], Cells | None]) -> list[Row]:
    """A row for each QoS and size."""

    def row(qos: int, size: int) -> Row:
        def of(result: Result) -> Cells | None:
            found = result.publishing(qos, size)
            return None if found is None else cells(found)

        return f"{word} QoS {qos} {size:>{width},} B", of

    width = max(len(f"{size:,}") for size in asked.sizes)
    return [row(qos, size) for qos in asked.qos for size in asked.sizes]


# Times


def _time_rows(asked: Asked) -> list[Row]:
    rows: list[Row] = [
        (f"connect ({asked.connects})", lambda result: _spread(result.connect_times)),
        ("ping", lambda result: _spread(result.ping_times)),
    ]
    rows += _each("message", asked, lambda one: _spread(one.message))
    rows += _each("ack", asked, lambda one: _spread(one.flow))
    return rows


def _spread(times: Times | None) -> Cells | None:
    return None if times is None else (_ms(times.median), _ms(times.p95))


def _ms(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"


# Public figures


def _figure_row(figure: Figure) -> Row:
    def cells(result: Result) -> Cells | None:
        found = estimate(result, figure)
        return None if found is None else (f"{found:,}",)

    name = _FIGURES[figure.name]
    return f"{name:<18}{figure.tcp:>9,}{figure.websocket:>7,}", cells


# Words


def _against(results: Sequence[Result], asked: Asked) -> list[str]:
    """What each target costs more or less than the first that was measured."""
    measured = [(number, result) for number, result in enumerate(results, 1) if result.version]
    first, base = measured[0]
    found = []
    for number, result in measured[1:]:
        parts = [*_connecting(base, result), *_messages(base, result, asked)]
        if parts:
            found.append(f"{number} against {first}: {'; '.join(parts)}.")
    return found


def _connecting(base: Result, other: Result) -> list[str]:
    if base.connect is None or other.connect is None:
        return []
    assert base.connect_times is not None
    assert other.connect_times is not None
    size = other.connect.wire.total - base.connect.wire.total
    return [f"connecting {_more(size, other.connect_times.median - base.connect_times.median)}"]


def _messages(base: Result, other: Result, asked: Asked) -> list[str]:
    """Of the smallest size, published and delivered."""
    found = []
    for qos in asked.qos:
        ours, theirs = base.publishing(qos, asked.sizes[0]), other.publishing(qos, asked.sizes[0])
        if ours is not None and theirs is not None:
            size = _both_ways(theirs) - _both_ways(ours)
            found.append(f"QoS {qos} {_more(size, theirs.message.median - ours.message.median)}")
    if found:
        found[0] = f"a message of {asked.sizes[0]:,} bytes there and back at {found[0]}"
    return found


def _both_ways(one: Publishing) -> int:
    return one.publisher.wire.total + one.subscriber.wire.total


def _more(size: int, ms: float) -> str:
    return f"{size:+,} bytes, {ms:+.2f} ms"


def _notes(results: Sequence[Result]) -> list[str]:
    measured = [result for result in results if result.version]
    topics = _lengths({len(result.topic.encode()) for result in measured})
    names = _lengths({len(result.client_id.encode()) for result in measured})
    return [
        "Counted is what goes into the socket (out) and comes out of it (in): MQTT and everything around "
        "it up to TCP, which is a proxy, TLS, the HTTP upgrade and WebSocket frames. connect is all of that "
        "until CONNACK, disconnect until the connection has ended. publish is what the publisher sends and "
        "gets with all acknowledgements, deliver the same message on the subscriber's connection. Not "
        "counted are the headers of TCP, IP and Ethernet, TCP's own acknowledgements, and what it repeats.",
        f"Topics have {topics} bytes here and client ids {names}; user names, passwords, HTTP headers and "
        "certificates of another length cost more or less.",
        "message is the time from publishing until the message is back, ack until PUBACK or PUBCOMP "
        "came, connect from looking up the name until CONNACK. p95: 95 of 100 took no longer.",
        "The public figures count whole frames on the network, both directions together: with MQTT 5 and a "
        "topic of 13 bytes, SUBSCRIBE and SUBACK have 27 bytes, and 4 times 66 of headers (two segments with "
        "data, two bare acknowledgements) make 291; a WebSocket adds 6 to what is sent and 2 to what comes. "
        "Their connect has TCP's opening in it, and the HTTP upgrade, whose headers differ from program to "
        "program. Beside them stands an estimate, not a count: the bytes above, with 66 for each segment and "
        "66 for its acknowledgement, and 214 for TCP's opening. Networks let many acknowledgements travel "
        "along with data, which makes it less.",
    ]


def _lengths(found: set[int]) -> str:
    return " or ".join(map(str, sorted(found)))
