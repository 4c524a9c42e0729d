"""Messages of a profile that are sent by themselves: on connecting, and again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, SavedMessage
from mqttx_tui.session.saved import CONNECTED, outgoing_of


class SavedMessages:
    """Sends what the profile says while the connection stands."""

    def __init__(self, publish: Callable[[Outgoing], object], notice: Callable[[str, str], None]) -> None:
        self._publish = publish
        self._notice = notice
        self._tasks: set[asyncio.Task[None]] = set()

    def connected(self, profile: Profile) -> None:
        """Send what is sent on connecting, and start the timers."""
        self.stop()
        if profile.read_only:
            return
        at_once = [one for one in profile.messages if one.on_connect or one.when == CONNECTED]
        timed = [one for one in profile.messages if one.every]
        if at_once:
            self._start(self._send_all(at_once))
        for message in timed:
            self._start(self._repeat(message))

    def stop(self) -> None:
        """The connection is gone: nothing more is sent by itself."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_all(self, messages: list[SavedMessage]) -> None:
        for message in messages:
            await self._send(message)

    async def _repeat(self, message: SavedMessage) -> None:
        assert message.every
        while True:
            if not await self._send(message):
                return
            await asyncio.sleep(message.every)

    async def _send(self, message: SavedMessage) -> bool:
        try:
            self._publish(await asyncio.to_thread(outgoing_of, message))
        except AppError as error:
            self._notice("error", f"{message.name or message.topic}: {error.message}")
            return False
        return True
