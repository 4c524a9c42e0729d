"""A raw WebSocket server for the demo: ``/chat``, which also answers JSON-RPC, and ``/ticker``."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import struct
import time
from dataclasses import dataclass, field

from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

TRADE_SECONDS = 0.7
HEARTBEAT_EVERY = 8
CHATTER_SECONDS = 12.0
CHATTER = (
    ("mira", "is the boiler room sensor back?"),
    ("jonas", "it was the battery again"),
    ("mira", "kitchen is at 19, nice"),
    ("bot", "try: publish ON to home/kitchen/HeaterControl"),
)


@dataclass
class WebSocketServer:
    """Serves chat and ticker on loopback. ``port`` is known after ``start``."""

    host: str = "127.0.0.1"
    port: int = 0
    _server: Server | None = None
    _chatters: set[ServerConnection] = field(default_factory=set)
    _listeners: set[ServerConnection] = field(default_factory=set)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _started: float = field(default_factory=time.time)

    async def start(self) -> None:
        """Listen, and begin to talk."""
        self._server = await serve(self._handle, self.host, self.port, process_request=self._only_known_paths)
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        self._tasks = [
            asyncio.create_task(self._tick(), name="ticker"),
            asyncio.create_task(self._chatter(), name="chatter"),
        ]

    async def stop(self) -> None:
        """Close every connection and stop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _only_known_paths(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path.partition("?")[0] in ("/chat", "/ticker"):
            return None
        return Response(404, "Not Found", Headers({"Content-Length": "0"}))

    async def _handle(self, connection: ServerConnection) -> None:
        ticker = connection.request is not None and connection.request.path.startswith("/ticker")
        members = self._listeners if ticker else self._chatters
        members.add(connection)
        try:
            if ticker:
                await connection.wait_closed()
            else:
                await self._chat(connection)
        finally:
            members.discard(connection)

    async def _chat(self, connection: ServerConnection) -> None:
        await connection.send(_json(type="welcome", text="say something, everybody here reads it"))
        async for message in connection:
            if isinstance(message, bytes):
                await connection.send(struct.pack(">I", len(message)) + message[::-1])
                continue
            answer = self._answer(message)
            if answer:
                await connection.send(answer)
            else:
                broadcast(self._chatters, _json(type="message", **{"from": "you"}, text=message))

    def _answer(self, message: str) -> str:
        """The answer to a call (JSON-RPC 2.0 §4); empty for anything else."""
        try:
            call = json.loads(message)
        except (ValueError, RecursionError):
            return ""
        if not isinstance(call, dict) or not isinstance(call.get("method"), str) or "id" not in call:
            return ""
        if call["method"] == "who":
            said = {"result": {"here": len(self._chatters), "since": round(time.time() - self._started)}}
            return _json(type="answer", id=call["id"], **said)
        return _json(type="answer", id=call["id"], error={"code": -32601, "message": "try who"})

    async def _tick(self) -> None:
        price = 64_210.0
        for number in itertools.count(1):
            await asyncio.sleep(TRADE_SECONDS)
            price = round(price * (1 + random.gauss(0, 0.0004)), 1)
            trade = _json(type="trade", symbol="BTC-EUR", px=price, qty=round(random.uniform(0.01, 2), 3))
            broadcast(self._listeners, trade)
            if number % HEARTBEAT_EVERY == 0:
                broadcast(self._listeners, _json(type="heartbeat", sequence=number // HEARTBEAT_EVERY))

    async def _chatter(self) -> None:
        for name, text in itertools.cycle(CHATTER):
            await asyncio.sleep(CHATTER_SECONDS)
            with contextlib.suppress(RuntimeError):
                broadcast(self._chatters, _json(type="message", **{"from": name}, text=text))


def _json(**fields: object) -> str:
    return json.dumps(fields)
