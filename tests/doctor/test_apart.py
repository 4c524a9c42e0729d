"""The doctor in a process of its own, as the app starts it."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.doctor.apart import examine_apart
from mqttx_tui.doctor.report import Check, Verdict
from mqttx_tui.model.errors import AppError
from mqttx_tui.model.profile import Profile, SecretRef
from tests.doctor.patients import SECONDS
from tests.support.mosquitto import free_port
from tests.support.wait import FACTOR, eventually

PASSWORD = "engine-room-7431"


async def nobody(label: str, question: str) -> str | None:
    raise AssertionError("nothing is to be asked")


async def examined(profile: Profile) -> list[Check]:
    checks: list[Check] = []
    await asyncio.wait_for(examine_apart(profile, SECONDS, nobody, checks.append), 60 * FACTOR)
    return checks


async def test_the_checks_come_over() -> None:
    broker = Broker(ws_port=None)
    await broker.start()
    checks = await examined(Profile("lab", f"mqtt://127.0.0.1:{broker.port}"))
    await broker.stop()
    assert {check.verdict for check in checks} == {Verdict.OK}
    assert checks[-1].stage == "clean"
    connack = next(check for check in checks if check.stage == "mqtt")
    assert dict(connack.facts)["receive maximum"] == "1000"
    assert connack.ms


async def test_a_failure_comes_over_whole() -> None:
    port = free_port()
    checks = await examined(Profile("lab", f"mqtt://127.0.0.1:{port}"))
    failed = next(check for check in checks if check.verdict is Verdict.FAILED)
    assert (failed.stage, failed.title, failed.kind) == ("tcp", "Connection refused", "tcp.refused")
    assert failed.hint == f"is the broker running, and is {port} its port?"


@pytest.mark.parametrize(("answer", "verdict"), [(PASSWORD, Verdict.OK), ("wrong", Verdict.FAILED)])
async def test_a_secret_that_only_a_person_knows(answer: str, verdict: Verdict) -> None:
    checks: list[Check] = []
    broker, asked = Broker(ws_port=None, users={"ada": PASSWORD}), []
    await broker.start()

    async def ask(label: str, question: str) -> str:
        asked.append(label)
        return answer

    profile = Profile("lab", f"mqtt://127.0.0.1:{broker.port}", username="ada", password=SecretRef("prompt"))
    await examine_apart(profile, SECONDS, ask, checks.append)
    await broker.stop()
    assert asked == ["lab"]
    assert next(check.verdict for check in checks if check.stage == "mqtt") is verdict
    assert answer not in repr(checks)


async def test_what_cannot_be_examined_is_an_error() -> None:
    profile = Profile("lab", "mqtt://127.0.0.1", password=SecretRef("env", "NO_SUCH_VARIABLE_HERE"))
    with pytest.raises(AppError, match="NO_SUCH_VARIABLE_HERE"):
        await examined(profile)


async def test_given_up_half_way_nothing_is_left_behind() -> None:
    """The retained test message is there, and then it is not wanted any more."""
    broker = Broker(ws_port=None)
    await broker.start()
    task: asyncio.Task[None]

    def retained() -> list[str]:
        return [topic for topic in broker.core.retained._messages if topic.startswith("mqttx-tui/")]

    store = broker.core.retained.store

    def noted(message: object) -> bool:
        kept = store(message)  # type: ignore[arg-type]
        if retained():
            task.cancel()
        return kept

    broker.core.retained.store = noted  # type: ignore[method-assign]
    profile = Profile("lab", f"mqtt://127.0.0.1:{broker.port}")
    task = asyncio.ensure_future(examine_apart(profile, SECONDS, nobody, lambda check: None))
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 60 * FACTOR)
    await eventually(lambda: not broker.core.conversations, "every connection ends")
    assert not retained()
    assert not broker.core.sessions
    await broker.stop()


def test_the_parents_side_loads_no_networking() -> None:
    code = "import sys, mqttx_tui.doctor.apart; print('websockets' in sys.modules, 'textual' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.split() == [b"False", b"False"]
