"""Waiting for a condition with a deadline: the tests' only way to wait."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
FACTOR = float(os.environ.get("MQTTX_TUI_TEST_TIMEOUT_FACTOR", "1"))


def until(condition: Callable[[], T], what: str = "", timeout: float = 10.0) -> T:
    """Call ``condition`` until it is true; returns its value, fails after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout * FACTOR
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what or condition}")
        time.sleep(0.01)


async def eventually(
    condition: Callable[[], T] | Callable[[], Awaitable[T]], what: str = "", timeout: float = 10.0
) -> T:
    """The same on an event loop; ``condition`` may be a coroutine function."""
    deadline = time.monotonic() + timeout * FACTOR
    while True:
        result = condition()
        value = await result if isinstance(result, Awaitable) else result
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what or condition}")
        await asyncio.sleep(0.01)
