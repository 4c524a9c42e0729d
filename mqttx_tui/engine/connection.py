"""One connection of an engine: its identity in the capture, and one life of it after another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from mqttx_tui.engine.api import Ask
from mqttx_tui.engine.handshake import handshake_of
from mqttx_tui.engine.literals import shown_url
from mqttx_tui.engine.saved import SavedMessages
from mqttx_tui.engine.vault import Vault
from mqttx_tui.engine.watch import Watch, first_snapshot
from mqttx_tui.model.endpoint import parse_url
from mqttx_tui.model.errors import AppError, InputError
from mqttx_tui.model.handshake import Handshake
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Resolved, Subscription
from mqttx_tui.model.state import ConnectionSnapshot, Phase, SubscriptionState
from mqttx_tui.session.base import Delivery, Sink, Traffic
from mqttx_tui.session.registry import make_session
from mqttx_tui.session.supervisor import Supervisor

log = logging.getLogger(__name__)

RESTART_SECONDS = 1.0
"""How long the orderly end of the former life may take before its link is dropped."""


def shown_address(profile: Profile) -> tuple[str, str]:
    """The profile's URL without secrets and its transport, as far as they are known beforehand."""
    if not isinstance(profile.url, str):
        return f"({profile.url.kind})", ""
    try:
        endpoint = parse_url(profile.url)
    except InputError:
        return shown_url(profile.url), ""
    return endpoint.shown(), endpoint.transport


class Life:
    """One life of a connection: from ``connect`` to ``disconnect`` or the next ``connect``."""

    def __init__(
        self,
        profile: Profile,
        vault: Vault,
        sink: Sink,
        watch: Watch,
        notice: Callable[[str, str], None],
    ) -> None:
        self.profile = profile
        self.vault = vault
        self.watch = watch
        self.proved = False
        self.resolved = profile
        self._saved = SavedMessages(profile, lambda: self.resolved, lambda: watch.snapshot, notice)
        self.session = make_session(profile, self._saved.watch(sink), watch)
        self._supervisor = Supervisor(
            self.session, self._resolve, watch, longest=profile.retry_longest, retries=profile.retries
        )
        self._task: asyncio.Task[None] | None = None

    def start(self, previous: Life | None) -> None:
        """Begin, once ``previous`` has ended."""
        self._task = asyncio.create_task(self._run(previous), name=f"connection {self.profile.key}")

    async def _run(self, previous: Life | None) -> None:
        if previous is not None:
            await previous.end(RESTART_SECONDS)
        try:
            await self._supervisor.run()
        except Exception as error:
            log.exception("the session of %r failed", self.profile.key)
            problem = AppError(f"{type(error).__name__} in the session", title="Internal error")
            self.watch.failed(problem, retry_at=None)
        finally:
            self._saved.stop()

    def is_for(self, profile: Profile, literals: tuple[str, ...]) -> bool:
        """Whether it would be lived just so with these."""
        return self.profile == profile and self.vault.wanted == literals

    def retry_now(self) -> None:
        """Do not wait for the next attempt; text that the front end holds may have changed."""
        self.vault.forget_literals()
        self._supervisor.retry_now()

    async def _resolve(self) -> Resolved:
        resolved = await self.vault.resolve()
        self.resolved = resolved.profile
        url, transport = shown_address(resolved.profile)
        self.watch.update(url=url, transport=transport)
        return resolved

    def connected(self) -> None:
        """The peer accepted us: the answers were right, and the profile's own messages go out."""
        self.proved = True
        self._saved.connected(self.session.publish)

    async def end(self, seconds: float, code: int | None = None, reason: str = "") -> None:
        """Leave in good order; after ``seconds`` the link is dropped."""
        self._saved.stop()
        if self._task is None:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._supervisor.close(code, reason)
                await asyncio.wait([self._task])
        except TimeoutError:
            pass
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])


class Connection:
    """What outlives a restart: id, letter, sink, exclusions, and subscriptions made by hand."""

    def __init__(
        self,
        ident: int,
        letter: str,
        ask: Ask,
        changed: Callable[[ConnectionSnapshot], None],
        notice: Callable[[str, str], None],
    ) -> None:
        self.ident = ident
        self.letter = letter
        self._ask = ask
        self._changed = changed
        self._tell = notice
        self._life: Life | None = None
        self._added: dict[str, Subscription] = {}
        self._traffic = Traffic()

    @property
    def started(self) -> bool:
        """Whether it ever had a life."""
        return self._life is not None

    @property
    def life(self) -> Life:
        """The present life."""
        assert self._life is not None
        return self._life

    @property
    def snapshot(self) -> ConnectionSnapshot:
        """How it stands."""
        return self.life.watch.snapshot

    @property
    def traffic(self) -> Traffic:
        """Bytes over the link in all lives."""
        return _sum(self._traffic, self._life.session.traffic) if self._life else self._traffic

    def secrets(self) -> tuple[str, ...]:
        """What must be redacted before anything of this connection is stored."""
        return self._life.vault.secrets if self._life else ()

    def start(self, profile: Profile, literals: tuple[str, ...], sink: Sink) -> None:
        """Begin a life; one that is running ends first."""
        previous = self._life
        url, transport = shown_address(profile)
        snapshot = first_snapshot(self.ident, self.letter, profile, url, transport)
        watch = Watch(snapshot, self._changed, self._connected, self._notice)
        vault = Vault(profile, literals, self._ask)
        life = Life(profile, vault, sink, watch, self._notice)
        if previous is not None:
            self._traffic = self.traffic
            previous.watch.mute()
            if previous.proved:
                vault.inherit(previous.vault)
        self._life = life
        watch.update(phase=Phase.CONNECTING)
        life.start(previous)

    def hurry(self, profile: Profile, literals: tuple[str, ...]) -> bool:
        """Try again now where the next attempt is waited for and the profile is the same: what is
        queued stays queued. Returns whether that was so."""
        life = self._life
        if life is None or self.snapshot.phase is not Phase.RETRYING or not life.is_for(profile, literals):
            return False
        life.retry_now()
        return True

    async def restore(self) -> None:
        """Subscribe again to what was subscribed by hand and stands in no profile."""
        if not self.life.session.capabilities.subscribe:
            return
        wanted = {one.filter for one in self.life.profile.subscriptions}
        for subscription in self._added.values():
            if subscription.filter not in wanted:
                await self.life.session.subscribe(subscription)

    def _connected(self) -> None:
        self.life.connected()

    def _notice(self, level: str, text: str) -> None:
        self._tell(level, f"{self.life.profile.label}: {text}")

    async def stop(self, code: int | None = None, reason: str = "", *, seconds: float) -> None:
        """End the present life, within ``seconds``, and stay closed."""
        await self.life.end(seconds, code, reason)
        self.life.watch.closed()
        self.life.watch.flush()

    async def subscribe(self, subscription: Subscription) -> SubscriptionState:
        """Subscribe, now and in later lives."""
        state = await self.life.session.subscribe(subscription)
        self._added[subscription.filter] = subscription
        self.life.watch.subscription(state)
        return state

    async def unsubscribe(self, topic_filter: str) -> None:
        """Unsubscribe, now and in later lives; in this one it stays listed as switched off."""
        self._added.pop(topic_filter, None)
        await self.life.session.unsubscribe(topic_filter)

    def handshake(self) -> Handshake:
        """How its WebSocket was opened. Raises ``InputError`` where there is none."""
        life = self.life
        label = life.profile.label
        return handshake_of(life.watch.link, label, self.secrets(), self.snapshot.connected_at or 0.0)

    def publish(self, outgoing: Outgoing) -> Delivery:
        """Send or queue. Raises ``InputError`` where the profile is read-only."""
        if self.life.profile.read_only:
            raise InputError(
                self.snapshot.read_only_text,
                title="Read-only",
                hint="publish over another connection, or take read_only out of the profile",
            )
        return self.life.session.publish(outgoing)


def _sum(one: Traffic, other: Traffic) -> Traffic:
    return Traffic(
        one.bytes_in + other.bytes_in,
        one.bytes_out + other.bytes_out,
        one.paused_seconds + other.paused_seconds,
    )
