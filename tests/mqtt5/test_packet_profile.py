"""Properties of UNSUBSCRIBE, DISCONNECT and AUTH in the profile file, the form, and from command lines."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mqttx_tui.model.errors import Exit
from mqttx_tui.model.jsonable import from_json, to_json
from mqttx_tui.model.profile import PacketProperties, Profile
from mqttx_tui.profiles import toml
from mqttx_tui.profiles.import_table import Imported
from mqttx_tui.profiles.imported import import_line
from mqttx_tui.profiles.load import parse
from mqttx_tui.profiles.plain import to_plain
from mqttx_tui.ui.form_fields import check, from_table, shown_fields, to_table
from mqttx_tui.wire.packets import Disconnect
from tests.cli.commands import run
from tests.support.scripted import Peer, ScriptedBroker
from tests.support.wait import eventually

HEAD = 'schema = 1\n[connections.a]\nurl = "mqtt://h"\n'
LINES = f"""{HEAD}session_expiry = "2h"
username = "u"
password = "p"
properties.authentication_method = "SCRAM-SHA-256"
packet_properties.unsubscribe.user = {{ why = "moved" }}
packet_properties.disconnect.session_expiry_interval = "1h"
packet_properties.disconnect.reason_string = "done"
packet_properties.disconnect.user = [["k", "1"], ["k", "2"]]
packet_properties.auth.reason_string = "it is me"
"""
EXPECTED = PacketProperties(
    {"user": (("why", "moved"),)},
    {"session_expiry_interval": 3600, "reason_string": "done", "user": (("k", "1"), ("k", "2"))},
    {"reason_string": "it is me"},
)


def parsed(text: str) -> Profile:
    """The one profile of a file without problems."""
    file = parse(text.encode(), Path("c.toml"))
    assert file.problems == ()
    [profile] = file.profiles
    return profile


def test_they_are_read_and_written_again() -> None:
    profile = parsed(LINES)
    assert profile.packet_properties == EXPECTED
    written = "schema = 1\n" + toml.connection("a", to_plain(profile))
    assert parsed(written).packet_properties == EXPECTED


def test_they_reach_the_engine() -> None:
    """The control channel carries JSON."""
    from mqttx_tui.wire.packets import PacketType
    from mqttx_tui.wire.properties import encode_properties

    travelled = from_json(Profile, to_json(parsed(LINES))).packet_properties
    for name in ("unsubscribe", "disconnect", "auth"):
        kind = PacketType[name.upper()]
        assert encode_properties(getattr(travelled, name), kind) == encode_properties(
            getattr(EXPECTED, name), kind
        )


@pytest.mark.parametrize(
    ("lines", "key", "text"),
    [
        ("packet_properties = 1", "packet_properties", "needs a table"),
        ("packet_properties.publish.user = { a = 'b' }", "packet_properties.publish", "unknown key"),
        ("packet_properties.auth.user = 1", "packet_properties.auth.user", "table of names"),
        ("packet_properties.auth.user = { a = 'b' }", "packet_properties.auth", "authentication method"),
        (
            "packet_properties.unsubscribe.reason_string = 'x'",
            "packet_properties.unsubscribe.reason_string",
            "unknown key in packet_properties.unsubscribe",
        ),
        (
            "packet_properties.disconnect.session_expiry_interval = 60",
            "packet_properties.disconnect.session_expiry_interval",
            "needs a session_expiry",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(lines: str, key: str, text: str) -> None:
    [problem] = parse((HEAD + lines + "\n").encode(), Path("c.toml")).problems
    assert (problem.key, problem.line) == (key, 4)
    assert text in problem.text


def test_the_form_has_them_where_the_version_has() -> None:
    table: dict[str, Any] = to_plain(parsed(LINES))
    values = from_table(table)
    assert values["packet_properties.disconnect.user"] == "k\t1\nk\t2"
    assert to_table(values, table) == table
    changed = {
        **values,
        "packet_properties.unsubscribe.user": "",
        "packet_properties.disconnect.reason_string": "bye",
    }
    profile, problems = check("a", to_table(changed, table), {})
    assert problems == {}
    assert profile is not None
    assert profile.packet_properties.unsubscribe == {}
    assert profile.packet_properties.disconnect == {**EXPECTED.disconnect, "reason_string": "bye"}
    older = {**values, "mqtt": "3.1.1"}
    assert not [key for key in shown_fields(older) if key.startswith("packet_properties")]
    assert "packet_properties" not in to_table(older, table)
    _, problems = check("a", to_table({**values, "session_expiry": ""}, table), {})
    assert list(problems) == ["packet_properties.disconnect.session_expiry_interval"]


@pytest.mark.parametrize("program", ["mosquitto_sub -h h -t a -t b", "mqttx-tui sub mqtt://h -t a -t b"])
def test_a_command_line_is_imported(program: str) -> None:
    found = import_line(
        f"{program} -x 60 -D subscribe subscription-identifier 7 -D subscribe user-property s 1 "
        "-D unsubscribe user-property k 1 -D disconnect reason-string bye -D disconnect user-property k 2 "
        "-D disconnect session-expiry-interval 5 -D auth user-property k 3"
    )
    assert isinstance(found, Imported)
    assert found.notes == ()
    assert found.table["packet_properties"] == {
        "unsubscribe": {"user": [["k", "1"]]},
        "disconnect": {"reason_string": "bye", "user": [["k", "2"]], "session_expiry_interval": 5},
        "auth": {"user": [["k", "3"]]},
    }
    options = {"identifier": 7, "user": [["s", "1"]]}
    assert found.table["subscriptions"] == [{"filter": "a", **options}, {"filter": "b", **options}]


async def test_the_command_line_adds_to_the_profile(tmp_path: Path) -> None:
    async def script(peer: Peer) -> None:
        await peer.accept()
        await peer.serve()

    config = tmp_path / "connections.toml"
    async with ScriptedBroker(script) as broker:
        config.write_text(
            f'schema = 1\n[connections.a]\nurl = "{broker.url}"\nmqtt = "5"\n'
            'packet_properties.disconnect.user = { from = "file" }\n'
            'packet_properties.disconnect.reason_string = "file"\n'
        )
        words = (
            "-D",
            "disconnect",
            "user-property",
            "from",
            "line",
            "-D",
            "disconnect",
            "reason-string",
            "line",
        )
        done = await asyncio.to_thread(run, "pub", "a", "--config", str(config), "-t", "t", "-m", "x", *words)
        assert done.returncode == Exit.DONE, done.stderr
        await eventually(lambda: broker.peer.gone)
        left = [packet for packet in broker.peer.seen if isinstance(packet, Disconnect)]
    assert left == [Disconnect(0, {"user": (("from", "file"), ("from", "line")), "reason_string": "line"})]
