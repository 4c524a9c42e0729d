"""A will that is published also when we leave in good order (MQTT 5.0 §3.14.2.1): profile, form, headless."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.model.errors import Exit
from mqttx_tui.profiles.import_table import Imported
from mqttx_tui.profiles.imported import import_line
from mqttx_tui.profiles.load import parse
from mqttx_tui.ui.form_fields import check, from_table, shown_fields, to_table
from tests.cli.commands import run
from tests.mqtt5.support import beside, prints, says
from tests.support.mosquitto import Mosquitto

StartBroker = Callable[..., Awaitable[Broker]]


@pytest.mark.parametrize("way", ["option", "profile"])
@pytest.mark.parametrize("kind", ["mosquitto", "embedded"])
async def test_it_is_published(
    kind: str, way: str, mosquitto: Mosquitto, start_broker: StartBroker, tmp_path: Path
) -> None:
    port = mosquitto.port if kind == "mosquitto" else (await start_broker()).port
    topic, url = f"leaving/{uuid.uuid4().hex}", f"mqtt://127.0.0.1:{port}"
    words = [url, "--will-topic", f"{topic}/will", "--will-payload", "gone", "--will-on-leave"]
    if way == "profile":
        file = tmp_path / "c.toml"
        file.write_text(
            f'schema = 1\n[connections.a]\nurl = "{url}"\nmqtt = "5"\nwill.topic = "{topic}/will"\n'
            'will.payload = "gone"\nwill.on_leave = true\n'
        )
        words = ["a", "--config", str(file)]
    async with beside("sub", url, "-t", f"{topic}/#", "-v", "-C", "2") as other:
        await says(other, "subscribed")
        done = await asyncio.to_thread(run, "pub", *words, "-t", f"{topic}/said", "-m", "x", "-q", "1")
        assert done.returncode == Exit.DONE, done.stderr
        assert await prints(other, 2) == [f"{topic}/said x", f"{topic}/will gone"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--will-on-leave"], b"no will"),
        (["--will-on-leave", "--will-topic", "w", "-V", "311"], b"--will-on-leave needs MQTT 5"),
    ],
)
def test_what_cannot_be_is_said(words: list[str], said: bytes) -> None:
    done = run("pub", "mqtt://127.0.0.1:9", "-t", "a", "-m", "x", *words)
    assert done.returncode == Exit.BAD_INPUT
    assert said in done.stderr


def test_the_file_and_the_form_have_it_where_the_version_has() -> None:
    text = 'schema = 1\n[connections.a]\nurl = "mqtt://h"\nmqtt = "3.1.1"\n'
    text += 'will.topic = "w"\nwill.on_leave = true\n'
    [problem] = parse(text.encode(), Path("c.toml")).problems
    assert (problem.key, problem.line, problem.text) == ("will.on_leave", 6, "needs MQTT 5")
    table = {"url": "mqtt://h", "will": {"topic": "w"}}
    profile, problems = check("a", to_table({**from_table(table), "will.on_leave": "yes"}, table), {})
    assert problems == {}
    assert profile is not None
    assert profile.will is not None
    assert profile.will.on_leave
    assert "will.on_leave" not in shown_fields({**from_table(table), "mqtt": "3.1.1"})


def test_it_is_taken_over_from_a_command_line() -> None:
    found = import_line("mqttx-tui pub mqtt://h -t a -m x --will-topic w --will-on-leave")
    assert isinstance(found, Imported)
    assert found.table["will"] == {"topic": "w", "on_leave": True}
    assert not [note for note in found.notes if "not taken over" in note]
