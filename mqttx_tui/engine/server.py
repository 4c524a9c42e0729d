"""The engine's end of the control channel: several front ends, one engine."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mqttx_tui.engine.address import Address, listen, publish
from mqttx_tui.engine.channel import VERSION, ChannelError, ControlFrame, frames
from mqttx_tui.engine.errors import error_to_json
from mqttx_tui.engine.frontend import NOTICE, FrontEnd
from mqttx_tui.engine.lingering import Lingering
from mqttx_tui.engine.operations import OPERATIONS, OpenEngine, Reply, field
from mqttx_tui.engine.prompts import Prompts
from mqttx_tui.model.errors import AppError, InputError
from mqttx_tui.model.jsonable import to_json
from mqttx_tui.model.state import ConnectionSnapshot, EngineCounters

log = logging.getLogger(__name__)

UNHEARD = 100
"""Notices that wait for the next front end while there is none; the capture's events have all of them."""


class ControlServer:
    """Serves requests in order of arrival, each in a task of its own (a SUBACK may take long), and
    is the engine's listener: events go to every front end.

    ``ended`` is called once, with ``keep``, when a front end asked for ``shutdown`` or the last one
    left and its ``linger`` is over.
    """

    def __init__(
        self, ended: Callable[[bool], None], left: tuple[str, ...] = (), saved_later: str = ""
    ) -> None:
        """``left`` names captures of engines that crashed: front ends may offer them.
        ``saved_later`` says why the capture is copied to its place at the end, where it is."""
        self._ended = ended
        self._left = left
        self._saved_later = saved_later
        self._front_ends: list[FrontEnd] = []
        self._notices = 0
        self._unheard: deque[tuple[str, str]] = deque(maxlen=UNHEARD)
        self._engine: OpenEngine | None = None
        self._server: asyncio.Server | None = None
        self._token = ""
        self._lingering = Lingering(lambda: ended(True))
        self._started_at = time.time()
        self._kept = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.prompts = Prompts(self._broadcast)

    async def serve(self, engine: OpenEngine, directory: Path, capture: str) -> Address:
        """Start to listen; returns where."""
        self._engine = engine
        self._server, address = await listen(directory, capture, self._attached)
        self._token = address.token
        self._kept = bool(self._saved_later) or Path(capture).parent != directory
        publish(directory, address)
        self._lingering.started()
        return address

    async def close(self) -> None:
        """Stop listening and hang up on every front end, after their last replies."""
        self._lingering.attended()
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        for front_end in list(self._front_ends):
            await front_end.close()

    def state(self, snapshot: ConnectionSnapshot) -> None:
        """A connection changed."""
        self._broadcast(f"state:{snapshot.id}", {"event": "state", "state": to_json(snapshot)})
        self._lingering.changed(self._snapshots())

    def removed(self, connection: int) -> None:
        """A connection was taken out."""
        self._broadcast(f"removed:{connection}", {"event": "removed", "connection": connection})

    def counters(self, counters: EngineCounters) -> None:
        """New counters."""
        self._broadcast("counters", {"event": "counters", "counters": to_json(counters)})

    def notice(self, level: str, text: str) -> None:
        """Something to tell people."""
        if not any(one.welcomed for one in self._front_ends):
            clock = time.strftime("%H:%M:%S")
            self._unheard.append((level, f"at {clock}, while nobody looked: {text}"))
            return
        self._notices += 1
        self._broadcast(f"{NOTICE}{self._notices}", {"event": "notice", "level": level, "text": text})

    def engine_died(self, reason: str) -> None:
        """Only front ends are told."""

    def _broadcast(self, key: str, header: dict[str, Any]) -> None:
        for front_end in self._front_ends:
            front_end.event(key, {"v": VERSION, **header})

    async def _attached(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        front_end = FrontEnd(writer)
        self._front_ends.append(front_end)
        try:
            async for frame in frames(reader):
                if not self._admit(front_end, frame):
                    return
                task = asyncio.create_task(self._serve(front_end, frame))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                await front_end.drained()
        except (OSError, ChannelError) as error:
            log.warning("a front end is gone: %s", error)
        finally:
            self._front_ends.remove(front_end)
            await front_end.close()
            if front_end.welcomed and not any(other.welcomed for other in self._front_ends):
                self._lingering.left(front_end.linger, self._snapshots())

    def _snapshots(self) -> list[ConnectionSnapshot]:
        return self._engine.snapshots() if self._engine is not None else []

    def _admit(self, front_end: FrontEnd, frame: ControlFrame) -> bool:
        """Whether the peer may speak: where there is a token, the first request shows it."""
        if not front_end.admitted:
            shown = frame.header.get("token")
            right = isinstance(shown, str) and hmac.compare_digest(
                shown.encode("utf-8", "surrogatepass"), self._token.encode()
            )
            front_end.admitted = right or not self._token
        return front_end.admitted

    async def _serve(self, front_end: FrontEnd, frame: ControlFrame) -> None:
        number = frame.header.get("id")
        try:
            reply = await self._perform(front_end, frame)
        except AppError as error:
            front_end.reply({"v": VERSION, "id": number, "ok": False, "error": error_to_json(error)})
        except Exception as error:
            log.exception("operation %r failed", frame.header.get("op"))
            problem = AppError(f"{type(error).__name__} in the engine", title="Internal error")
            front_end.reply({"v": VERSION, "id": number, "ok": False, "error": error_to_json(problem)})
        else:
            front_end.reply({"v": VERSION, "id": number, "ok": True, **reply})
            self._after(front_end, frame)

    async def _perform(self, front_end: FrontEnd, frame: ControlFrame) -> Reply:
        version, name = frame.header.get("v"), frame.header.get("op")
        if version != VERSION:
            raise InputError(
                f"control version {version!r}, this engine speaks {VERSION}", title="Another version"
            )
        assert self._engine is not None
        if name == "hello":
            return self._hello(front_end, frame)
        if name == "about":
            return self._about()
        if name == "answer":
            text = None if frame.header.get("declined") else frame.body.decode("utf-8", "surrogateescape")
            return {"counted": self.prompts.answer(field(frame, "prompt", int), text)}
        if name == "shutdown":
            field(frame, "keep", bool, False)
            return {}
        operation = OPERATIONS.get(name) if isinstance(name, str) else None
        if operation is None:
            raise InputError(f"there is no operation {name!r}", title="Unknown operation")
        return await operation(self._engine, frame)

    def _hello(self, front_end: FrontEnd, frame: ControlFrame) -> Reply:
        assert self._engine is not None
        front_end.linger = max(0.0, field(frame, "linger", float, 0.0))
        front_end.welcomed = True
        self._lingering.attended()
        return {
            **self._about(),
            "left": list(self._left),
            "saved_later": self._saved_later,
            "connections": to_json(self._engine.snapshots()),
            "counters": to_json(self._engine.counted()),
        }

    def _about(self) -> Reply:
        """What a list of engines shows: asking for it does not count as attaching."""
        assert self._engine is not None
        counted = self._engine.counted()
        return {
            "pid": os.getpid(),
            "capture": self._engine.capture_path,
            "kept": self._kept,
            "started_at": self._started_at,
            "front_ends": sum(one.welcomed for one in self._front_ends),
            "lingers": any(one.welcomed and one.linger > 0 for one in self._front_ends),
            "names": [one.name or one.key for one in self._engine.snapshots()],
            "received": counted.received,
            "excluded": counted.excluded,
            "lost": counted.lost,
            "paused": counted.paused_seconds,
        }

    def _after(self, front_end: FrontEnd, frame: ControlFrame) -> None:
        """What follows once the reply is on its way."""
        if frame.header["op"] == "hello":
            unheard = list(self._unheard)
            self._unheard.clear()
            for level, text in unheard:
                self.notice(level, text)
            for event in self.prompts.outstanding():
                front_end.event(f"prompt:{event['prompt']}", {"v": VERSION, **event})
        elif frame.header["op"] == "shutdown":
            self._ended(bool(frame.header.get("keep", False)))
