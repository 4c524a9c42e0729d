"""The doctor in a process of its own: what the front end starts, which loads no networking itself.

Lines of JSON go both ways over pipes that nobody else can read; nothing secret stands in arguments or
environment. We say ``{"profile": …, "seconds": …}`` and answers; the child says ``{"check": …}``,
``{"ask": [label, question]}`` and ``{"error": …}``. When our end is closed it leaves in good order.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from json import dumps, loads
from typing import Any

from mqttx_tui.doctor.report import Check, OnCheck
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.jsonable import from_json, to_json
from mqttx_tui.model.profile import Profile
from mqttx_tui.model.state import ErrorInfo

COMMAND = (sys.executable, "-m", "mqttx_tui.doctor")
LINE_LIMIT = 16 * 1024 * 1024
LEAVE_SECONDS = 5.0
"""How long the child may take to clear up on the broker before it is killed."""

Ask = Callable[[str, str], Awaitable[str | None]]


async def examine_apart(profile: Profile, seconds: float, ask: Ask, on_check: OnCheck) -> None:
    """Examine an unresolved profile; ``on_check`` is told of each check, ``ask`` fetches secrets of people.

    Raises ``AppError`` for what ends the examination before it began. Cancelling lets the child clear up.
    """
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=pipe, stdout=pipe, stderr=pipe, limit=LINE_LIMIT, start_new_session=True
    )
    try:
        _say(process, {"profile": to_json(profile), "seconds": seconds})
        await _listen(process, ask, on_check)
    finally:
        await asyncio.shield(asyncio.ensure_future(_ended(process)))


async def _listen(process: asyncio.subprocess.Process, ask: Ask, on_check: OnCheck) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        said: dict[str, Any] = loads(line)
        if "check" in said:
            on_check(from_json(Check, said["check"]))
        elif "ask" in said:
            label, question = said["ask"]
            _say(process, {"answer": await ask(label, question)})
        elif "error" in said:
            found = from_json(ErrorInfo, said["error"])
            raise AppError(found.message, title=found.title, hint=found.hint)
        else:
            return
    raise AppError("it ended without a word", title="The doctor did not finish")


def _say(process: asyncio.subprocess.Process, what: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(dumps(what).encode() + b"\n")


async def _ended(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        # Reading on: a child that writes into a full pipe could not leave.
        await asyncio.wait_for(process.communicate(), LEAVE_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
