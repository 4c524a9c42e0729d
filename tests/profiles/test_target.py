"""What somebody types on the command line becomes a profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import SecretRef, Subscription, Will
from mqttx_tui.profiles.load import ProfileFile, load, parse
from mqttx_tui.profiles.secrets import resolve
from mqttx_tui.profiles.target import Overrides, mqtt_version, profile_for

FILE = parse(
    b"""
[connections.lab]
url = "mqtts://broker.lab"
name = "The lab"
password = "pw"
subscriptions = ["a"]
[connections.living]
url = "mqtt://pi"
name = "Living room"
[connections.living2]
url = "mqtt://pi"
name = "Living room"
[connections.raw]
url = "ws://h/chat"
protocol = "websocket"
[connections.broken]
url = "mqtt://h"
insecure = true
""",
    Path("c.toml"),
)
EMPTY = ProfileFile(Path("none.toml"))


def test_names() -> None:
    assert profile_for("lab", FILE).key == "lab"
    assert profile_for("The lab", FILE).key == "lab"
    assert profile_for("the LAB", FILE).key == "lab"
    with pytest.raises(InputError, match="several profiles") as caught:
        profile_for("living room", FILE)
    assert caught.value.hint == "living, living2"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("lib", "did you mean lab?"),
        ("livin room", "Living room"),
        ("zzz", "known: lab, living"),
        ("broker.lab", "mqtt://broker.lab"),
    ],
)
def test_unknown_names(name: str, hint: str) -> None:
    with pytest.raises(InputError, match="no profile is called") as caught:
        profile_for(name, FILE)
    assert hint in caught.value.hint


def test_a_profile_with_problems_says_them() -> None:
    with pytest.raises(InputError, match=r"c\.toml:18: connections\.broken\.insecure: unknown key") as caught:
        profile_for("broken", FILE)
    assert "tls.verify" in caught.value.hint
    broken_file = parse(b"[connections.a\n", Path("c.toml"))
    with pytest.raises(InputError, match=r"c\.toml:1: not valid TOML"):
        profile_for("a", broken_file)
    assert profile_for("mqtt://h", broken_file).url == "mqtt://h"


def test_no_profiles_at_all() -> None:
    with pytest.raises(InputError) as caught:
        profile_for("lab", EMPTY)
    assert "none.toml" in caught.value.hint
    assert "mqtt://" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "filters", "protocol"),
    [
        ("mqtt://h", (), "mqtt"),
        ("ws://h/chat", (), "websocket"),
        ("ws://h/mqtt", ("#",), "mqtt"),
        ("wss://h/mqtt", ("#",), "mqtt"),
        ("mqtt+ws://h/mqtt", (), "mqtt"),
        ("mqtt+wss://h/mqtt", ("#",), "mqtt"),
    ],
)
def test_urls(url: str, filters: tuple[str, ...], protocol: str) -> None:
    profile = profile_for(url, EMPTY, filters=filters, qos=1)
    assert profile.protocol == protocol
    assert profile.subscriptions == tuple(Subscription(item, 1) for item in filters)


def test_url_shows_no_password() -> None:
    profile = profile_for("mqtt://me:hunter2@h", EMPTY)
    assert "hunter2" not in profile.label
    with pytest.raises(InputError) as caught:
        profile_for("mqtt://me:hunter2@h:99999", EMPTY)
    assert "hunter2" not in caught.value.message


def test_filters_replace_subscriptions() -> None:
    profile = profile_for("lab", FILE, filters=["b/#", "c", "b/#"], qos=2)
    assert profile.subscriptions == (Subscription("b/#", 2), Subscription("c", 2))
    assert profile_for("lab", FILE).subscriptions == (Subscription("a"),)
    with pytest.raises(InputError, match="raw WebSocket"):
        profile_for("raw", FILE, filters=["a"])
    with pytest.raises(InputError, match="must be the last level"):
        profile_for("lab", FILE, filters=["a/#/b"])


async def test_overrides_are_meant_as_written() -> None:
    overrides = Overrides(
        client_id="me",
        keepalive=5,
        mqtt="3.1.1",
        username="${USER}",
        password="a${HOME}b",
        ca="/ca.pem",
        cert="/c.pem",
        key="/k.pem",
        insecure=True,
        clean_start=False,
        will=Will("gone"),
    )
    profile = (await resolve(profile_for("lab", FILE, overrides=overrides), None, {})).profile
    assert (profile.client_id, profile.keepalive, profile.mqtt) == ("me", 5, "3.1.1")
    assert (profile.username, profile.password) == ("${USER}", "a${HOME}b")
    assert (profile.tls.ca, profile.tls.cert, profile.tls.key) == ("/ca.pem", "/c.pem", "/k.pem")
    assert not profile.tls.verify
    assert not profile.clean_start
    assert profile.will == Will("gone")
    kept = profile_for("lab", FILE, overrides=Overrides(password=SecretRef("env", "PW")))
    assert kept.password == SecretRef("env", "PW")
    assert kept.tls.verify


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("5", "5"),
        ("mqttv5", "5"),
        ("311", "3.1.1"),
        ("mqttv311", "3.1.1"),
        ("3.1.1", "3.1.1"),
        ("mqttv31", "3.1"),
    ],
)
def test_versions(text: str, version: str) -> None:
    assert mqtt_version(text) == version
    with pytest.raises(InputError):
        mqtt_version("6")


def test_missing_file_is_an_empty_one(tmp_path: Path) -> None:
    assert profile_for("mqtt://h", load(tmp_path / "no.toml")).url == "mqtt://h"
