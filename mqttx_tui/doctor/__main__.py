"""``python -m mqttx_tui.doctor``: the child of ``doctor.apart``, which says what the lines mean."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from json import dumps, loads
from typing import Any

from mqttx_tui.doctor.apart import LINE_LIMIT
from mqttx_tui.doctor.examine import examine
from mqttx_tui.doctor.plan import Plan
from mqttx_tui.doctor.report import Check
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.jsonable import from_json, to_json
from mqttx_tui.model.profile import Profile
from mqttx_tui.model.state import ErrorInfo
from mqttx_tui.profiles.secrets import resolve


def main() -> None:
    """Examine what the first line on stdin asks for, until stdin is closed."""
    with suppress(asyncio.CancelledError, BrokenPipeError, KeyboardInterrupt):
        asyncio.run(_serve())


async def _serve() -> None:
    reader = asyncio.StreamReader(limit=LINE_LIMIT)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    first = await reader.readline()
    if not first:
        return
    answers: asyncio.Queue[str | None] = asyncio.Queue()
    working = asyncio.ensure_future(_work(loads(first), answers))
    listening = asyncio.ensure_future(_listen(reader, answers))
    await asyncio.wait((working, listening), return_when=asyncio.FIRST_COMPLETED)
    working.cancel()
    listening.cancel()
    await asyncio.gather(working, listening, return_exceptions=True)


async def _listen(reader: asyncio.StreamReader, answers: asyncio.Queue[str | None]) -> None:
    """Take in answers until stdin ends."""
    while line := await reader.readline():
        answers.put_nowait(loads(line)["answer"])


async def _work(request: dict[str, Any], answers: asyncio.Queue[str | None]) -> None:
    async def ask(label: str, question: str) -> str | None:
        _say({"ask": [label, question]})
        return await answers.get()

    def tell(check: Check) -> None:
        _say({"check": to_json(check)})

    try:
        resolved = await resolve(from_json(Profile, request["profile"]), ask)
        await examine(Plan(resolved, request["seconds"]), tell)
    except AppError as error:
        _say({"error": to_json(ErrorInfo(error.message, error.title, error.hint))})
        return
    _say({"done": True})


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
