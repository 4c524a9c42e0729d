"""The engine in this process, against a real broker."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.model.errors import InputError, LinkError
from mqttx_tui.model.message import Message, Outgoing
from mqttx_tui.model.profile import Profile, SavedMessage, SecretRef, Subscription
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.session.base import Fate
from tests.engine.fakes import Told, no_answer
from tests.support.mosquitto import Mosquitto, find
from tests.support.wait import eventually
from tests.support.websockets import idle, serving


@dataclass
class Bench:
    """An engine, what it told, and its capture."""

    engine: LocalEngine
    told: Told
    reader: CaptureReader

    async def until(
        self, connection: int, condition: Callable[[ConnectionSnapshot], object]
    ) -> ConnectionSnapshot:
        def holds() -> ConnectionSnapshot | None:
            state = self.told.newest(connection)
            return state if state and condition(state) else None

        found = await eventually(holds, "the connection's state")
        assert found is not None
        return found

    async def connect(self, profile: Profile, **options: Any) -> int:
        connection = await self.engine.connect(profile, **options)
        await self.until(connection, subscribed)
        return connection

    async def messages(self, count: int) -> list[Message]:
        await eventually(lambda: self.reader.bounds().count >= count, f"{count} messages")
        return self.reader.messages(1, 100)


def subscribed(state: ConnectionSnapshot) -> bool:
    return state.phase is Phase.CONNECTED and all(
        one.granted is not None or one.reason is not None for one in state.subscriptions if one.on
    )


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    told = Told()
    engine = LocalEngine(tmp_path / "capture.db", listener=told, ask=no_answer)
    reader = CaptureReader(tmp_path / "capture.db")
    yield Bench(engine, told, reader)
    reader.close()
    await engine.shutdown()


def lab(broker: Mosquitto, *filters: str, **changes: Any) -> Profile:
    subscriptions = tuple(Subscription(item, 1) for item in filters)
    return Profile(
        changes.pop("key", "lab"), f"mqtt://127.0.0.1:{broker.port}", subscriptions=subscriptions, **changes
    )


async def test_connections_get_letters_and_rows(bench: Bench, mosquitto: Mosquitto) -> None:
    one = await bench.connect(lab(mosquitto, key="one", name="First", color="red"))
    two = await bench.connect(lab(mosquitto, key="two"))
    await bench.engine.writer.flushed()
    rows = bench.reader.connections()
    assert [(rows[ident].letter, rows[ident].name) for ident in (one, two)] == [("A", "First"), ("B", "two")]
    assert rows[one].color == "red"
    assert [state.letter for state in bench.engine.snapshots()] == ["A", "B"]


async def test_connect_again_restarts_with_the_same_id(bench: Bench, mosquitto: Mosquitto) -> None:
    profile = lab(mosquitto, "restart/#")
    connection = await bench.connect(profile)
    await bench.engine.subscribe(connection, Subscription("by/hand"))
    bench.told.states.clear()
    assert await bench.engine.connect(replace(profile, name="Renamed")) == connection
    state = await bench.until(connection, lambda state: subscribed(state) and len(state.subscriptions) == 2)
    assert (state.name, state.letter) == ("Renamed", "A")
    assert {one.filter: one.granted for one in state.subscriptions} == {"restart/#": 1, "by/hand": 0}
    await bench.engine.unsubscribe(connection, "by/hand")
    state = await bench.until(connection, lambda state: not state.subscriptions[-1].on)
    assert [(one.filter, one.on) for one in state.subscriptions] == [("restart/#", True), ("by/hand", False)]
    await bench.engine.publish(connection, Outgoing("by/hand", b"no", qos=1))
    await bench.engine.publish(connection, Outgoing("restart/a", b"yes", qos=1))
    messages = await bench.messages(3)
    assert [one.payload for one in messages if not one.outgoing] == [b"yes"]


async def test_subscriptions_by_hand_do_not_hinder_what_knows_none(
    bench: Bench, mosquitto: Mosquitto
) -> None:
    profile = lab(mosquitto, "hand")
    connection = await bench.connect(profile)
    await bench.engine.subscribe(connection, Subscription("by/hand"))
    async with serving(idle) as raw:
        changed = replace(raw, key=profile.key)
        assert await bench.engine.connect(changed) == connection
        state = await bench.until(
            connection, lambda state: state.protocol == "websocket" and subscribed(state)
        )
        assert not state.subscriptions


async def test_connecting_again_while_waiting_keeps_what_is_queued(
    bench: Bench, start_mosquitto: Callable[..., Mosquitto]
) -> None:
    broker = start_mosquitto()
    profile = lab(broker, "queue")
    connection = await bench.connect(profile)
    broker.kill()
    await bench.until(connection, lambda state: state.phase is Phase.RETRYING)
    delivery = bench.engine.deliver(connection, Outgoing("queue", b"waited", qos=1))
    assert delivery.fate is Fate.QUEUED
    broker.start()
    assert await bench.engine.connect(profile) == connection
    assert await asyncio.wait_for(delivery.done, 10) is Fate.ACKNOWLEDGED


async def test_many_restarts_in_a_row_end_in_one_connection(bench: Bench, mosquitto: Mosquitto) -> None:
    profile = lab(mosquitto, "many", client_id="many-restarts")
    for _ in range(5):
        connection = await bench.engine.connect(profile)
    await bench.until(connection, subscribed)
    await bench.engine.publish(connection, Outgoing("many", b"x", qos=1))
    assert len(await bench.messages(2)) == 2
    assert bench.told.newest(connection) == bench.engine.snapshots()[0]


async def test_a_removed_connection_frees_its_letter_unless_it_stands_beside_messages(
    bench: Bench, mosquitto: Mosquitto
) -> None:
    silent = await bench.connect(lab(mosquitto, key="silent"))
    await bench.engine.remove(silent)
    assert bench.told.gone == [silent]
    assert bench.engine.snapshots() == []
    talking = await bench.connect(lab(mosquitto, key="talking"))
    await bench.engine.publish(talking, Outgoing("t", b"", qos=1))
    await bench.engine.remove(talking)
    third = await bench.connect(lab(mosquitto, key="third"))
    letters = {connection: bench.told.newest(connection) for connection in (silent, talking, third)}
    assert [state and state.letter for state in letters.values()] == ["A", "A", "B"]
    with pytest.raises(InputError):
        await bench.engine.remove(talking)


async def test_disconnect_stays_closed_and_connect_opens_again(bench: Bench, mosquitto: Mosquitto) -> None:
    connection = await bench.connect(lab(mosquitto))
    await bench.engine.disconnect(connection)
    state = bench.told.newest(connection)
    assert state is not None
    assert state.phase is Phase.CLOSED
    with pytest.raises(LinkError):
        await bench.engine.publish(connection, Outgoing("t", b""))
    assert await bench.connect(lab(mosquitto)) == connection


async def test_counters_come_at_most_five_times_a_second(bench: Bench, mosquitto: Mosquitto) -> None:
    connection = await bench.connect(lab(mosquitto))
    bench.told.counted.clear()
    started = asyncio.get_running_loop().time()
    while len(bench.told.counted) < 5:
        await bench.engine.publish(connection, Outgoing("t", b"", qos=1))
        await asyncio.sleep(0.002)
    assert asyncio.get_running_loop().time() - started > 0.75


async def test_excluded_topics_are_counted_and_not_kept(bench: Bench, mosquitto: Mosquitto) -> None:
    connection = await bench.connect(lab(mosquitto, "ex/#", exclude=("ex/noisy/#",)))
    for topic in ("ex/noisy/1", "ex/quiet"):
        await bench.engine.publish(connection, Outgoing(topic, b"", qos=1))
    await eventually(lambda: bench.engine.counted().connections[connection].received == 2)
    assert bench.engine.counted().connections[connection].excluded == 1
    await bench.engine.exclude(connection, ())
    await bench.engine.publish(connection, Outgoing("ex/noisy/1", b"now", qos=1))
    await eventually(lambda: bench.engine.counted().connections[connection].received == 3)
    assert bench.engine.counted().connections[connection].excluded == 1
    assert bench.engine.counted().connections[connection].bytes_out > 0


async def test_messages_that_are_sent_by_themselves(bench: Bench, mosquitto: Mosquitto) -> None:
    messages = (
        SavedMessage("hello", "own/hello", payload="hi", on_connect=True),
        SavedMessage("when", "own/when", payload_hex="00ff", when="connected"),
        SavedMessage("tick", "own/tick", payload="tick", every=0.05),
        SavedMessage("never", "own/never", payload="no"),
    )
    connection = await bench.connect(lab(mosquitto, messages=messages))
    await eventually(lambda: bench.reader.bounds().count >= 5)
    sent = {one.topic: one.payload for one in bench.reader.messages(1, 100)}
    assert sent == {"own/hello": b"hi", "own/when": b"\0\xff", "own/tick": b"tick"}
    await bench.engine.disconnect(connection)
    await bench.engine.writer.flushed()
    count = bench.reader.bounds().count
    await asyncio.sleep(0.2)  # nothing may come: there is no event to wait for
    assert bench.reader.bounds().count == count
    assert not [text for level, text in bench.told.notices if level == "error"]


async def test_a_saved_message_that_cannot_be_sent_is_told(bench: Bench, mosquitto: Mosquitto) -> None:
    message = SavedMessage("gone", "own/gone", payload_file="/nowhere/at/all", on_connect=True)
    await bench.connect(lab(mosquitto, messages=(message,)))
    await eventually(lambda: any("/nowhere/at/all" in text for _, text in bench.told.notices))


async def test_read_only_publishes_nothing(bench: Bench, mosquitto: Mosquitto) -> None:
    message = SavedMessage("hello", "own/hello", payload="hi", on_connect=True)
    profile = lab(mosquitto, key="production", read_only=True, read_only_line=88, messages=(message,))
    connection = await bench.connect(profile)
    with pytest.raises(InputError) as caught:
        await bench.engine.publish(connection, Outgoing("t", b"", qos=1))
    assert caught.value.message == "production is read-only (read_only = true in connections.toml, line 88)"
    state = bench.told.newest(connection)
    assert state is not None
    assert state.read_only_text == caught.value.message
    assert bench.reader.bounds().count == 0


async def test_a_delivery_is_followed_to_its_end(bench: Bench, mosquitto: Mosquitto) -> None:
    connection = await bench.connect(lab(mosquitto))
    delivery = bench.engine.deliver(connection, Outgoing("fate", b"", qos=2))
    assert await asyncio.wait_for(delivery.done, 5) is Fate.ACKNOWLEDGED


async def test_an_unknown_connection_is_refused(bench: Bench) -> None:
    with pytest.raises(InputError):
        await bench.engine.publish(7, Outgoing("t", b""))
    with pytest.raises(InputError):
        await bench.engine.exclude(7, ())


async def test_a_profile_that_cannot_start_leaves_no_trace(bench: Bench, mosquitto: Mosquitto) -> None:
    strange: Any = "carrier pigeon"
    with pytest.raises(InputError):
        await bench.engine.connect(lab(mosquitto, protocol=strange))
    assert bench.engine.snapshots() == []
    connection = await bench.connect(lab(mosquitto))
    with pytest.raises(InputError):
        await bench.engine.connect(lab(mosquitto, protocol=strange))
    assert bench.engine.snapshots()[0].phase is Phase.CONNECTED
    assert (await bench.engine.subscribe(connection, Subscription("still/works"))).granted == 0


async def test_an_unreachable_broker_is_retried_and_says_why(bench: Bench) -> None:
    connection = await bench.engine.connect(Profile("lab", "mqtt://127.0.0.1:1"))
    state = await bench.until(connection, lambda state: state.phase is Phase.RETRYING)
    assert state.error is not None
    assert (state.error.stage, state.error.exit_code) == ("tcp", 3)
    assert state.retry_at is not None
    await bench.engine.disconnect(connection)


async def test_a_bad_variable_fails_without_retrying(bench: Bench) -> None:
    connection = await bench.engine.connect(
        Profile("lab", "mqtt://127.0.0.1:1", password=SecretRef("env", "NOT_SET_ANYWHERE"))
    )
    state = await bench.until(connection, lambda state: state.phase is Phase.FAILED)
    assert state.error is not None
    assert "NOT_SET_ANYWHERE" in state.error.message


@pytest.fixture
def guarded(start_mosquitto: Callable[..., Mosquitto], tmp_path: Path) -> Mosquitto:
    """A broker that wants the password hunter2-7431."""
    program = find("mosquitto_passwd") or ""
    passwords = tmp_path / "passwords"
    subprocess.run([program, "-b", "-c", str(passwords), "me", "hunter2-7431"], check=True)
    passwords.chmod(0o644)
    return start_mosquitto(options=["allow_anonymous false", f"password_file {passwords}"])


async def test_secrets_reach_the_broker_and_no_byte_of_the_capture(
    bench: Bench, guarded: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_PASSWORD", "hunter2-7431")
    login = SavedMessage("login", "own/login", payload="token-9182", secret=True, on_connect=True)
    connection = await bench.connect(
        lab(guarded, "own/after", username="me", password=SecretRef("env", "LAB_PASSWORD"), messages=(login,))
    )
    await bench.messages(1)
    await bench.engine.publish(connection, Outgoing("own/after", b"", qos=1))
    await bench.messages(3)
    await bench.engine.writer.flushed()
    written = b"".join(path.read_bytes() for path in tmp_path.glob("capture.db*"))
    assert b"own/after" in written
    assert b"hunter2-7431" not in written
    assert b"token-9182" not in written


async def test_a_wrong_answer_is_not_remembered(guarded: Mosquitto, tmp_path: Path) -> None:
    asked: list[str] = []

    async def ask(label: str, question: str) -> str | None:
        asked.append(question)
        return f"wrong {len(asked)}"

    told = Told()
    engine = LocalEngine(tmp_path / "capture.db", listener=told, ask=ask)
    profile = lab(guarded, username="me", password=SecretRef("prompt", "Password?"))
    for times in (1, 2):
        told.states.clear()
        await engine.connect(profile)
        await eventually(lambda: told.states and told.states[-1].phase is Phase.FAILED)
        assert len(asked) == times
    await engine.shutdown()


async def test_a_wrong_password_is_final(bench: Bench, guarded: Mosquitto) -> None:
    connection = await bench.engine.connect(lab(guarded, username="me", password="wrong"))
    state = await bench.until(connection, lambda state: state.phase is Phase.FAILED)
    assert state.error is not None
    assert state.error.exit_code == 4
