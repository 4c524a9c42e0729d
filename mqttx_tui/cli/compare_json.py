"""What ``compare --json`` prints: one object, described in docs/compare.md."""

from __future__ import annotations

from collections.abc import Sequence
from json import dumps
from typing import Any

from mqttx_tui.cli.doctor_table import check_object
from mqttx_tui.cli.output import put
from mqttx_tui.compare.figures import FIGURES, PUBLIC_SIZE, estimate
from mqttx_tui.compare.measure import Asked
from mqttx_tui.compare.results import LAYERS, Both, Cost, Publishing, Result, Times, exit_code


def put_json(results: Sequence[Result], asked: Asked) -> None:
    """One line; bytes as counted at the socket, times in milliseconds."""
    put(dumps(as_object(results, asked), ensure_ascii=False))


def as_object(results: Sequence[Result], asked: Asked) -> dict[str, Any]:
    """All targets in their order; what was not measured is null."""
    return {
        "qos": list(asked.qos),
        "sizes": list(asked.sizes),
        "count": asked.count,
        "exit_code": int(exit_code(results)),
        "targets": [_result(result) for result in results],
        "public_frames": {
            figure.name: {"tcp": figure.tcp, "websocket": figure.websocket} for figure in FIGURES
        },
        "public_publish": {"qos": 1, "size": PUBLIC_SIZE},
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "name": result.name,
        "target": result.target,
        "transport": result.transport,
        "mqtt": result.version or None,
        "tls": result.tls or None,
        "topic": result.topic,
        "client_id": result.client_id or None,
        "connect": _cost(result.connect),
        "connect_ms": _times(result.connect_times),
        "subscribe": _cost(result.subscribe),
        "ping": _cost(result.ping),
        "ping_ms": _times(result.ping_times),
        "disconnect": _cost(result.disconnect),
        "publish": [_publishing(one) for one in result.publishings],
        "total": _both(result.total),
        "estimated_frames": {figure.name: estimate(result, figure) for figure in FIGURES},
        "notes": result.notes,
        "failure": None if result.failure is None else check_object(result.failure),
    }


def _publishing(one: Publishing) -> dict[str, Any]:
    return {
        "qos": one.qos,
        "size": one.size,
        "delivered_qos": one.came_as,
        "publisher": _cost(one.publisher),
        "subscriber": _cost(one.subscriber),
        "message_ms": _times(one.message),
        "acknowledged_ms": _times(one.flow),
    }


def _cost(cost: Cost | None) -> dict[str, Any] | None:
    if cost is None:
        return None
    layers = {name: _both(getattr(cost, name)) for name in LAYERS}
    return {**_both(cost.wire), "layers": layers, "writes": cost.calls.sent, "reads": cost.calls.received}


def _both(both: Both) -> dict[str, int]:
    return {"sent": both.sent, "received": both.received}


def _times(times: Times | None) -> dict[str, Any] | None:
    if times is None:
        return None
    return {
        "median": round(times.median, 3),
        "p95": round(times.p95, 3),
        "samples": len(times.samples),
    }
