"""The connection options that sub, pub and record share."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

import pytest

from mqttx_tui.cli.arguments import add_connection, build_profile, duration, positive_number, qos_number
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile, SecretRef, Subscription, Will


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "c.toml"
    path.write_text('[connections.lab]\nurl = "mqtts://h"\nusername = "me"\nsubscriptions = ["a"]\n')
    return path


def profile(config: Path, *arguments: str, filters: tuple[str, ...] = ()) -> Profile:
    parser = ArgumentParser()
    add_connection(parser)
    return build_profile(parser.parse_args([*arguments, "--config", str(config)]), filters=filters, qos=1)


def test_a_profile_as_it_is(config: Path) -> None:
    found = profile(config, "lab")
    assert (found.username, found.mqtt, found.keepalive, found.clean_start) == ("me", "auto", 60, True)
    assert found.subscriptions == (Subscription("a"),)


def test_mosquittos_letters(config: Path) -> None:
    found = profile(
        config,
        *["lab", "-i", "me-{random}", "-k", "5", "-V", "mqttv311", "-u", "you", "-P", "pw", "-c"],
        filters=("b",),
    )
    assert (found.client_id, found.keepalive, found.mqtt) == ("me-{random}", 5, "3.1.1")
    assert (found.username, found.password, found.clean_start) == ("you", "pw", False)
    assert found.subscriptions == (Subscription("b", 1),)
    tls = profile(config, *["lab", "--cafile", "a", "--cert", "b", "--key", "c", "--insecure"]).tls
    assert (tls.ca, tls.cert, tls.key, tls.verify) == ("a", "b", "c", False)
    will = profile(
        config, *["lab", "--will-topic", "w", "--will-payload", "x", "--will-qos", "1", "--will-retain"]
    ).will
    assert will == Will("w", "x", 1, True)


def test_passwords_from_elsewhere(config: Path) -> None:
    assert profile(config, "lab", "--password-env", "PW").password == SecretRef("env", "PW")
    assert profile(config, "lab", "--password-file", "/pw").password == SecretRef("file", "/pw")


def test_a_url_needs_no_file(tmp_path: Path) -> None:
    found = profile(tmp_path / "missing.toml", "mqtt://localhost:1884")
    assert found.url == "mqtt://localhost:1884"
    assert profile(tmp_path / "missing.toml", "ws://h/mqtt", filters=("#",)).protocol == "mqtt"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lab", "-V", "6"), "is not a version of MQTT"),
        (("lab", "-k", "70000"), "keep alive is a whole number"),
        (("lab", "-k", "soon"), "is not a duration"),
        (("lab", "--will-topic", "t", "--will-qos", "3"), "QoS is 0, 1 or 2"),
        (("lab", "-P", "a", "--password-env", "B"), "not allowed with"),
        ((), "required: TARGET"),
    ],
)
def test_refused(
    arguments: tuple[str, ...], said: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        profile(config, *arguments)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_a_wildcard_in_the_will(config: Path) -> None:
    with pytest.raises(InputError, match="may not hold"):
        profile(config, "lab", "--will-topic", "a/#")


def test_numbers() -> None:
    assert (qos_number("2"), positive_number("10"), duration("1.5"), duration("500ms")) == (2, 10, 1.5, 0.5)
    for text in ("nan", "inf", "-1", "x"):
        with pytest.raises(Exception, match="is not a duration"):
            duration(text)
    with pytest.raises(Exception, match="whole number"):
        positive_number("0")
