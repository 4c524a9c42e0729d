"""The engine as a front end holds it: a child process behind the control channel.

Imports neither session nor transport: the front end's start does not pay for the network.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count
from typing import Any

from mqttx_tui.engine.address import Address, dial
from mqttx_tui.engine.api import Ask, EngineListener
from mqttx_tui.engine.channel import VERSION, ChannelError, ControlFrame, encode_frame, frames
from mqttx_tui.engine.errors import error_from_json
from mqttx_tui.engine.literals import PROMPT, strip
from mqttx_tui.engine.operations import outgoing_to_json
from mqttx_tui.engine.spawn import COPY_SECONDS, GONE_SECONDS, EngineOptions, EngineProcess, ending
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.handshake import Handshake
from mqttx_tui.model.jsonable import from_json, to_json
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.model.state import ConnectionSnapshot, EngineCounters, SubscriptionState


class EngineGone(AppError):
    """The engine ended: the capture stays readable, nothing can be sent."""

    def __init__(self, message: str = "the engine process is gone") -> None:
        super().__init__(message, title="The engine is gone", hint="restart it with the same connections")


class EngineClient:
    """Implements ``engine.api.Engine`` over the control channel.

    ``await start()`` starts a child process and attaches, ``await attach(address)`` joins one that
    runs. Events reach ``listener`` on the event loop on which it was started. Secrets as written in
    a profile stay in this object's memory and travel only in the body of an ``answer``.
    """

    def __init__(
        self,
        listener: EngineListener,
        ask: Ask,
        *,
        options: EngineOptions | None = None,
        linger: float = 0.0,
    ) -> None:
        self._listener = listener
        self._ask = ask
        self._options = options or EngineOptions()
        self._linger = linger
        self._process: EngineProcess | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._requests: dict[int, asyncio.Future[ControlFrame]] = {}
        self._numbers = count(1)
        self._literals: dict[tuple[str, str], str] = {}
        self._prompts: dict[int, asyncio.Task[None]] = {}
        self._leaving = False
        self._end_seconds = GONE_SECONDS
        self._address = Address()
        self.left: tuple[str, ...] = ()
        """Captures of engines that crashed, once offered; known after ``start``."""
        self.kept = False
        """Whether the capture is a file that a person named; known after ``start``."""

    @property
    def capture_path(self) -> str:
        """Path of the capture file; empty before ``start`` has returned."""
        return self._address.capture

    @property
    def address(self) -> Address:
        """Where the engine listens."""
        return self._address

    @property
    def pid(self) -> int | None:
        """The child's process id; None when the engine is not ours."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether requests can be made."""
        return self._writer is not None and not self._leaving

    async def start(self) -> None:
        """Start the child and attach. Raises ``AppError`` with the reason when it cannot."""
        self._process = EngineProcess.start(self._options)
        try:
            await self.attach(await self._process.ready())
        except BaseException:
            self._process.kill()
            await self._process.gone()
            raise

    async def attach(self, address: Address) -> None:
        """Join the engine that listens at ``address``; its connections come as ``state``."""
        try:
            reader, self._writer = await dial(address)
        except OSError as error:
            raise EngineGone(f"the engine does not answer: {error}") from None
        self._reading = asyncio.create_task(self._read(reader), name="engine events")
        reply = await self._request("hello", linger=self._linger, token=address.token)
        self._address = replace(address, capture=reply.header["capture"])
        self.left = tuple(reply.header["left"])
        self.kept = bool(reply.header["kept"])
        if reply.header["saved_later"]:
            self._end_seconds = COPY_SECONDS
            self._listener.notice("info", reply.header["saved_later"])
        for path in self.left:
            self._listener.notice(
                "warning", f"an earlier capture stays until the next start: mqttx-tui open {path}"
            )
        for state in reply.header["connections"]:
            self._listener.state(from_json(ConnectionSnapshot, state))
        self._listener.counters(from_json(EngineCounters, reply.header["counters"]))

    async def connect(self, profile: Profile) -> int:
        """Start (or restart) a connection; returns its id at once."""
        stripped, literals = strip(profile)
        self._literals = {key: text for key, text in self._literals.items() if key[0] != profile.key}
        self._literals |= {(profile.key, name): text for name, text in literals.items()}
        reply = await self._request("connect", profile=to_json(stripped), literals=sorted(literals))
        return int(reply.header["connection"])

    async def disconnect(self, connection: int, *, code: int | None = None, reason: str = "") -> None:
        """Close a connection and stop retrying."""
        await self._request("disconnect", connection=connection, code=code, reason=reason)

    async def remove(self, connection: int) -> None:
        """Close a connection and forget it; its messages stay."""
        await self._request("remove", connection=connection)

    async def subscribe(self, connection: int, subscription: Subscription) -> SubscriptionState:
        """Subscribe; returns what was granted."""
        reply = await self._request("subscribe", connection=connection, subscription=to_json(subscription))
        return from_json(SubscriptionState, reply.header["state"])

    async def unsubscribe(self, connection: int, topic_filter: str) -> None:
        """Unsubscribe."""
        await self._request("unsubscribe", connection=connection, filter=topic_filter)

    async def publish(self, connection: int, outgoing: Outgoing) -> int:
        """Send or queue; returns the message id."""
        message = outgoing_to_json(outgoing)
        reply = await self._request("publish", outgoing.payload, connection=connection, message=message)
        return int(reply.header["message"])

    async def ping(self, connection: int) -> float:
        """Ping by hand; returns the round trip in ms."""
        return float((await self._request("ping", connection=connection)).header["ms"])

    async def authenticate(self, connection: int) -> float:
        """Authenticate again while connected; returns how long it took in ms."""
        return float((await self._request("authenticate", connection=connection)).header["ms"])

    async def handshake(self, connection: int) -> Handshake:
        """How the WebSocket below a connection was opened, without secrets."""
        reply = await self._request("handshake", connection=connection)
        return from_json(Handshake, reply.header["handshake"])

    async def drop_queued(self, connection: int) -> int:
        """Forget what is queued and not yet sent; returns how many."""
        return int((await self._request("drop", connection=connection)).header["count"])

    async def exclude(self, connection: int, filters: tuple[str, ...]) -> None:
        """Replace the topic filters that are left out of the capture."""
        await self._request("exclude", connection=connection, filters=list(filters))

    async def limits(self, *, messages: int | None = None, size: int | None = None) -> None:
        """Change retention."""
        await self._request("limits", messages=messages, size=size)

    async def save(self, path: str) -> int:
        """Copy the capture to ``path``; returns the number of messages saved."""
        return int((await self._request("save", path=path)).header["count"])

    async def clear(self) -> None:
        """Forget every message; ids go on."""
        await self._request("clear")

    async def shutdown(self, *, keep: bool = False) -> None:
        """End the engine and wait until its process is gone (killed when it does not obey)."""
        if self.alive:
            self._leaving = True
            try:
                await self._request("shutdown", keep=keep)
            except EngineGone:
                pass
        await self._left()

    async def leave(self) -> None:
        """Hang up; the engine goes on for as long as ``linger`` said."""
        self._leaving = True
        await self._left(wait=False)

    async def others(self) -> int:
        """How many other front ends look at the engine."""
        return int((await self._request("about")).header["front_ends"]) - 1

    async def _left(self, *, wait: bool = True) -> None:
        for task in self._prompts.values():
            task.cancel()
        if wait and self._process is not None:
            await self._process.gone(self._end_seconds)
        if self._writer is not None:
            self._writer.close()
        if self._reading is not None:
            await asyncio.wait([self._reading])

    async def _request(self, op: str, body: bytes = b"", **fields: Any) -> ControlFrame:
        if self._writer is None:
            raise EngineGone
        number = next(self._numbers)
        reply: asyncio.Future[ControlFrame] = asyncio.get_running_loop().create_future()
        frame = encode_frame({"v": VERSION, "id": number, "op": op, **fields}, body)
        self._requests[number] = reply
        try:
            self._writer.write(frame)
            answer = await reply
        finally:
            self._requests.pop(number, None)
        if not answer.header.get("ok"):
            raise error_from_json(answer.header.get("error"))
        return answer

    async def _read(self, reader: asyncio.StreamReader) -> None:
        reason = ""
        try:
            async for frame in frames(reader):
                self._take(frame)
        except (OSError, ChannelError) as error:
            reason = str(error)
        await self._ended(reason)

    def _take(self, frame: ControlFrame) -> None:
        event = frame.header.get("event")
        if event is None:
            reply = self._requests.get(frame.header.get("id", 0))
            if reply is not None and not reply.done():
                reply.set_result(frame)
        elif event == "state":
            self._listener.state(from_json(ConnectionSnapshot, frame.header["state"]))
        elif event == "counters":
            self._listener.counters(from_json(EngineCounters, frame.header["counters"]))
        elif event == "notice":
            self._listener.notice(frame.header["level"], frame.header["text"])
        elif event == "removed":
            self._listener.removed(frame.header["connection"])
        elif event == "prompt":
            self._prompted(frame.header)

    def _prompted(self, header: dict[str, Any]) -> None:
        number = header["prompt"]
        if header.get("settled"):
            if task := self._prompts.get(number):
                task.cancel()
            return
        task = asyncio.create_task(self._answer(number, header["label"], header["question"]))
        self._prompts[number] = task
        task.add_done_callback(lambda _: self._prompts.pop(number, None))

    async def _answer(self, number: int, label: str, question: str) -> None:
        """Answer from memory, or ask the person; a literal that another front end holds is its."""
        if question.startswith(PROMPT):
            text = self._literals.get((label, question.removeprefix(PROMPT)))
            if text is None:
                return
        else:
            text = await self._ask(label, question)
        body = b"" if text is None else text.encode("utf-8", "surrogateescape")
        try:
            await self._request("answer", body, prompt=number, declined=text is None)
        except AppError:
            return

    async def _ended(self, reason: str) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        for reply in self._requests.values():
            if not reply.done():
                reply.set_exception(EngineGone())
        for task in self._prompts.values():
            task.cancel()
        if self._leaving:
            return
        if self._process is not None:
            reason = ending(await self._process.gone())
        self._listener.engine_died(reason or "it closed the control channel")
