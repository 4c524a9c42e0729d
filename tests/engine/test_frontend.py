"""A front end that does not read: what it must know arrives, and what it missed is counted."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mqttx_tui.engine.channel import ControlFrame, frames
from mqttx_tui.engine.frontend import MERGED, NOTICE, FrontEnd
from tests.support.wait import eventually


async def test_of_too_many_notices_the_number_is_told_and_states_arrive(tmp_path: Path) -> None:
    made: list[FrontEnd] = []
    server = await asyncio.start_unix_server(
        lambda reader, writer: made.append(FrontEnd(writer)), tmp_path / "s"
    )
    reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
    await eventually(lambda: made)
    one, sent = made[0], 0
    one.welcomed = True

    def notice() -> None:
        nonlocal sent
        sent += 1
        one.event(f"{NOTICE}{sent}", {"event": "notice", "text": "x" * 1000})

    while not one._waiting:
        notice()
    for number in (1, 2):
        one.event("state:1", {"event": "state", "number": number})
    for _ in range(2 * MERGED):
        notice()
    one.event("state:2", {"event": "state", "number": 3})
    seen: list[ControlFrame] = []
    async with asyncio.timeout(10):
        async for frame in frames(reader):
            seen.append(frame)
            if frame.header.get("number") == 3:
                break
    states = [frame.header["number"] for frame in seen if frame.header["event"] == "state"]
    assert states == [2, 3]
    notices = [frame.header["text"] for frame in seen if frame.header["event"] == "notice"]
    (told,) = [text for text in notices if "older notices are missing here" in text]
    missing = int(told.split()[0])
    assert missing > 0
    assert len(notices) - 1 + missing == sent
    writer.close()
    await one.close()
    server.close()
    await server.wait_closed()
