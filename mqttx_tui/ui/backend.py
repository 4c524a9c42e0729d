"""Where the app's messages come from: an engine in a child process, or an old capture."""

from __future__ import annotations

from typing import Protocol

from mqttx_tui.engine.address import Address
from mqttx_tui.engine.api import Ask, Engine, EngineListener
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.start import StartOptions
from mqttx_tui.profiles.settings import DEFAULTS, Settings


def wanted_low_memory(options: StartOptions, settings: Settings) -> bool | None:
    """What the command line or else the setting says; None where the memory found decides."""
    if options.low_memory is not None:
        return options.low_memory
    return settings.low_memory if isinstance(settings.low_memory, bool) else None


class Backend(Protocol):
    """Opened once, beside the first frame; what is given here fits where no engine is held."""

    async def open(self, listener: EngineListener, ask: Ask) -> Engine | None:
        """Start; returns the engine, or None where there is only a capture. Raises ``AppError``."""

    @property
    def capture_path(self) -> str:
        """The capture file, once opened."""

    @property
    def keeps(self) -> bool:
        """Whether the capture is a file that a person named."""
        return False

    async def attach(self, address: Address, listener: EngineListener, ask: Ask) -> Engine:
        """Join an engine that runs, instead of ``open``. Raises ``AppError``."""
        raise InputError("there is no engine to attach to")

    async def others(self) -> int:
        """How many other front ends look at the engine."""
        return 0

    async def leave(self) -> None:
        """Hang up; the engine goes on."""
        return

    async def close(self, *, keep: bool) -> None:
        """End; ``keep`` keeps a private capture."""


class EngineBackend(Backend):
    """A child process that captures."""

    def __init__(self, options: StartOptions, settings: Settings) -> None:
        from mqttx_tui.engine.client import EngineClient
        from mqttx_tui.engine.spawn import EngineOptions

        self._make = EngineClient
        self.engine_options = EngineOptions(
            capture=options.capture,
            messages=settings.messages,
            size=settings.bytes or None,
            topics=settings.topics or None,
            low_memory=wanted_low_memory(options, settings),
        )
        self._linger = options.linger
        self._client: EngineClient | None = None

    async def open(self, listener: EngineListener, ask: Ask) -> Engine:
        """Start the child and attach to it."""
        client = self._make(listener, ask, options=self.engine_options, linger=self._linger)
        await client.start()
        self._client = client
        return client

    async def attach(self, address: Address, listener: EngineListener, ask: Ask) -> Engine:
        """Join one that runs."""
        client = self._make(listener, ask, linger=self._linger)
        await client.attach(address)
        self._client = client
        return client

    @property
    def capture_path(self) -> str:
        """Where the engine writes."""
        return self._client.capture_path if self._client is not None else ""

    @property
    def keeps(self) -> bool:
        """Whether it writes a file that a person named."""
        return self._client is not None and self._client.kept

    async def others(self) -> int:
        """Other front ends of the same engine."""
        return await self._client.others() if self._client is not None and self._client.alive else 0

    async def leave(self) -> None:
        """Hang up."""
        if self._client is not None:
            await self._client.leave()

    async def close(self, *, keep: bool) -> None:
        """Disconnect all, commit, end."""
        if self._client is not None:
            await self._client.shutdown(keep=keep)


class FileBackend(Backend):
    """A capture that was kept; there is no network."""

    def __init__(self, path: str) -> None:
        self._path = path

    async def open(self, listener: EngineListener, ask: Ask) -> None:
        """There is nothing to start."""

    @property
    def capture_path(self) -> str:
        """The file."""
        return self._path

    async def close(self, *, keep: bool) -> None:
        """There is nothing to end."""


def backend_for(options: StartOptions, settings: Settings = DEFAULTS) -> Backend:
    """The engine, or the capture that was named."""
    return FileBackend(options.open_path) if options.open_path else EngineBackend(options, settings)
