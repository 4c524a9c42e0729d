"""Where the app's messages come from: an engine in a child process, or an old capture."""

from __future__ import annotations

from typing import Protocol

from mqttx_tui.engine.api import Ask, Engine, EngineListener
from mqttx_tui.model.start import StartOptions


class Backend(Protocol):
    """Opened once, beside the first frame."""

    async def open(self, listener: EngineListener, ask: Ask) -> Engine | None:
        """Start; returns the engine, or None where there is only a capture. Raises ``AppError``."""

    @property
    def capture_path(self) -> str:
        """The capture file, once opened."""

    async def close(self, *, keep: bool) -> None:
        """End; ``keep`` keeps a private capture."""


class EngineBackend:
    """A child process that captures."""

    def __init__(self, options: StartOptions) -> None:
        from mqttx_tui.engine.client import EngineClient
        from mqttx_tui.engine.spawn import EngineOptions

        self._make = EngineClient
        self._options = EngineOptions(capture=options.capture)
        self._client: EngineClient | None = None

    async def open(self, listener: EngineListener, ask: Ask) -> Engine:
        """Start the child and attach to it."""
        client = self._make(listener, ask, options=self._options)
        await client.start()
        self._client = client
        return client

    @property
    def capture_path(self) -> str:
        """Where the engine writes."""
        return self._client.capture_path if self._client is not None else ""

    async def close(self, *, keep: bool) -> None:
        """Disconnect all, commit, end."""
        if self._client is not None:
            await self._client.shutdown(keep=keep)


class FileBackend:
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


def backend_for(options: StartOptions) -> Backend:
    """The engine, or the capture that was named."""
    return FileBackend(options.open_path) if options.open_path else EngineBackend(options)
