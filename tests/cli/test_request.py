"""``request`` in real processes; mosquitto's own programs answer."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mqttx_tui.demo.broker.server import Broker
from mqttx_tui.model.errors import Exit
from tests.cli.commands import Command, mosquitto_pub, objects, run, started, url
from tests.support.mosquitto import Mosquitto, find
from tests.support.wait import until


@pytest.fixture
def topic() -> str:
    return f"ask/{uuid.uuid4().hex}"


@contextmanager
def responder(broker: Mosquitto, topic: str, version: str = "5") -> Iterator[Command]:
    """mosquitto_sub, which prints response topic, correlation data and payload of each request."""
    program = [find("mosquitto_sub") or "", "-p", str(broker.port), "-i", topic, "-t", topic, "-V", version]
    with started("-q", "1", "-F", "%R %D %p", program=program) as command:
        until(lambda: f"Sending SUBACK to {topic}" in broker.log)
        yield command


def answer(broker: Mosquitto, to: str, payload: str, correlation: str) -> None:
    words = ("-V", "5", "-t", to, "-m", payload, "-D", "publish", "correlation-data", correlation)
    mosquitto_pub(broker, *words)


def request_at(command: Command) -> list[str]:
    """Response topic, correlation data and payload of the request that came."""
    command.prints(2)
    until(lambda: command.out.endswith(b"\n"))
    return command.out.decode().split()


def test_the_answer_is_printed_and_its_time_said(mosquitto: Mosquitto, topic: str) -> None:
    with (
        responder(mosquitto, topic) as other,
        started(
            "request", url(mosquitto), "-t", topic, "-m", "temp?", "--correlation", "c-1", "-v"
        ) as asking,
    ):
        to, correlation, payload = request_at(other)
        assert (correlation, payload) == ("c-1", "temp?")
        answer(mosquitto, to, "21.4", "c-1")
        assert asking.end() == Exit.DONE
    assert asking.out == f"{to} 21.4\n".encode()
    assert b"answered after " in asking.err


def test_every_request_has_its_own_topic_and_correlation_data(mosquitto: Mosquitto, topic: str) -> None:
    seen = set()
    for _ in range(2):
        with responder(mosquitto, topic) as other:
            run("request", url(mosquitto), "-t", topic, "-m", "x", "--timeout", "0.1")
            to, correlation, _ = request_at(other)
        seen |= {to, correlation}
    assert len(seen) == 4


def test_an_answer_to_somebody_else_is_none(mosquitto: Mosquitto, topic: str) -> None:
    to = f"{topic}/answer"
    with (
        responder(mosquitto, topic) as other,
        started(
            "request", url(mosquitto), "-t", topic, "-m", "x", "-e", to, "--correlation", "mine"
        ) as asking,
    ):
        assert request_at(other)[0] == to
        answer(mosquitto, to, "wrong", "yours")
        answer(mosquitto, to, "right", "mine")
        assert asking.end() == Exit.DONE
    assert asking.out == b"right\n"


def test_none_within_the_time(mosquitto: Mosquitto, topic: str) -> None:
    done = run("request", url(mosquitto), "-t", topic, "-m", "x", "-e", f"{topic}/a", "--timeout", "0.3")
    assert (done.returncode, done.stdout) == (Exit.NOT_ACHIEVED, b"")
    assert f"nobody subscribes to {topic}".encode() in done.stderr
    assert f"no answer on {topic}/a within 0.3 s".encode() in done.stderr


def test_only_others_answers_within_the_time(mosquitto: Mosquitto, topic: str) -> None:
    to = f"{topic}/answer"
    with (
        responder(mosquitto, topic) as other,
        started("request", url(mosquitto), "-t", topic, "-n", "-e", to, "--timeout", "3") as asking,
    ):
        assert request_at(other)[0] == to
        answer(mosquitto, to, "wrong", "yours")
        assert asking.end() == Exit.NOT_ACHIEVED
    assert b"1 came with other correlation data" in asking.err


def test_what_was_retained_there_is_no_answer(mosquitto: Mosquitto, topic: str) -> None:
    to = f"{topic}/answer"
    mosquitto_pub(mosquitto, "-t", to, "-m", "old", "-r")
    done = run("request", url(mosquitto), "-V", "311", "-t", topic, "-m", "x", "-e", to, "--timeout", "0.3")
    assert (done.returncode, done.stdout) == (Exit.NOT_ACHIEVED, b"")


def test_with_3_1_1_the_first_message_there_is_the_answer(mosquitto: Mosquitto, topic: str) -> None:
    to = f"{topic}/answer"
    words = ("-t", topic, "-m", "x", "-e", to, "-V", "311", "--json")
    with (
        responder(mosquitto, topic, "311") as other,
        started("request", url(mosquitto), *words) as asking,
    ):
        request_at(other)
        mosquitto_pub(mosquitto, "-t", to, "-m", "done")
        assert asking.end() == Exit.DONE
    [found] = objects(bytes(asking.out))
    assert (found["topic"], found["payload"]) == (to, "done")


def closed(client: str, user: str | None, act: str, topic: str) -> int:
    """0x87 for every subscription below ``closed``."""
    return 0x87 if act == "subscribe" and topic.startswith("closed") else 0


async def test_a_response_topic_that_may_not_be_read() -> None:
    broker = Broker(ws_port=None, authorise=closed)
    await broker.start()
    try:
        words = (f"mqtt://127.0.0.1:{broker.port}", "-t", "x", "-m", "x", "-e", "closed/a", "--timeout", "5")
        done = await asyncio.to_thread(run, "request", *words)
    finally:
        await broker.stop()
    assert done.returncode == Exit.NOT_AUTHORISED
    assert done.stderr == b"refused closed/a: Not authorized\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ws://127.0.0.1:9", "-t", "a/#", "-m", "x"], b"may not hold #"),
        (["mqtt://127.0.0.1:9", "-t", "a", "-m", "x", "-e", "b/+"], b"may not hold +"),
        (["mqtt://127.0.0.1:9", "-t", "a"], b"--message"),
    ],
)
def test_bad_words(words: list[str], said: bytes) -> None:
    done = run("request", *words)
    assert done.returncode == Exit.BAD_INPUT
    assert said in done.stderr
