"""What a front end can ask of an engine, in its own process or another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the front end imports this before its first frame
    from mqttx_tui.model.handshake import Handshake
    from mqttx_tui.model.message import Outgoing
    from mqttx_tui.model.profile import Profile, Subscription
    from mqttx_tui.model.state import ConnectionSnapshot, EngineCounters, SubscriptionState


class EngineListener(Protocol):
    """Who is told; called on the front end's event loop."""

    def state(self, snapshot: ConnectionSnapshot) -> None:
        """A connection changed."""

    def removed(self, connection: int) -> None:
        """A connection was taken out of the engine (its messages stay)."""

    def counters(self, counters: EngineCounters) -> None:
        """New counters, at most five times a second."""

    def notice(self, level: str, text: str) -> None:
        """Something to tell the person; ``level``: info, warning, error."""

    def engine_died(self, reason: str) -> None:
        """The engine process is gone; the capture stays readable."""


Ask = Callable[[str, str], Awaitable[str | None]]
"""``await ask(connection label, question)``: a secret from the person, None when they decline."""


class Engine(Protocol):
    """The calls that a front end makes. All raise ``AppError`` on refusal."""

    @property
    def capture_path(self) -> str:
        """Path of the capture file."""

    async def connect(self, profile: Profile) -> int:
        """Start (or restart) a connection; returns its id at once, progress comes as ``state``."""

    async def disconnect(self, connection: int, *, code: int | None = None, reason: str = "") -> None:
        """Close a connection and stop retrying; its row stays."""

    async def remove(self, connection: int) -> None:
        """Close a connection and forget it; its messages stay, ``removed`` tells everybody."""

    async def subscribe(self, connection: int, subscription: Subscription) -> SubscriptionState:
        """Subscribe; returns what was granted (``granted`` None while down)."""

    async def unsubscribe(self, connection: int, topic_filter: str) -> None:
        """Unsubscribe."""

    async def publish(self, connection: int, outgoing: Outgoing) -> int:
        """Send or queue; returns the message id. Its fate is in the capture's packet rows."""

    async def ping(self, connection: int) -> float:
        """Ping by hand; returns the round trip in ms."""

    async def authenticate(self, connection: int) -> float:
        """Authenticate again while connected (MQTT 5.0 §4.12.1); returns how long it took in ms."""

    async def handshake(self, connection: int) -> Handshake:
        """How the WebSocket below a connection was opened, without secrets."""

    async def drop_queued(self, connection: int) -> int:
        """Forget what is queued and not yet sent; returns how many."""

    async def exclude(self, connection: int, filters: tuple[str, ...]) -> None:
        """Replace the topic filters that are left out of the capture."""

    async def limits(self, *, messages: int | None = None, size: int | None = None) -> None:
        """Change retention; ``size`` in bytes."""

    async def save(self, path: str) -> int:
        """Copy the capture to ``path``; returns the number of messages saved."""

    async def clear(self) -> None:
        """Forget every message; ids go on."""

    async def shutdown(self, *, keep: bool = False) -> None:
        """Disconnect all, commit, end. A private capture is deleted unless ``keep``."""
