"""``./dev bench [NAME…]``: run the benchmarks, one after the other; without names all of them.

Each compares with a rival in the same run and prints ratios; nothing else should run meanwhile.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCHMARKS: dict[str, tuple[str, list[str]]] = {
    "capture": ("headless capture at QoS 0 against mosquitto_sub -v", ["session_rate"]),
    "capture-qos1-20": (
        "the same at QoS 1, max_inflight_messages 20",
        ["session_rate", "--qos", "1", "--inflight", "20", "--count", "100000"],
    ),
    "capture-qos1-1000": (
        "the same at QoS 1, max_inflight_messages 1000",
        ["session_rate", "--qos", "1", "--inflight", "1000", "--count", "200000"],
    ),
    "filters": ("filters over 1,000,000 messages", ["filters"]),
    "topics": ("the tree of 100,000 topics: time, keys, memory", ["topics"]),
    "startup": ("first frame, pub and sub", ["startup"]),
}


def main(names: list[str]) -> int:
    """Run them; returns 0, or 2 for an unknown name."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        known = "\n".join(f"  {name:<20} {text}" for name, (text, _) in BENCHMARKS.items())
        print(f"no benchmark named {', '.join(unknown)}; there are:\n{known}", file=sys.stderr)
        return 2
    failed = 0
    for name in names or BENCHMARKS:
        text, (module, *arguments) = BENCHMARKS[name]
        print(f"\n== {name}: {text}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
        failed |= subprocess.call(command, cwd=ROOT)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
