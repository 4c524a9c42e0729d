"""Clearing what a real mosquitto retains, and putting it back."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mqttx_tui.model.message import RETAIN, Message, Outgoing
from mqttx_tui.ui import paced
from mqttx_tui.ui.clearing import again
from mqttx_tui.ui.panes.topics import TopicsPane
from mqttx_tui.ui.screens.ask import Confirm
from mqttx_tui.wire.packets import PacketType
from mqttx_tui.wire.properties import encode_properties
from tests.support.mosquitto import Mosquitto, find
from tests.ui.live_app import Live, live

pytestmark = pytest.mark.mosquitto
Start = Callable[..., Mosquitto]
BINARY = bytes(range(256))


def retain(broker: Mosquitto, topic: str, payload: bytes, *words: str) -> None:
    """Publish a retained message with another client."""
    program = find("mosquitto_pub")
    assert program
    command = [
        program,
        "-p",
        str(broker.port),
        "-V",
        "5",
        "-r",
        "-t",
        topic,
        "-s" if payload else "-n",
        *words,
    ]
    subprocess.run(command, input=payload, check=True)


def retained(broker: Mosquitto) -> dict[str, Any]:
    """What a client that comes anew is given, by topic: QoS, payload, properties.

    The broker answers one filter after the other: once the second one brings its only message again,
    the first one has brought all of its.
    """
    program = find("mosquitto_sub")
    assert program
    last = "end/of/it"
    retain(broker, last, b"end")
    command = [program, "-p", str(broker.port), "-V", "5", "-q", "1", "-t", "#", "-t", last, "-F", "%j %x"]
    found: dict[str, Any] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for row in child.stdout:
            text, _, octets = row.rstrip().rpartition(" ")
            message = json.loads(text)
            if message["topic"] == last in found:
                break
            found[message["topic"]] = (message["qos"], octets, message.get("properties"))
        child.kill()
    del found[last]
    retain(broker, last, b"")
    return found


async def tree(app: Live, topics: int) -> TopicsPane:
    """The tree, once so many topics are in it, all of them expanded."""
    await app.connected()
    pane = app.pane(TopicsPane)
    await app.until(lambda: pane.topics.topics >= topics, f"{topics} topics in the tree")
    await app.press("2", "E", "home")
    return pane


async def put_cursor(app: Live, pane: TopicsPane, name: str) -> None:
    topics = pane.topics
    node = next(node for node in topics.rows if topics.topic_name(node) == name)
    pane.tree_widget.go_to_node(node)


async def remove(app: Live) -> str:
    """Press Del; the question that is asked."""
    await app.pilot.press("delete")
    await app.until(lambda: isinstance(app.app.screen, Confirm), "the question")
    return " ".join(app.text.split())


def notice(app: Live) -> str:
    return app.app.workspace.notices[-1].text if app.app.workspace.notices else ""


async def undo(app: Live) -> None:
    await app.app.main_screen.run_action("undo_clearing")
    await app.until(lambda: isinstance(app.app.screen, Confirm), "the question")
    await app.press("y")


async def test_a_subtree_is_cleared_and_put_back_byte_for_byte(
    start_mosquitto: Start, tmp_path: Path
) -> None:
    broker = start_mosquitto()
    retain(broker, "site/7/temp", b'{"value": 21.4}', "-D", "publish", "content-type", "application/json")
    retain(broker, "site/7/raw", BINARY, "-D", "publish", "user-property", "rack", "4")
    retain(broker, "site/7", b"the branch itself")
    retain(broker, "site/8/temp", b"another one")
    before = retained(broker)
    async with live(tmp_path, f"mqtt://127.0.0.1:{broker.port}") as app:
        pane = await tree(app, 4)
        await put_cursor(app, pane, "site/7")
        asked = await remove(app)
        assert "Clear 3 retained messages below site/7?" in asked
        assert "Only topics that were seen retained here are meant." in asked
        await app.press("y")
        await app.until(lambda: "cleared 3 of 3" in notice(app), "the clearing is told")
        assert list(retained(broker)) == ["site/8/temp"]
        node = pane.tree_widget.cursor_node
        await app.until(lambda: not pane.topics.retained_below(node), "no R is left below")
        await undo(app)
        await app.until(lambda: "put back 3 of 3" in notice(app), "the undo is told")
        assert retained(broker) == before
        await app.app.main_screen.run_action("undo_clearing")
        await app.until(lambda: "nothing was cleared" in notice(app), "there is nothing more to undo")


async def test_one_topic_is_cleared_and_n_clears_nothing(start_mosquitto: Start, tmp_path: Path) -> None:
    broker = start_mosquitto()
    retain(broker, "a/b", b"1")
    retain(broker, "a/c", b"2")
    async with live(tmp_path, f"mqtt://127.0.0.1:{broker.port}") as app:
        pane = await tree(app, 2)
        await put_cursor(app, pane, "a/b")
        assert "Clear the retained message of a/b (1 topic)?" in await remove(app)
        await app.press("n")
        assert sorted(retained(broker)) == ["a/b", "a/c"]
        await put_cursor(app, pane, "a/b")
        await remove(app)
        await app.press("y")
        await app.until(lambda: "cleared 1 of 1" in notice(app), "the clearing")
        assert list(retained(broker)) == ["a/c"]


async def test_esc_stops_and_the_count_stands_in_the_reserved_line(
    start_mosquitto: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paced, "PAUSE_SECONDS", 0.05)
    broker = start_mosquitto()
    for number in range(60):
        retain(broker, f"many/{number}", b"x")
    async with live(tmp_path, f"mqtt://127.0.0.1:{broker.port}") as app:
        pane = await tree(app, 60)
        await put_cursor(app, pane, "many")
        await remove(app)
        await app.press("y")
        await app.until(lambda: re.search(r"cleared \d+ of 60 · Esc stops", app.text), "the progress")
        await app.press("escape")
        await app.until(lambda: "stopped: cleared " in notice(app), "it stopped")
        assert "Esc stops" not in app.text
        left = len(retained(broker))
        assert 0 < left < 60
        assert f"cleared {60 - left} of 60" in notice(app)


async def test_what_the_broker_refuses_is_counted(start_mosquitto: Start, tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic read #\ntopic write free/#\n\nuser seeder\ntopic readwrite #\n")
    broker = start_mosquitto(options=["allow_anonymous true", f"acl_file {acl}"])
    for topic in ("free/a", "locked/b", "locked/c"):
        retain(broker, topic, b"x", "-u", "seeder")
    async with live(tmp_path, f"mqtt://127.0.0.1:{broker.port}") as app:
        pane = await tree(app, 3)
        await put_cursor(app, pane, "locked")
        await remove(app)
        await app.press("y")
        await app.until(lambda: "cleared 0 of 2, 2 failed (0x87 Not authorized)" in notice(app), "the count")
        assert app.app.workspace.notices[-1].level == "warning"


async def test_a_read_only_connection_refuses_before_it_asks(start_mosquitto: Start, tmp_path: Path) -> None:
    broker = start_mosquitto()
    retain(broker, "a", b"1")
    config = (
        f'schema = 1\n[connections.production]\nurl = "mqtt://127.0.0.1:{broker.port}"\n'
        'subscriptions = ["#"]\nread_only = true\n'
    )
    async with live(tmp_path, "production", config=config) as app:
        await tree(app, 1)
        await app.press("delete")
        await app.until(lambda: "read_only = true in " in notice(app), "the refusal")
        assert not isinstance(app.app.screen, Confirm)
        assert list(retained(broker)) == ["a"]


async def test_a_topic_that_spoke_since_is_left_alone(start_mosquitto: Start, tmp_path: Path) -> None:
    broker = start_mosquitto()
    retain(broker, "s/old", b"old")
    retain(broker, "s/new", b"old")
    async with live(tmp_path, f"mqtt://127.0.0.1:{broker.port}") as app:
        pane = await tree(app, 2)
        await put_cursor(app, pane, "s")
        await remove(app)
        await app.press("y")
        await app.until(lambda: "cleared 2 of 2" in notice(app), "the clearing")
        retain(broker, "s/new", b"newer")
        topics = pane.topics
        node = next(node for node in topics.rows if topics.topic_name(node) == "s/new")
        await app.until(lambda: topics.count[node] >= 4, "the newer one came, and is in the table")
        await undo(app)
        await app.until(lambda: "put back 1 of 2, 1 not: has a newer message" in notice(app), "the undo")
        assert {topic: found[1] for topic, found in retained(broker).items()} == {
            "s/old": b"old".hex(),
            "s/new": b"newer".hex(),
        }


async def test_a_filter_protects_what_it_hides(start_mosquitto: Start, tmp_path: Path) -> None:
    broker = start_mosquitto()
    for topic in ("h/temp", "h/hum", "k/temp"):
        retain(broker, topic, b"1")
    async with live(tmp_path, f"mqtt://127.0.0.1:{broker.port}") as app:
        pane = await tree(app, 3)
        await app.press("/")
        await app.type("temp")
        await app.press("enter")
        await app.until(lambda: pane.topics.filtered and len(pane.topics.rows) == 4, "the filter")
        await put_cursor(app, pane, "h")
        assert "the retained message of h/temp" in await remove(app)
        await app.press("y")
        await app.until(lambda: "cleared 1 of 1" in notice(app), "the clearing")
        assert sorted(retained(broker)) == ["h/hum", "k/temp"]


async def test_what_was_pinned_in_a_full_capture_is_put_back(start_mosquitto: Start, tmp_path: Path) -> None:
    """The clearing unpins the captured message: only what was read before can bring it back."""
    broker = start_mosquitto()
    retain(broker, "old/one", BINARY)
    async with live(tmp_path, f"mqtt://127.0.0.1:{broker.port}") as app:
        pane = await tree(app, 1)
        engine, reader = app.app.workspace.engine, app.app.reader
        assert engine is not None
        assert reader is not None
        await engine.limits(messages=50)
        for _ in range(120):
            await engine.publish(1, Outgoing("noise", b"x"))
        await app.until(lambda: reader.bounds().floor > 1, "the first message is pinned under the floor")
        await put_cursor(app, pane, "old/one")
        await remove(app)
        await app.press("y")
        await app.until(lambda: "cleared 1 of 1" in notice(app), "the clearing")
        await app.until(lambda: reader.message(1) is None, "the capture has forgotten it")
        await undo(app)
        await app.until(lambda: "put back 1 of 1" in notice(app), "the undo")
        assert retained(broker)["old/one"][1] == BINARY.hex()


def test_what_is_sent_again_says_what_a_publisher_may_say() -> None:
    given = {"content_type": "a", "user": [("k", "1"), ("k", "2")], "topic_alias": 7}
    properties = encode_properties(given, PacketType.PUBLISH)
    message = Message(1, 0, 1, 1, "t", RETAIN | 2, 9, b"x", 1, properties)
    sent = again(message, version5=True)
    assert (sent.topic, sent.payload, sent.qos, sent.retain) == ("t", b"x", 1, True)
    assert sent.properties == {"content_type": "a", "user": (("k", "1"), ("k", "2"))}
    assert again(message, version5=False).properties == {}
