"""Connecting a profile with a bare link, and what becomes of it."""

from __future__ import annotations

import asyncio

from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.profile import Profile, Resolved
from mqttx_tui.model.state import StageReport
from mqttx_tui.transport.base import Frame, FrameLink, Link
from mqttx_tui.transport.connect import open_frame_link, open_link


class Peer:
    """Handler of both kinds of link: keeps everything that it hears."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.chunks: list[int] = []
        self.frames: list[Frame] = []
        self.stages: list[StageReport] = []
        self.writable = True
        self.link: Link
        self.ended: asyncio.Future[LinkError | None] = asyncio.get_running_loop().create_future()

    def bytes_received(self, data: bytes) -> None:
        self.data += data
        self.chunks.append(len(data))

    def frame_received(self, frame: Frame) -> None:
        self.frames.append(frame)

    def lost(self, error: LinkError | None) -> None:
        assert not self.ended.done(), "lost is called once"
        self.ended.set_result(error)

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True

    async def open(self, profile: Profile) -> Link:
        return await open_link(Resolved(profile), self, self.stages.append)

    async def open_frames(self, profile: Profile) -> FrameLink:
        return await open_frame_link(Resolved(profile), self, self.stages.append)

    def status(self) -> dict[str, str]:
        """The last status of each stage."""
        return {report.stage: report.status for report in self.stages}


async def failure_of(profile: Profile) -> LinkError:
    """Connect, and wait for the failure: while connecting, or afterwards."""
    peer = Peer()
    raw = profile.protocol == "websocket"
    try:
        link = await (peer.open_frames(profile) if raw else peer.open(profile))
    except LinkError as error:
        if peer.status().get(error.stage, "failed") != "failed":
            raise AssertionError(f"stage {error.stage} was not reported as failed") from error
        return error
    try:
        reason = await peer.ended
    finally:
        link.abort()
    assert reason is not None, "the link ended in good order"
    return reason
