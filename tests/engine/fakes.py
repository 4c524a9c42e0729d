"""Small doubles of the seams above and below the engine."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from mqttx_tui.model.handshake import Handshake
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.model.state import ConnectionSnapshot, EngineCounters, SubscriptionState


@dataclass
class Told:
    """An ``EngineListener`` that remembers what it was told."""

    states: list[ConnectionSnapshot] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    counted: list[EngineCounters] = field(default_factory=list)
    notices: list[tuple[str, str]] = field(default_factory=list)
    deaths: list[str] = field(default_factory=list)

    def state(self, snapshot: ConnectionSnapshot) -> None:
        self.states.append(snapshot)

    def removed(self, connection: int) -> None:
        self.gone.append(connection)

    def counters(self, counters: EngineCounters) -> None:
        self.counted.append(counters)

    def notice(self, level: str, text: str) -> None:
        self.notices.append((level, text))

    def engine_died(self, reason: str) -> None:
        self.deaths.append(reason)

    def newest(self, connection: int) -> ConnectionSnapshot | None:
        """The last snapshot of a connection."""
        return next((state for state in reversed(self.states) if state.id == connection), None)


HANDSHAKE = Handshake("GET / HTTP/1.1", (("Host", "h"),), 101, (("Upgrade", "websocket"),), "chat", ("x",))


class FakeEngine:
    """An engine that only remembers its orders; ``gate`` holds ``subscribe`` back."""

    capture_path = "/nowhere/capture.db"

    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.profiles: list[tuple[Profile, tuple[str, ...]]] = []

    async def connect(self, profile: Profile, *, literals: tuple[str, ...] = ()) -> int:
        self.profiles.append((profile, literals))
        return len(self.profiles)

    async def disconnect(self, connection: int, *, code: int | None = None, reason: str = "") -> None:
        self.calls.append(("disconnect", (connection, code, reason)))

    async def remove(self, connection: int) -> None:
        self.calls.append(("remove", connection))

    async def subscribe(self, connection: int, subscription: Subscription) -> SubscriptionState:
        self.calls.append(("subscribe", subscription))
        await self.gate.wait()
        return SubscriptionState(subscription.filter, subscription.qos, granted=subscription.qos)

    async def unsubscribe(self, connection: int, topic_filter: str) -> None:
        self.calls.append(("unsubscribe", topic_filter))

    async def publish(self, connection: int, outgoing: Outgoing) -> int:
        self.calls.append(("publish", outgoing))
        return 17

    async def authenticate(self, connection: int) -> float:
        self.calls.append(("authenticate", connection))
        return 34.5

    async def ping(self, connection: int) -> float:
        self.calls.append(("ping", connection))
        return 7.5

    async def handshake(self, connection: int) -> Handshake:
        self.calls.append(("handshake", connection))
        return HANDSHAKE

    async def drop_queued(self, connection: int) -> int:
        self.calls.append(("drop", connection))
        return 3

    async def exclude(self, connection: int, filters: tuple[str, ...]) -> None:
        self.calls.append(("exclude", filters))

    async def limits(self, *, messages: int | None = None, size: int | None = None) -> None:
        self.calls.append(("limits", (messages, size)))

    async def save(self, path: str) -> int:
        raise ZeroDivisionError("a defect")

    async def clear(self) -> None:
        self.calls.append(("clear", None))

    async def shutdown(self, *, keep: bool = False) -> None:
        self.calls.append(("shutdown", keep))

    def snapshots(self) -> list[ConnectionSnapshot]:
        return []

    def counted(self) -> EngineCounters:
        return EngineCounters({})


async def no_answer(label: str, question: str) -> str | None:
    """A person who declines."""
    return None
