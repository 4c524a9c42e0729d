"""Stages of one attempt to connect: timed, bounded, reported."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.state import StageReport
from mqttx_tui.transport.base import LinkInfo, OnStage


@dataclass(slots=True)
class Running:
    """The stage that runs; ``detail`` may be set until it is done."""

    detail: str = ""


class Stages:
    """Reports the stages of one attempt and keeps those done in ``info.stages``."""

    def __init__(self, info: LinkInfo, on_stage: OnStage, timeout: float) -> None:
        self._info = info
        self._on_stage = on_stage
        self._timeout = timeout

    @asynccontextmanager
    async def stage(self, name: str, on_timeout: LinkError, detail: str = "") -> AsyncIterator[Running]:
        """Run the body as stage ``name`` for at most the attempt's time limit (seconds, per stage).

        Raises ``on_timeout`` after that. A ``LinkError`` of the body is reported and passed on; a
        cancellation is passed on without a report.
        """
        started = time.perf_counter()
        running = Running(detail)
        self._on_stage(StageReport(name, "running", detail))

        def done(status: str, text: str) -> None:
            report = StageReport(name, status, text, (time.perf_counter() - started) * 1000)
            self._info.stages.append(report)
            self._on_stage(report)

        try:
            try:
                async with asyncio.timeout(self._timeout):
                    yield running
            except TimeoutError:
                raise on_timeout from None
        except LinkError as error:
            done("failed", error.message)
            raise
        done("ok", running.detail)
