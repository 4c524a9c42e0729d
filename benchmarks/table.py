"""The benchmarks by name."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

CALLED = re.compile(r":? ?``python -m [^`]*``(?=\.|$| )")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """``long`` ones run only when they are named."""

    text: str
    module: str
    arguments: tuple[str, ...] = ()
    long: bool = False

    @property
    def how(self) -> str:
        """What its module says about itself, without how it is called."""
        source = Path(__file__).with_name(f"{self.module}.py").read_text(encoding="utf-8")
        said = " ".join((ast.get_docstring(ast.parse(source)) or "").split())
        return CALLED.sub("", said).strip()


BENCHMARKS: dict[str, Benchmark] = {
    "capture": Benchmark("headless capture at QoS 0 against mosquitto_sub -v", "session_rate"),
    "capture-qos1-20": Benchmark(
        "the same at QoS 1, max_inflight_messages 20",
        "session_rate",
        ("--qos=1", "--inflight=20", "--count=100000"),
    ),
    "capture-qos1-1000": Benchmark(
        "the same at QoS 1, max_inflight_messages 1000",
        "session_rate",
        ("--qos=1", "--inflight=1000", "--count=200000"),
    ),
    "app": Benchmark("the blast with the app open in a terminal", "app"),
    "flood": Benchmark("2,000,000 messages at full speed with the app open", "app", ("--flood",), long=True),
    "websocket-mqtt": Benchmark("MQTT over WebSocket", "websocket_mqtt"),
    "websocket-raw": Benchmark("a raw WebSocket session", "websocket_raw"),
    "filters": Benchmark("filters over 1,000,000 messages", "filters"),
    "topics": Benchmark("the tree of 100,000 topics: time, keys, memory", "topics"),
    "topics-other": Benchmark(
        "1,000,000 topics, 100,000 of them in the tree",
        "topics",
        ("--topics=1000000", "--limit=100000", "--shape=ids"),
    ),
    "topics-million": Benchmark(
        "1,000,000 topics, all in the tree",
        "topics",
        ("--topics=1000000", "--shape=devices", "--shape=ids"),
        long=True,
    ),
    "memory": Benchmark("1,000,000 messages and further topics: memory and file, the app open", "memory"),
    "retention": Benchmark("at its limit for several times the limit, restarts, the app open", "retention"),
    "growth": Benchmark("how each cost grows with messages and topics", "growth", long=True),
    "endurance": Benchmark(
        "twenty minutes at 5,000 messages a second: memory and file flat", "endurance", long=True
    ),
    "keys": Benchmark("keys while 20,000 messages a second arrive; what painting takes of a core", "keys"),
    "slow-link": Benchmark("a terminal that takes 8 kB/s, at 5,000 messages a second", "slow_link"),
    "idle": Benchmark("connected, and nothing arrives", "idle"),
    "terminal-bytes": Benchmark("bytes to the terminal under floods over ssh", "terminal_bytes"),
    "exclude": Benchmark("the same blast with 90 % of it excluded", "exclude"),
    "small-machine": Benchmark("engine and app in half a core and 256 MB", "small_machine"),
    "startup": Benchmark("first frame, pub and sub", "startup"),
}
