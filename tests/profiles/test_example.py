"""The example file is valid, shows every key, and travels with the program."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from mqttx_tui.profiles import keys, resources, toml
from mqttx_tui.profiles.load import parse
from mqttx_tui.profiles.plain import to_plain
from mqttx_tui.profiles.values import SECRET_KINDS


def test_it_loads() -> None:
    file = parse(resources.example().encode(), Path(resources.EXAMPLE))
    assert file.problems == ()
    assert {"local", "everything", "secrets", "emqx", "ha-socket"} == {item.key for item in file.profiles}
    assert not any(profile.connect for profile in file.profiles)


def test_every_profile_survives_being_written_and_read() -> None:
    file = parse(resources.example().encode(), Path(resources.EXAMPLE))
    for profile in file.profiles:
        again = parse(toml.connection(profile.key, to_plain(profile)).encode(), Path("again.toml"))
        assert again.problems == ()
        placed = replace(again.profiles[0], line=profile.line, read_only_line=profile.read_only_line)
        assert placed == profile


def _every_key() -> list[str]:
    kinds = (keys.TLS, keys.WILL, keys.PROPERTIES, *keys.PACKETS.values())
    dotted = [f"{kind.name}.{key}" for kind in kinds for key in kind.checks]
    single = [*keys.CONNECTION, "headers", "subscriptions", "messages", *keys.SUBSCRIPTION.checks]
    single += [key for key in (*keys.MESSAGE.checks, *SECRET_KINDS, "schema") if key != "properties"]
    return sorted({*dotted, *single})


@pytest.mark.parametrize("key", _every_key())
def test_every_key_is_there(key: str) -> None:
    text = resources.example()
    assert re.search(rf"(?m)(?:^(?:# )?|[{{,] ){re.escape(key)} = |\.{key}\]\]", text), f"{key} is not shown"


@pytest.mark.parametrize("key", keys.MESSAGE_PROPERTIES.checks)
def test_every_property_of_a_message_is_named(key: str) -> None:
    assert key in resources.example()


def test_a_missing_resource_is_said() -> None:
    with pytest.raises(Exception, match=r"nothing\.toml is missing"):
        resources.resource("nothing.toml")
    assert resources.resource(resources.THEMES).is_dir()
