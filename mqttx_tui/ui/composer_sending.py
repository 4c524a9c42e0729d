"""Sending from the composer, and what became of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from textual import on

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.message import Message, Outgoing
from mqttx_tui.model.profile import Subscription
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.model.topics import filter_matches
from mqttx_tui.payload.calls import call_of
from mqttx_tui.payload.socketio import partners_of
from mqttx_tui.ui import safe
from mqttx_tui.ui.calls import request_pair
from mqttx_tui.ui.composer_fields import ComposerFields
from mqttx_tui.ui.draft import Draft, check_target, outgoing
from mqttx_tui.ui.inspection import fate_words
from mqttx_tui.ui.pairing import FAR, Pair, answer_words
from mqttx_tui.ui.past import Past
from mqttx_tui.ui.widgets.choice import TextButton
from mqttx_tui.ui.widgets.payload_area import PayloadArea

ROWS_WITH_OUTCOME = 5
"""A lower pane has no room to say what became of a message: the status line does."""
FINAL = ("acknowledged", "refused", "dropped")
LOOK_SECONDS = 1.0
"""Between two looks at answers that are too large for a look while a key waits."""
ONCE_MORE = "the payload is empty: once more sends it so"


class ComposerSending(ComposerFields):
    """Sends drafts. An empty payload goes out only when it was meant."""

    def __init__(self) -> None:
        super().__init__()
        self._outcome: tuple[str, str] = ("", "dim")
        self._last_sent: int | None = None
        self._asked: int | None = None
        """A request that was sent, until it is answered or no answer is waited for any more."""
        self._past = Past(lambda: self.desk.capture_path)
        self._look_at = 0.0
        """When larger answers are looked for again, on the clock of ``time.monotonic``."""
        self._meant: Draft | None = None
        """The draft without a payload that was asked about."""
        self._sendings: Counter[str] = Counter()

    def remember(self, draft: Draft, target: ConnectionSnapshot) -> None:
        """A message went out."""
        raise NotImplementedError

    @on(TextButton.Pressed, "#composer-send")
    @on(PayloadArea.SendPressed)
    def _send_wanted(self) -> None:
        self.send()

    def send(self) -> None:
        """Send what the fields hold; a problem is told and nothing is lost."""
        draft = self.draft
        try:
            target = check_target(draft, self.target)
        except AppError as error:
            self.refused(error)
            return
        if not draft.empty or draft == self._meant:
            self.send_draft(draft, target)
        elif draft.retain and not self.raw:
            self.desk.run_task(self._clear_retained(draft, target), "publish")
        else:
            self._meant = draft
            self.tell(ONCE_MORE, "busy")
            if not self.has_focus_within:
                self.desk.say("info", ONCE_MORE)

    async def _clear_retained(self, draft: Draft, target: ConnectionSnapshot) -> None:
        from mqttx_tui.ui import dialogs

        topic = safe.line(draft.topic, 80)
        label = safe.line(target.name or target.key, 40)
        question = f"An empty retained message clears what {label} keeps of {topic}. Send it?"
        if await dialogs.confirm(self.app, question, yes="Clear"):
            self._meant = draft
            self.send_draft(draft, target)

    def send_draft(self, draft: Draft, target: ConnectionSnapshot) -> None:
        """Send a draft, whatever the fields hold."""
        label = draft.name or draft.topic
        counter = self._sendings[label] + 1
        try:
            if self.desk.workspace.engine is None:
                raise AppError("this capture has no engine", title="Not sent")
            if draft.file:
                self.desk.run_task(self._send_file(draft, target, counter), "publish")
            else:
                message = outgoing(draft, target, counter=counter)
                self.desk.run_task(self._publish(draft, target, message), "publish")
        except AppError as error:
            self.refused(error)
            return
        self._sendings[label] = counter
        self.tell("sending …", "dim")

    async def _send_file(self, draft: Draft, target: ConnectionSnapshot, counter: int) -> None:
        try:
            message = await asyncio.to_thread(outgoing, draft, target, counter=counter)
        except AppError as error:
            self.refused(error)
            return
        await self._publish(draft, target, message)

    async def _publish(self, draft: Draft, target: ConnectionSnapshot, message: Outgoing) -> None:
        engine = self.desk.workspace.engine
        if engine is None:
            return
        try:
            await self._listen_for_answer(target, message)
            self._last_sent = await engine.publish(target.id, message)
        except AppError as error:
            self.refused(error)
            return
        self._asked = self._last_sent if _asks(message, target) else None
        self._look_at = time.monotonic() + LOOK_SECONDS
        self.tell("sent", "dim")
        if not self.has_focus_within:
            what = safe.line(draft.name or message.topic, 40)
            self.desk.say("info", f"sent to {target_words(target)} {what}")
        self.remember(draft, target)

    async def _listen_for_answer(self, target: ConnectionSnapshot, message: Outgoing) -> None:
        """Subscribe to the response topic, where nothing of ours takes in what comes there."""
        topic = message.properties.get("response_topic")
        engine = self.desk.workspace.engine
        if not topic or engine is None or target.phase is not Phase.CONNECTED or target.version != "5":
            return
        if not any(
            one.granted is not None and filter_matches(one.filter, topic) for one in target.subscriptions
        ):
            state = await engine.subscribe(target.id, Subscription(topic, 1))
            if state.reason is None:
                self.desk.say("info", f"subscribed to {safe.line(topic, 60)}, where the answer shall come")

    @on(PayloadArea.Refused)
    def _cannot_edit(self) -> None:
        self.tell("✗ held as a whole: Backspace clears it", "bad")

    def refused(self, error: AppError) -> None:
        """Say why nothing was sent."""
        text = ". ".join(part for part in (f"{error.title}: {error.message}", error.hint) if part)
        self.tell(f"✗ {text}", "bad")
        if not self.has_focus_within or self.size.height < ROWS_WITH_OUTCOME:
            self.desk.say("error", text)

    def tell(self, text: str, ink: str) -> None:
        """What became of the last message, in the pane."""
        self._outcome = (safe.line(text), ink)
        self.show_outcome()

    def show_outcome(self) -> None:
        """Paint it."""
        raise NotImplementedError

    def follow_fate(self) -> None:
        """Look up what became of the last message."""
        reader = self.desk.reader
        if reader is None:
            return
        if self._last_sent is None:
            self._follow_answer(reader)
            return
        fate = reader.fates([self._last_sent]).get(self._last_sent)
        if fate is None:
            return
        ink = "bad" if fate.state == "refused" else "good" if fate.state == "acknowledged" else "dim"
        if self._outcome != (fate_words(fate), ink):
            self.tell(fate_words(fate), ink)
        if fate.state in FINAL or (fate.state == "sent" and self._asked is not None):
            self._last_sent = None
            self._asked = None if fate.state in ("refused", "dropped") else self._asked

    def _follow_answer(self, reader: CaptureReader) -> None:
        """Look for the answer to the last request, and tell how long it took."""
        message = reader.message(self._asked, payload=0) if self._asked is not None else None
        pair = request_pair(reader, message, time.time_ns()) if message is not None else None
        if pair is None:
            self._asked = None
            return
        fate = reader.fates([pair.request]).get(pair.request)
        words = ", ".join([*([fate_words(fate)] if fate is not None else []), answer_words(pair)])
        self._tell_pair(pair, words)
        if pair.answer is None and time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_SECONDS
            assert message is not None
            self.desk.run_task(self._look_at_large_ones(message), "answer")
        if not pair.waiting:
            self._asked = None

    def _tell_pair(self, pair: Pair, words: str) -> None:
        ink = "good" if pair.answer is not None else "dim" if pair.waiting else "bad"
        if self._outcome != (words, ink):
            self.tell(words, ink)

    async def _look_at_large_ones(self, request: Message) -> None:
        """An answer that is too large to be looked at while a key may wait."""
        pair = await self._past.look(lambda reader: request_pair(reader, request, time.time_ns(), within=FAR))
        if pair is not None and pair.answer is not None and self._asked == pair.request:
            self._asked = None
            self._tell_pair(pair, f"sent, {answer_words(pair)}")

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self._past.close()


def _asks(message: Outgoing, target: ConnectionSnapshot) -> bool:
    """Whether an answer may come: MQTT 5 names where to, a raw WebSocket gives it the same id."""
    if target.protocol != "websocket":
        return bool(message.properties.get("response_topic"))
    if message.secret:
        return False
    call, event = call_of(message.payload), partners_of(message.payload)
    return (call is not None and not call.answers) or (event is not None and event[0])


def target_words(target: ConnectionSnapshot | None) -> str:
    """A connection as the composer names it."""
    return safe.line(f"{target.letter} {target.name or target.key}", 40) if target else "nothing"
