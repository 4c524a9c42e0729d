"""The checks of a raw WebSocket: what was agreed on, a ping there and back, the closing handshake."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import replace

from mqttx_tui.doctor.opening import Opening
from mqttx_tui.doctor.plan import Plan
from mqttx_tui.doctor.report import Check, Recorder, Verdict, failed
from mqttx_tui.model.errors import LinkError
from mqttx_tui.transport.base import Frame, FrameLink, LinkInfo, OnStage
from mqttx_tui.transport.connect import open_frame_link

PONG = 10
CLOSE = 8
_KINDS = {1: "text", 2: "binary"}
DEFLATE = "permessage-deflate"


class FrameTalk:
    """``base.FrameHandler`` that keeps what came until somebody waits for it."""

    def __init__(self, seconds: float) -> None:
        self.link: FrameLink
        self.frames: list[Frame] = []
        self.ended = False
        self._seconds = seconds
        self._cause: LinkError | None = None
        self._arrived = asyncio.Event()

    def frame_received(self, frame: Frame) -> None:
        """Part of ``base.FrameHandler``."""
        self.frames.append(frame)
        self._arrived.set()

    def lost(self, error: LinkError | None) -> None:
        """Part of ``base.FrameHandler``."""
        self._cause, self.ended = error, True
        self._arrived.set()

    def pause_writing(self) -> None:
        """Part of ``base.FrameHandler``: what is written here is small."""

    def resume_writing(self) -> None:
        """Part of ``base.FrameHandler``."""

    async def until(self, wanted: Callable[[Frame], bool], what: str) -> Frame | None:
        """The first frame like this; None when the link ended in good order before. Raises ``LinkError``."""
        try:
            async with asyncio.timeout(self._seconds):
                while True:
                    found = next(filter(wanted, self.frames), None)
                    if found is not None or (self.ended and self._cause is None):
                        return found
                    if self._cause is not None:
                        raise self._cause
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            text = f"no {what} within {self._seconds:g} s"
            hint = "the server hangs, or does not answer as RFC 6455 §5.5 wants it"
            raise LinkError(text, stage="link", title="No answer", hint=hint) from None


async def examine_frames(plan: Plan, recorder: Recorder) -> None:
    """Record the checks of a raw WebSocket. No message is sent: only its owner knows which may be."""
    opening = Opening(plan, recorder)
    talk = FrameTalk(plan.seconds)
    resolved = replace(plan.resolved, profile=replace(plan.profile, connect_timeout=plan.seconds))

    async def open_it(on_stage: OnStage) -> LinkInfo:
        talk.link = await open_frame_link(resolved, talk, on_stage)
        return talk.link.info

    if not await opening.run(open_it):
        recorder.skip("not connected", "ping", "message", "close")
        return
    try:
        await _converse(plan, talk, recorder)
    finally:
        talk.link.abort()


async def _converse(plan: Plan, talk: FrameTalk, recorder: Recorder) -> None:
    stage, started = "ping", time.perf_counter()
    payload = secrets.token_bytes(8)
    try:
        talk.link.ping(payload)
        pong = await talk.until(lambda frame: (frame.opcode, frame.payload) == (PONG, payload), "pong")
        if pong is None:
            raise LinkError("the server ended the connection", stage="link", title="Closed by the server")
        recorder.add(Check(stage, Verdict.OK, "answered", _ms(started)))
        recorder.add(_messages(plan, talk))
        stage, started = "close", time.perf_counter()
        talk.link.close()
        end = await talk.until(lambda frame: frame.opcode == CLOSE, "close frame")
        recorder.add(_close(end, _ms(started)))
    except LinkError as error:
        recorder.add(failed(error, stage=stage, ms=_ms(started)))
        recorder.skip("the connection was lost before", *(("message", "close") if stage == "ping" else ()))


def _messages(plan: Plan, talk: FrameTalk) -> Check:
    """What came by itself, and what was asked for and not agreed on."""
    info, profile = talk.link.info, plan.profile
    came = [frame for frame in talk.frames if frame.opcode in _KINDS]
    facts = tuple(("first", f"{_KINDS[one.opcode]}, {len(one.payload)} bytes") for one in came[:1])
    hints = []
    if profile.subprotocols and not info.subprotocol:
        hints.append(f"the server chose none of the subprotocols {', '.join(profile.subprotocols)}")
    if profile.compression and not any(one.startswith(DEFLATE) for one in info.extensions):
        hints.append("compression = true, and the server does not compress")
    return Check(
        "message",
        Verdict.WARNING if hints else Verdict.OK,
        f"{len(came)} came by themselves; none is sent",
        facts=facts,
        hint="\n".join(hints),
    )


def _close(frame: Frame | None, ms: float) -> Check:
    if frame is None:
        hint = "the server ended the connection without a close frame of its own (RFC 6455 §7.1.2)"
        return Check("close", Verdict.WARNING, "ended without an answer", ms, hint=hint)
    return Check("close", Verdict.OK, f"answered with {frame.code or 1005}", ms)


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1000
