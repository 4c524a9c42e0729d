"""Rule 11: what is retried, when, and what is not; over any session."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from mqttx_tui.model.errors import AppError, InputError, LinkError
from mqttx_tui.model.profile import Profile, Resolved
from mqttx_tui.session import refusals
from mqttx_tui.session.fake import Fail, FakeSession, Stand, Step
from mqttx_tui.session.supervisor import Supervisor
from tests.support.sinks import MemoryObserver, MemorySink
from tests.support.wait import eventually

PROFILE = Profile("fake", "mqtt://fake")


def unreachable(retry: bool = True) -> LinkError:
    return LinkError("no way", stage="tcp", retry=retry)


def lost() -> LinkError:
    return LinkError("gone", stage="link")


def make(
    *steps: Step, resolve: Callable[[], Awaitable[Resolved]] | None = None
) -> tuple[Supervisor, MemoryObserver]:
    observer = MemoryObserver()
    session = FakeSession(PROFILE, MemorySink(), observer, steps)

    async def plain() -> Resolved:
        return Resolved(PROFILE)

    supervisor = Supervisor(
        session,
        resolve or plain,
        observer,
        first=0.001,
        longest=0.06,
        spread=lambda: 1.0,
        clock=lambda: 1000.0,
    )
    return supervisor, observer


async def test_delays_double_up_to_the_longest() -> None:
    supervisor, observer = make(*[Fail(unreachable())] * 9, Stand())
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: observer.connections)
    delays = [round((at or 0) - 1000, 4) for at in observer.retries]
    assert delays == [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.06, 0.06, 0.06]
    assert observer.attempts == list(range(1, 11))
    await supervisor.close()
    await asyncio.wait_for(running, 2)
    assert observer.closings == 1


async def test_full_jitter_spreads_from_zero() -> None:
    observer = MemoryObserver()
    session = FakeSession(PROFILE, MemorySink(), observer, [Fail(unreachable())])

    async def plain() -> Resolved:
        return Resolved(PROFILE)

    spread = iter([0.0, 0.5, 0.25])
    supervisor = Supervisor(
        session, plain, observer, first=0.004, spread=lambda: next(spread, 0.0), clock=lambda: 0.0
    )
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: len(observer.retries) >= 3)
    assert observer.retries[:3] == [0.0, 0.004, 0.004]
    await supervisor.close()
    await running


async def test_a_stable_connection_resets_the_delay_and_a_short_one_does_not() -> None:
    now = 0.0

    def monotonic() -> float:
        return now

    observer = MemoryObserver()
    session = FakeSession(PROFILE, MemorySink(), observer, [Fail(lost()), Fail(lost()), Stand()])

    async def plain() -> Resolved:
        return Resolved(PROFILE)

    supervisor = Supervisor(
        session,
        plain,
        observer,
        first=0.001,
        spread=lambda: 1.0,
        clock=lambda: 0.0,
        monotonic=monotonic,
    )
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: observer.connections)
    now = 6.0
    session.lose(lost())
    await eventually(lambda: len(observer.retries) == 3)
    assert observer.retries == [0.001, 0.002, 0.001]
    await supervisor.close()
    await running


async def test_what_would_come_again_ends_it_with_the_reason() -> None:
    supervisor, observer = make(Fail(unreachable()), Fail(unreachable(retry=False)))
    await asyncio.wait_for(supervisor.run(), 2)
    assert observer.retries == [pytest.approx(1000.001), None]
    assert observer.failures[-1].message == "no way"


async def test_secrets_are_fetched_at_every_attempt_and_their_failure_is_told() -> None:
    calls = 0

    async def resolve() -> Resolved:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise InputError("TTN_API_KEY is not set")
        return Resolved(PROFILE, (str(calls),))

    supervisor, observer = make(Fail(unreachable()), resolve=resolve)
    await asyncio.wait_for(supervisor.run(), 2)
    session = supervisor.session
    assert isinstance(session, FakeSession)
    assert [resolved.secrets for resolved in session.runs] == [("1",), ("2",)]
    assert isinstance(observer.failures[-1], AppError)
    assert observer.retries[-1] is None


async def test_retry_now_and_close_do_not_wait() -> None:
    observer = MemoryObserver()
    session = FakeSession(PROFILE, MemorySink(), observer, [Fail(unreachable())])

    async def plain() -> Resolved:
        return Resolved(PROFILE)

    supervisor = Supervisor(session, plain, observer, first=3600, longest=3600, spread=lambda: 1.0)
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: len(observer.retries) == 1)
    supervisor.retry_now()
    await eventually(lambda: len(observer.retries) == 2)
    await supervisor.close()
    await asyncio.wait_for(running, 2)


async def test_a_session_closed_by_itself_ends_the_waiting() -> None:
    observer = MemoryObserver()
    session = FakeSession(PROFILE, MemorySink(), observer, [Fail(unreachable())])

    async def plain() -> Resolved:
        return Resolved(PROFILE)

    supervisor = Supervisor(session, plain, observer, first=0.001, longest=0.001)
    running = asyncio.create_task(supervisor.run())
    await eventually(lambda: observer.retries)
    await session.close()
    await asyncio.wait_for(running, 2)


@pytest.mark.parametrize("code", range(1, 6))
def test_return_codes_of_311(code: int) -> None:
    error = refusals.connack_refused(code, 4, {})
    assert error.retry is (code == 3)
    assert error.exit_code == (4 if code in (4, 5) else 3)
    assert error.hint
    assert error.title


FINAL = {0x84, 0x85, 0x86, 0x87, 0x8A, 0x8C, 0x90, 0x95, 0x9B, 0x9C, 0x9D}
ALL = [0x80, 0x81, 0x82, 0x83, *range(0x84, 0x8B), 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F]


@pytest.mark.parametrize("code", ALL)
def test_reasons_of_version_5(code: int) -> None:
    assert refusals.connack_refused(code, 5, {}).retry is (code not in FINAL)
    assert f"0x{code:02X}" in refusals.connack_refused(code, 5, {}).message


@pytest.mark.parametrize("code", [0x8B, 0x8D, 0x8E, 0x93, 0x96, 0x98, 0xA0])
def test_endings_of_version_5_are_retried(code: int) -> None:
    error = refusals.disconnected(code, {"reason_string": "because"})
    assert (error.stage, error.retry, error.code) == ("link", True, code)
    assert "because" in error.message


async def test_retries_end_with_the_reason_and_a_word_about_the_limit() -> None:
    observer = MemoryObserver()
    session = FakeSession(PROFILE, MemorySink(), observer, [Fail(unreachable())] * 9)

    async def plain() -> Resolved:
        return Resolved(PROFILE)

    supervisor = Supervisor(session, plain, observer, first=0.001, retries=3, spread=lambda: 0.0)
    await asyncio.wait_for(supervisor.run(), 5)
    assert observer.attempts == [1, 2, 3, 4]
    assert observer.retries[-1] is None
    assert observer.failures[-1].hint == "gave up: retries = 3"
    assert observer.failures[-1].message == "no way"


async def test_without_retries_there_is_one_attempt() -> None:
    observer = MemoryObserver()
    session = FakeSession(PROFILE, MemorySink(), observer, [Fail(unreachable())] * 9)

    async def plain() -> Resolved:
        return Resolved(PROFILE)

    await asyncio.wait_for(Supervisor(session, plain, observer, retries=0).run(), 5)
    assert observer.attempts == [1]
