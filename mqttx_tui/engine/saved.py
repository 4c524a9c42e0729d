"""Messages of a profile that are sent by themselves: on connecting, again and again, and as answers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from functools import partial

from mqttx_tui.engine.answers import MOST_A_SECOND, AnsweringSink, Cap, rules_of
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, SavedMessage
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.session.base import Sink
from mqttx_tui.session.saved import CONNECTED, outgoing_of


class SavedMessages:
    """Sends what the profile says while the connection stands.

    ``resolved`` and ``snapshot`` are asked at every sending: variables and secrets are filled in
    anew at every attempt to connect.
    """

    def __init__(
        self,
        profile: Profile,
        resolved: Callable[[], Profile],
        snapshot: Callable[[], ConnectionSnapshot],
        notice: Callable[[str, str], None],
    ) -> None:
        self._resolved = resolved
        self._snapshot = snapshot
        self._notice = notice
        self._publish: Callable[[Outgoing], object] = lambda outgoing: None
        self._rules, self._problems = rules_of(profile)
        self._caps = {rule.index: Cap() for rule in self._rules}
        self._sent: Counter[int] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._early: list[int] = []

    def watch(self, sink: Sink) -> Sink:
        """What the session writes to, so that the answers see what arrives."""
        return AnsweringSink(sink, self._rules, self._answer, self._tell_of_rule) if self._rules else sink

    def _tell_of_rule(self, index: int, why: str) -> None:
        message = self._message(index)
        self._notice("error", f"{message.name or message.topic}: when = {message.when!r}: {why}")

    def connected(self, publish: Callable[[Outgoing], object]) -> None:
        """Send what is sent on connecting, and start the timers."""
        early, self._early = self._early, []
        self.stop()
        self._publish = publish
        for problem in self._problems:
            self._notice("error", problem)
        self._problems = []
        profile = self._resolved()
        if profile.read_only:
            return
        messages = list(enumerate(profile.messages))
        at_once = [index for index, one in messages if one.on_connect or one.when == CONNECTED]
        if at_once or early:
            self._start(partial(self._send_all, at_once + early))
        for index, message in messages:
            if message.every:
                self._start(partial(self._repeat, index, message.every))

    def stop(self) -> None:
        """The connection is gone: nothing more is sent by itself."""
        self._early.clear()
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()

    def _start(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        task = asyncio.create_task(_later(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send_all(self, messages: list[int]) -> None:
        for index in messages:
            await self._send(index)

    async def _repeat(self, index: int, seconds: float) -> None:
        while True:
            if not (self._stands and await self._send(index)):
                return
            await asyncio.sleep(seconds)

    @property
    def _stands(self) -> bool:
        return self._snapshot().phase is Phase.CONNECTED

    def _answer(self, index: int) -> None:
        """A message arrived that this one answers; sent once the batch is in the capture."""
        cap = self._caps[index]
        if not cap.passes():
            self._tell_of_cap(index, cap)
        elif self._stands:
            self._start(partial(self._send_all, [index]))
        else:  # it came with the first bytes: nobody was told yet that the connection stands
            self._early.append(index)

    def _tell_of_cap(self, index: int, cap: Cap) -> None:
        if cap.tells():
            name = self._message(index).name
            text = f"{name}: {MOST_A_SECOND} answers a second are sent at most, the rest is left out"
            self._notice("warning", f"{text}; does it answer itself?")

    def _message(self, index: int) -> SavedMessage:
        return self._resolved().messages[index]

    async def _send(self, index: int) -> bool:
        message = self._message(index)
        self._sent[index] += 1
        counter, client_id = self._sent[index], self._snapshot().client_id
        try:
            if message.payload_file is None:
                outgoing = outgoing_of(message, counter=counter, client_id=client_id)
            else:
                outgoing = await asyncio.to_thread(outgoing_of, message, counter=counter, client_id=client_id)
            self._publish(outgoing)
        except AppError as error:
            hint = f" ({error.hint})" if error.hint else ""
            self._notice("error", f"{message.name or message.topic}: {error.message}{hint}")
            return False
        return True


async def _later(work: Callable[[], Coroutine[None, None, None]]) -> None:
    """Subscriptions go out first: a session opens its outbox one turn after it told that it stands."""
    await asyncio.sleep(0)
    await work()
