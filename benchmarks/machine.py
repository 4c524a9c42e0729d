"""The machine and the programs that a run of the benchmarks was measured with."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

from tests.support.mosquitto import find

PACKAGES = ("textual", "rich", "aiomqtt", "paho-mqtt", "websockets")
RIVALS = ("mosquitto_rr", "mqttx", "mqtt", "mqttui", "websocat", "wscat")


def describe() -> dict[str, str]:
    """Name and value of what matters for the figures; missing rivals are named."""
    found = {
        "date": time.strftime("%Y-%m-%d"),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": f"{os.cpu_count()} cores, {_processor()}",
        "memory": f"{_memory() / 1e9:.1f} GB",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load before": f"{os.getloadavg()[0]:.2f}",
    }
    found |= {name: importlib.metadata.version(name) for name in PACKAGES}
    broker = find()
    found["mosquitto"] = _version([broker, "-h"]) if broker else "missing"
    for name in RIVALS:
        program = shutil.which(name)
        found[name] = (_version([program, "--version"]) or "there") if program else "missing: not measured"
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _version(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+\.\d+(\.\d+)?", done.stdout + done.stderr)
    return found[0] if found else ""
