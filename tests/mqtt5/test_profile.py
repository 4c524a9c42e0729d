"""MQTT 5 in the profile file: imported from a command line, and its secrets kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from mqttx_tui.engine.literals import restore, strip
from mqttx_tui.profiles.import_table import Imported
from mqttx_tui.profiles.imported import import_line
from mqttx_tui.profiles.load import parse
from mqttx_tui.profiles.plain import masked
from mqttx_tui.profiles.secrets import resolve

SECRET = "data-4471"
LITERAL = f"""
schema = 1
[connections.a]
url = "mqtt://h"
properties.authentication_method = "TOKEN"
properties.authentication_data = "{SECRET}"
"""


def test_authentication_data_do_not_travel_and_are_not_shown(tmp_path: Path) -> None:
    [profile] = parse(LITERAL.encode(), tmp_path / "c.toml").profiles
    assert SECRET not in repr(profile)
    assert SECRET not in str(masked(profile))
    stripped, literals = strip(profile)
    assert stripped.properties.authentication_data == ""
    assert literals == {"properties.authentication_data": SECRET}
    assert restore(stripped, literals) == profile


async def test_authentication_data_are_fetched_at_the_attempt(tmp_path: Path) -> None:
    text = LITERAL.replace(f'"{SECRET}"', '{ env = "AUTH_DATA" }')
    [profile] = parse(text.encode(), tmp_path / "c.toml").profiles
    resolved = await resolve(profile, None, {"AUTH_DATA": SECRET})
    assert resolved.profile.properties.authentication_data == SECRET
    assert SECRET in resolved.secrets
    assert SECRET not in repr(resolved)


@pytest.mark.parametrize("program", ["mosquitto_pub -h h -t a -m x", "mqttx-tui pub mqtt://h -t a -m x"])
def test_a_command_line_with_properties_is_imported(program: str) -> None:
    line = (
        f"{program} --will-topic w -D will content-type a/b -D will user-property k 1 "
        "-D will user-property k 2 -D will message-expiry-interval 60 -D will will-delay-interval 5 "
        "-D connect authentication-method SCRAM-SHA-256 -x 60"
    )
    found = import_line(line)
    assert isinstance(found, Imported)
    assert found.table["will"] == {
        "topic": "w",
        "content_type": "a/b",
        "user": [["k", "1"], ["k", "2"]],
        "message_expiry_interval": 60,
        "delay": 5,
    }
    assert found.table["properties"] == {"authentication_method": "SCRAM-SHA-256"}
    assert found.table["session_expiry"] == 60
