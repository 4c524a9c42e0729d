"""What the engine cannot do in full is said: made to happen, and counted."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from mqttx_tui.capture.limits import Limits
from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.engine.shortfall import AGAIN_SECONDS, MANY_TOPICS, QUIET_SECONDS, Shortfall
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Subscription
from mqttx_tui.model.state import Counters, EngineCounters, Phase
from tests.engine.fakes import Told, no_answer
from tests.support.mosquitto import Mosquitto
from tests.support.wait import eventually

NONE = EngineCounters({1: Counters()}, limit_topics=20_000)


class Told1(list[tuple[int, str]]):
    """What was said, and of which connection."""

    def __call__(self, connection: int, text: str) -> None:
        self.append((connection, text))


def counters(**changes: float) -> EngineCounters:
    return replace(NONE, connections={1: replace(Counters(), **changes)})  # type: ignore[arg-type]


def test_a_loss_is_said_at_once_again_and_in_all() -> None:
    said = Told1()
    watch = Shortfall(said, counters(lost=7))
    names = {1: "greenhouse"}
    watch.look(counters(lost=7), names, 0.0)
    assert said == []
    watch.look(counters(lost=10), names, 1.0)
    assert said == [(1, said[0][1])]
    assert said[0][1].startswith("greenhouse: 3 messages were received and could not be written")
    watch.look(counters(lost=1_010), names, 2.0)
    assert len(said) == 1
    watch.look(counters(lost=2_010), names, 1.0 + AGAIN_SECONDS)
    assert said[1][1].startswith("greenhouse: 2,003 messages")
    watch.look(counters(lost=2_010), names, 1.0 + AGAIN_SECONDS + QUIET_SECONDS)
    assert said[2][1].startswith("greenhouse: 2,003 messages were lost within")
    watch.look(counters(lost=2_010), names, 1_000.0)
    assert len(said) == 3


def test_a_pause_of_reading_is_said_when_it_lasts_and_always_in_all() -> None:
    said = Told1()
    watch = Shortfall(said, NONE)
    watch.look(counters(paused_seconds=0.2), {}, 0.2)
    assert said == []
    watch.look(counters(paused_seconds=0.2), {}, 0.2 + QUIET_SECONDS)
    assert "reading was paused for 0.2 s in all" in said[0][1]
    watch.look(counters(paused_seconds=1.3), {}, 10.0)
    assert "reading is paused, so far for 1.1 s" in said[1][1]
    watch.look(counters(paused_seconds=1.3), {}, 20.0)
    assert "reading was paused for 1.1 s in all" in said[2][1]


def test_a_counter_that_began_anew_hides_nothing() -> None:
    said = Told1()
    watch = Shortfall(said, counters(paused_seconds=9.0))
    watch.look(counters(paused_seconds=0.0), {}, 0.0)
    watch.look(counters(paused_seconds=2.0), {}, 2.0)
    assert "so far for 2.0 s" in said[0][1]


def test_a_full_disk_and_too_many_topics_are_said_once_each() -> None:
    said = Told1()
    watch = Shortfall(said, NONE)
    for _ in range(2):
        watch.look(replace(NONE, disk_full=True, evicted=5, other_topics=3), {}, 0.0)
    assert [text.split(":")[0] for _, text in said] == [
        "the disk is full",
        "there are more than 20,000 topics",
    ]
    watch.look(replace(NONE, evicted=900, other_topics=4), {}, 1.0)
    assert said[-1] == (0, "the disk has room again; 900 messages have made room")
    for waiting in (MANY_TOPICS + 1, MANY_TOPICS, 3, MANY_TOPICS + 1, 0, MANY_TOPICS + 1):
        watch.look(replace(NONE, other_topics=4, topics_waiting=waiting), {}, 2.0)
    assert [text for _, text in said[3:]] == [said[3][1]] * 2
    assert "20,001 topics change faster" in said[3][1]


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Nobody else can write to the database meanwhile."""
    with closing(sqlite3.connect(path, isolation_level=None)) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        yield
        blocker.execute("ROLLBACK")


async def test_a_capture_that_stands_still_pauses_reading_and_says_so(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    """The queue is short here, so that a few messages fill it; no message is lost."""
    path, told = tmp_path / "capture.db", Told()
    engine = LocalEngine(path, listener=told, ask=no_answer, limits=Limits(queue_rows=50))
    try:
        url = f"mqtt://127.0.0.1:{mosquitto.port}"
        profile = Profile("lab", url, name="greenhouse", subscriptions=(Subscription("stuck/#", 1),))
        connection = await engine.connect(profile)
        await eventually(lambda: (state := told.newest(connection)) and state.phase is Phase.CONNECTED)
        await eventually(lambda: told.states[-1].subscriptions[0].granted is not None)
        engine.writer._store.database.execute("PRAGMA busy_timeout = 60000")
        with held(path):
            sent = 0
            while not engine.counted().paused_reading:
                await engine.publish(connection, Outgoing("stuck/a", b"x", qos=0))
                sent += 1
                await asyncio.sleep(0)
            await eventually(lambda: told.notices, "a word about it")
        level, text = told.notices[0]
        assert (level, text.split(",")[0]) == (
            "warning",
            "greenhouse: more comes than can be taken: reading is paused",
        )
        await eventually(lambda: engine.counted().connections[connection].received == sent)
        await eventually(lambda: len(told.notices) == 2, "what it came to")
        assert "greenhouse: reading was paused for" in told.notices[1][1]
        each = engine.counted().connections[connection]
        assert (each.kept, each.lost) == (sent, 0)
        await engine.writer.flushed()
        with closing(CaptureReader(path)) as reader:
            kinds = [(event.kind, event.text) for event in reader.events() if event.kind == "shortfall"]
        assert kinds == [("shortfall", text) for _, text in told.notices]
    finally:
        await engine.shutdown()


async def test_messages_that_cannot_be_written_are_counted_and_said(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    path, told = tmp_path / "capture.db", Told()
    engine = LocalEngine(path, listener=told, ask=no_answer)
    try:
        url = f"mqtt://127.0.0.1:{mosquitto.port}"
        connection = await engine.connect(Profile("lab", url, subscriptions=(Subscription("lost/#", 1),)))
        await eventually(lambda: told.states and told.states[-1].subscriptions[0].granted is not None)
        await engine.writer.flushed()
        database = engine.writer._store.database
        database.execute("PRAGMA busy_timeout = 0")
        with held(path):
            await engine.publish(connection, Outgoing("lost/a", b"x", qos=1))
            await eventually(lambda: engine.counted().lost == 1)
            await eventually(lambda: told.notices)
        assert "lab: 1 messages were received and could not be written" in told.notices[0][1]
    finally:
        await engine.shutdown()
