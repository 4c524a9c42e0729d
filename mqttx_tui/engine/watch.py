"""Turns what a session and its supervisor report into snapshots of the connection."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mqttx_tui.engine.errors import error_info
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.profile import Profile
from mqttx_tui.model.state import ConnectionSnapshot, Phase, StageReport, SubscriptionState
from mqttx_tui.session.base import Connected
from mqttx_tui.transport.base import LinkInfo

PAUSE = 0.05
"""Seconds between two snapshots of one connection: what changes in between is told once."""

AT_ONCE = {"phase", "subscriptions"}
"""Changes that somebody waits for."""


class Watch:
    """One connection's snapshot; implements ``session.base.Observer``.

    ``changed`` is called with the newest snapshot: at the end of the loop's turn in which its phase
    or a subscription changed, else at most every ``PAUSE`` seconds; ``on_connected`` at every
    connection; ``on_notice`` with level and text.
    """

    def __init__(
        self,
        snapshot: ConnectionSnapshot,
        changed: Callable[[ConnectionSnapshot], None],
        on_connected: Callable[[], None],
        on_notice: Callable[[str, str], None],
    ) -> None:
        self.snapshot = snapshot
        self._changed = changed
        self._on_connected = on_connected
        self._on_notice = on_notice
        self._timer: asyncio.TimerHandle | None = None
        self._told_at = 0.0
        self._muted = False
        self.link: LinkInfo | None = None
        """How the last connection that stood was opened."""

    def update(self, **changes: Any) -> None:
        """Change fields of the snapshot and tell about it soon."""
        self.snapshot = replace(self.snapshot, **changes)
        if self._muted:
            return
        loop = asyncio.get_running_loop()
        due = loop.time() if changes.keys() & AT_ONCE else max(loop.time(), self._told_at + PAUSE)
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = loop.call_at(due, self._tell)

    def _tell(self) -> None:
        self._timer = None
        self._told_at = asyncio.get_running_loop().time()
        self._changed(self.snapshot)

    def flush(self) -> None:
        """Tell now what waits to be told."""
        if self._timer is not None:
            self._timer.cancel()
            self._tell()

    def mute(self) -> None:
        """Say no more: another life of the connection has begun."""
        self._muted = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def attempt(self, number: int) -> None:
        """The supervisor starts another attempt."""
        self.update(phase=Phase.CONNECTING, attempt=number, stages=(), retry_at=None, connected_at=None)

    def stage(self, report: StageReport) -> None:
        """A stage of connecting started, succeeded or failed."""
        others = tuple(stage for stage in self.snapshot.stages if stage.stage != report.stage)
        self.update(stages=(*others, report))

    def connected(self, info: Connected) -> None:
        """The broker or server accepted us."""
        self.link = info.info
        self.update(
            phase=Phase.CONNECTED,
            version=info.version,
            error=None,
            retry_at=None,
            connected_at=time.time(),
            session_present=info.session_present,
            client_id=info.client_id,
            tls_verified=info.info.tls_verified,
            transport=info.info.transport,
            subprotocol=info.info.subprotocol,
            broker=info.broker,
        )
        self._on_connected()

    def subscription(self, state: SubscriptionState) -> None:
        """The broker granted or refused a subscription, or it was switched off."""
        before = self.snapshot.subscriptions
        if any(one.filter == state.filter for one in before):
            after = tuple(state if one.filter == state.filter else one for one in before)
        else:
            after = (*before, state)
        self.update(subscriptions=after)

    def round_trip(self, milliseconds: float) -> None:
        """A round trip was measured."""
        self.update(round_trip_ms=milliseconds)

    def queued(self, count: int) -> None:
        """How many outgoing messages wait."""
        if count != self.snapshot.queued:
            self.update(queued=count)

    def notice(self, level: str, text: str) -> None:
        """Something to tell the person."""
        self._on_notice(level, text)

    def failed(self, error: AppError, *, retry_at: float | None) -> None:
        """An attempt or a connection ended; ``retry_at`` is None where nobody will try again."""
        self.update(
            phase=Phase.FAILED if retry_at is None else Phase.RETRYING,
            error=error_info(error),
            retry_at=retry_at,
            connected_at=None,
            round_trip_ms=None,
        )

    def closed(self) -> None:
        """The person closed the connection."""
        self.update(
            phase=Phase.CLOSED, retry_at=None, connected_at=None, round_trip_ms=None, error=None, queued=0
        )


def first_snapshot(ident: int, letter: str, profile: Profile, url: str, transport: str) -> ConnectionSnapshot:
    """A connection before its first attempt; ``url`` is shown and holds no secret."""
    text = ""
    if profile.read_only:
        line = f", line {profile.read_only_line}" if profile.read_only_line else ""
        text = f"{profile.label} is read-only (read_only = true in connections.toml{line})"
    return ConnectionSnapshot(
        id=ident,
        key=profile.key,
        name=profile.label,
        letter=letter,
        url=url,
        protocol=profile.protocol,
        transport=transport,
        color=profile.color,
        read_only=profile.read_only,
        read_only_text=text,
        tls_verified=profile.tls.verify,
        subscriptions=tuple(
            SubscriptionState(one.filter, one.qos, one.on, asked=one) for one in profile.subscriptions
        ),
    )
