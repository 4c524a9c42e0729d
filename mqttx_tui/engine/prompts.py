"""Questions that an engine asks the people in front of it, over the control channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

Broadcast = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class _Open:
    event: dict[str, Any]
    answer: asyncio.Future[str | None]


class Prompts:
    """Open questions: sent to every front end, also to one that attaches later; the first answer
    counts, and the others are told that the question is settled."""

    def __init__(self, broadcast: Broadcast) -> None:
        self._broadcast = broadcast
        self._numbers = count(1)
        self._open: dict[int, _Open] = {}

    async def ask(self, label: str, question: str) -> str | None:
        """Ask, and wait for the answer; None when the person declines."""
        number = next(self._numbers)
        event = {"event": "prompt", "prompt": number, "label": label, "question": question}
        question_open = _Open(event, asyncio.get_running_loop().create_future())
        self._open[number] = question_open
        self._broadcast(f"prompt:{number}", event)
        try:
            return await question_open.answer
        finally:
            del self._open[number]
            self._broadcast(f"prompt:{number}", {"event": "prompt", "prompt": number, "settled": True})

    def answer(self, number: int, text: str | None) -> bool:
        """Settle a question; False when it is no longer open."""
        question = self._open.get(number)
        if question is None or question.answer.done():
            return False
        question.answer.set_result(text)
        return True

    def outstanding(self) -> list[dict[str, Any]]:
        """The events of the questions that are still open."""
        return [question.event for question in self._open.values()]
