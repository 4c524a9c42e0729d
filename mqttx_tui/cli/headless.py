"""Running an engine in a command's own process: one run, its connections, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from mqttx_tui.capture.limits import Limits, default_limits
from mqttx_tui.cli.ask import ask
from mqttx_tui.cli.output import report, say
from mqttx_tui.cli.summary import summary
from mqttx_tui.engine.engine import LocalEngine, WrapSink
from mqttx_tui.engine.errors import error_of
from mqttx_tui.engine.room import Room, make_room
from mqttx_tui.model.errors import AppError, Exit
from mqttx_tui.model.profile import Profile
from mqttx_tui.model.state import ConnectionSnapshot, EngineCounters, Phase, SubscriptionState
from mqttx_tui.model.visible import visible

PRIVATE_LIMITS = Limits(messages=20_000, bytes=32_000_000)
"""What a command keeps that was not asked to keep anything."""
NOT_AUTHORIZED = 0x87
Work = Callable[[LocalEngine, list[int]], Awaitable[None]]
"""Given the engine and the ids of its connections: what a command does beside them."""


class Run:
    """Listens to the engine (``engine.api.EngineListener``), tells the person on stderr, and knows
    the exit code: ``finish`` settles it once."""

    def __init__(self, *, lasting: bool = True, tell_broker: bool = False) -> None:
        """``lasting``: a connection that was lost is waited for; else its loss ends the run.
        ``tell_broker``: say what each CONNACK allows."""
        self.ended: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()
        self.snapshots: dict[int, ConnectionSnapshot] = {}
        self._lasting = lasting
        self._tell_broker = tell_broker
        self._stood: set[int] = set()
        self._changed = asyncio.Event()
        self._announced: dict[tuple[int, str], SubscriptionState] = {}

    def finish(self, code: Exit) -> None:
        """Say how the run ends, unless that is settled."""
        if not self.ended.done():
            self.ended.set_result(code)

    def fail(self, error: AppError) -> None:
        """End with an error, told once."""
        if not self.ended.done():
            report(error)
            self.finish(error.exit_code)

    def state(self, snapshot: ConnectionSnapshot) -> None:
        """A connection changed."""
        before = self.snapshots.get(snapshot.id)
        self.snapshots[snapshot.id] = snapshot
        if snapshot.phase is Phase.CONNECTED:
            if snapshot.id in self._stood and before is not None and before.phase is not Phase.CONNECTED:
                say(f"{snapshot.name}: connected again")
            self._stood.add(snapshot.id)
            if self._tell_broker and (before is None or before.phase is not Phase.CONNECTED):
                say("\n".join(broker_lines(snapshot)))
        for state in snapshot.subscriptions:
            self._subscription(snapshot, state)
        if snapshot.error is not None and (before is None or before.phase is not snapshot.phase):
            self._trouble(snapshot)
        self._changed.set()

    def _trouble(self, snapshot: ConnectionSnapshot) -> None:
        assert snapshot.error is not None
        error = error_of(snapshot.error)
        if snapshot.phase is Phase.FAILED:
            self.fail(error)
        elif snapshot.phase is Phase.RETRYING:
            if self._lasting and snapshot.id in self._stood:
                say(f"{snapshot.name}: {error.message}; trying again")
            else:
                self.fail(error)

    def _subscription(self, snapshot: ConnectionSnapshot, state: SubscriptionState) -> None:
        answered = state.granted is not None or state.reason is not None
        if not answered or self._announced.get((snapshot.id, state.filter)) == state:
            return
        self._announced[snapshot.id, state.filter] = state
        if state.reason is None:
            say(f"subscribed {state.filter} qos {state.granted}")
            return
        say(f"refused {state.filter}: {state.text or hex(state.reason)}")
        wanted = [one for one in snapshot.subscriptions if one.on]
        if all(one.reason is not None for one in wanted):
            self.finish(Exit.NOT_AUTHORISED if state.reason == NOT_AUTHORIZED else Exit.NOT_ACHIEVED)

    def removed(self, connection: int) -> None:
        """Never happens here."""

    def counters(self, counters: EngineCounters) -> None:
        """Nobody looks at them here."""

    def notice(self, level: str, text: str) -> None:
        """Something for the person."""
        if level != "info":
            say(text)

    def engine_died(self, reason: str) -> None:
        """Never happens in the own process."""

    async def until(self, condition: Callable[[ConnectionSnapshot], bool]) -> bool:
        """Wait until every connection is so; False when the run ends before."""
        while not self.ended.done():
            if self.snapshots and all(map(condition, self.snapshots.values())):
                return True
            self._changed.clear()
            changed = asyncio.ensure_future(self._changed.wait())
            await asyncio.wait((changed, self.ended), return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
        return False

    async def ask(self, label: str, question: str) -> str | None:
        """Ask on the terminal. That blocks the loop, so Ctrl+C must reach the question itself."""
        handler = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return await ask(label, question)
        except KeyboardInterrupt:
            print(file=sys.stderr)
            self.finish(Exit.INTERRUPTED)
            return None
        finally:
            signal.signal(signal.SIGINT, handler)

    def end_after(self, seconds: float | None, code: Exit) -> None:
        """End the run after so long."""
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, self.finish, code)


def broker_lines(snapshot: ConnectionSnapshot) -> list[str]:
    """What the broker said when it accepted us, and what its silence means: a line for each fact."""
    facts = [("MQTT", snapshot.version), *snapshot.broker]
    return [f"{snapshot.name}: {visible(name)}: {visible(text)}" for name, text in facts]


def connected(snapshot: ConnectionSnapshot) -> bool:
    """Whether the connection stands."""
    return snapshot.phase is Phase.CONNECTED


def answered(snapshot: ConnectionSnapshot) -> bool:
    """Whether it stands and every subscription was granted or refused."""
    wanted = [state for state in snapshot.subscriptions if state.on]
    return connected(snapshot) and all(
        state.granted is not None or state.reason is not None for state in wanted
    )


def quiet(profile: Profile) -> Profile:
    """The profile without what the app would send by itself; the frames that a raw WebSocket needs
    before it says anything stay."""
    if profile.protocol == "websocket":
        return profile
    messages = tuple(replace(message, on_connect=False, when="", every=None) for message in profile.messages)
    return replace(profile, messages=messages)


async def run_engine(
    run: Run,
    profiles: Sequence[Profile],
    work: Work,
    *,
    capture: str = "",
    limits: Limits | None = None,
    wrap: WrapSink | None = None,
    close_seconds: float | None = None,
) -> Exit:
    """Connect ``profiles``, do ``work`` beside them, and return how the run ended.

    ``capture`` is the file to keep ("": a private one). An ``AppError`` of ``work`` ends the run.
    """
    room = make_room(capture, disposable=not capture)
    _obey_signals(run, room)
    if room.why:
        say(room.why)
    remove = True
    try:
        engine = LocalEngine(
            room.path,
            listener=run,
            ask=run.ask,
            kept=room.kept,
            limits=limits if capture else _private_limits(room.path.parent),
            wrap=wrap,
        )
        try:
            return await _connected(run, engine, profiles, work)
        finally:
            if room.copy_to is not None:
                remove = await _copied(engine, room.path, room.copy_to)
            patient = run.ended.done() and run.ended.result() is Exit.DONE
            await engine.shutdown(seconds=close_seconds if patient else None, keep=not remove)
            for text in summary(engine.counted(), recorded=bool(capture)):
                say(text)
    finally:
        room.directory.release(remove=remove)


def _obey_signals(run: Run, room: Room) -> None:
    """The first Ctrl+C ends the run in good order, the next one at once."""

    def interrupt() -> None:
        if run.ended.done():
            if not capture_is_wanted:
                room.directory.release(remove=True)
            os._exit(Exit.INTERRUPTED)
        run.finish(Exit.INTERRUPTED)

    capture_is_wanted = room.kept or room.copy_to is not None
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C raises KeyboardInterrupt
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, interrupt)


async def _copied(engine: LocalEngine, path: Path, target: Path) -> bool:
    try:
        await engine.save(str(target))
    except AppError as error:
        report(error)
        say(f"the capture stays in {path}")
        return False
    return True


def _private_limits(directory: Path) -> Limits:
    usual = default_limits(directory)
    return replace(usual, messages=PRIVATE_LIMITS.messages, bytes=min(PRIVATE_LIMITS.bytes, usual.bytes))


async def _connected(run: Run, engine: LocalEngine, profiles: Sequence[Profile], work: Work) -> Exit:
    connections = [await engine.connect(profile) for profile in profiles]
    working = asyncio.ensure_future(_guarded(run, work(engine, connections)))
    try:
        return await run.ended
    finally:
        working.cancel()
        await asyncio.wait([working])


async def _guarded(run: Run, work: Awaitable[None]) -> None:
    try:
        await work
    except AppError as error:
        run.fail(error)


def execute(main: Callable[[], Awaitable[Exit]]) -> int:
    """Run a command's coroutine; returns its exit code."""

    async def whole() -> int:
        return int(await main())

    return asyncio.run(whole())
