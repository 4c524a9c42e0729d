"""Brokers that were reached, and are set up otherwise than the profile expects."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.demo.broker.limits import Limits
from mqttx_tui.doctor import talk
from mqttx_tui.doctor.report import Verdict
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import ConnectProperties, Profile, SavedMessage, Subscription, Will
from mqttx_tui.wire.packets import V5, Connect
from tests.doctor.patients import advises, check_of, examined, facts, failure
from tests.support.mosquitto import Mosquitto, find

Start = Callable[..., Mosquitto]


def to(port: int, **more: object) -> Profile:
    return Profile("lab", f"mqtt://127.0.0.1:{port}", **more)  # type: ignore[arg-type]


@pytest.fixture
def passwords(tmp_path: Path) -> str:
    """A password file with one user."""
    path = tmp_path / "passwords"
    path.write_text("ada:engine-1842\n")
    subprocess.run([find("mosquitto_passwd") or "mosquitto_passwd", "-U", str(path)], check=True)
    path.chmod(0o644)
    return str(path)


@pytest.fixture
def access(tmp_path: Path) -> Callable[[str], str]:
    """Write an access list; returns its path."""

    def write(text: str) -> str:
        path = tmp_path / "access"
        path.write_text(text)
        return str(path)

    return write


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that will not come is not waited for as long as a person would."""
    monkeypatch.setattr(talk, "MESSAGE_SECONDS", 0.5)


@asynccontextmanager
async def broker(**options: object) -> AsyncIterator[Broker]:
    """The embedded broker with options of one's own."""
    one = Broker(ws_port=None, **options)  # type: ignore[arg-type]
    await one.start()
    try:
        yield one
    finally:
        await one.stop()


# Who one is


@pytest.mark.mosquitto
@pytest.mark.parametrize(
    ("user", "password", "words"),
    [
        ("ada", "wrong-word", "mosquitto reads its password_file at its start and at SIGHUP only: …"),
        ("nobody", "engine-1842", "check username and password, and what this user may do"),
        (
            "",
            None,
            "no user name was sent: set username and password (mosquitto … allow_anonymous true)",
        ),
        ("ada", None, "no password was sent: set password"),
    ],
)
async def test_credentials(
    user: str, password: str | None, words: str, start_mosquitto: Start, passwords: str
) -> None:
    server = start_mosquitto(options=["allow_anonymous false", f"password_file {passwords}"])
    given = to(server.port, username=user, password=password)
    for profile in (given, replace(given, mqtt="3.1.1")):
        report = await examined(profile, secrets=(password or "",))
        check = failure(report)
        assert (check.stage, report.exit_code) == ("mqtt", Exit.NOT_AUTHORISED)
        advises(check, words)
        assert "wrong-word" not in repr(report)
        assert check_of(report, "subscribe", Verdict.SKIPPED).text == "not connected"


@pytest.mark.mosquitto
@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_a_client_id_without_the_prefix_that_is_wanted(version: str, start_mosquitto: Start) -> None:
    server = start_mosquitto(options=["allow_anonymous true", "clientid_prefixes plant-"])
    refused = failure(await examined(to(server.port, mqtt=version)))
    assert refused.stage == "mqtt"
    report = await examined(to(server.port, mqtt=version, client_id="plant-7"))
    assert report.exit_code is Exit.DONE, "the doctor's tail keeps the prefix"


async def test_a_client_id_that_only_one_may_have() -> None:
    def only_7(connect: Connect) -> int:
        return 0 if connect.client_id == "plant-7" else 0x85

    async with broker(authenticate=only_7) as one:
        profile = to(one.port, client_id="plant-7")
        check = failure(await examined(profile))
        advises(
            check,
            "the doctor connects as plant-7-…, so as not to throw out plant-7; --exact-id …",
        )
        report = await examined(profile, exact_id=True)
        assert report.exit_code is Exit.DONE


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_a_client_id_that_is_too_long(version: str) -> None:
    def short(connect: Connect) -> int:
        return 0x85 if len(connect.client_id) > 23 else 0

    async with broker(authenticate=short) as one:
        check = failure(await examined(to(one.port, mqtt=version, client_id="greenhouse-north-controller")))
    assert (check.stage, check.code) == ("mqtt", 0x85 if version == "5" else 2)
    advises(check, "greenhouse-north-controller-… has 32 characters, and a short id is accepted: …")


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_another_client_takes_the_session_over(version: str) -> None:
    """Two clients under one id: the second one throws the doctor out."""
    came: list[object] = []

    def rival(client: str, user: str | None, act: str, topic: str) -> int:
        if act == "subscribe" and not came:
            came.append(one.core.open_session(Connect(client, V5), client))
        return 0

    async with broker(authorise=rival) as one:
        report = await examined(to(one.port, client_id="plant-7", mqtt=version), exact_id=True)
    check = failure(report)
    assert check.stage == "subscribe"
    if version == "5":
        assert (check.title, check.code) == ("Taken over", 0x8E)
        advises(check, "another client uses the same client_id: give this one another, such as …")
    else:
        assert check.title == "Closed by the broker"
        advises(check, "before MQTT 5 a broker closes without a word when another client comes …")


# What one may do


@pytest.mark.mosquitto
@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_an_access_list_that_forbids_to_publish(
    version: str, start_mosquitto: Start, access: Callable[[str], str], impatient: None
) -> None:
    options = ["allow_anonymous true", f"acl_file {access('topic read #')}"]
    server = start_mosquitto(options=options)
    report = await examined(to(server.port, mqtt=version))
    check = failure(report)
    if version == "5":
        assert (check.stage, check.code, report.exit_code) == ("publish", 0x87, Exit.NOT_AUTHORISED)
        advises(check, "an access list forbids this user to publish to the topic (acl_file in mosquitto); …")
    else:
        assert (check.stage, report.exit_code) == ("receive", Exit.NOT_ACHIEVED)
        advises(
            check,
            "an access list … may forbid …, and MQTT 3.1.1 has no answer that would say so: …",
        )
    assert check_of(report, "clean", Verdict.OK)
    found = facts(check_of(report, "support", Verdict.OK))
    said = "nothing was published" if version == "5" else "no message came back"
    assert found["retained messages"] == f"not tried: {said}"


@pytest.mark.mosquitto
@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_an_access_list_that_forbids_to_read(
    version: str, start_mosquitto: Start, access: Callable[[str], str], impatient: None
) -> None:
    server = start_mosquitto(options=["allow_anonymous true", f"acl_file {access('topic write #')}"])
    report = await examined(to(server.port, mqtt=version))
    check = failure(report)
    assert (check.stage, check.title) == ("receive", "Nothing came back")
    advises(check, "an access list … may forbid this user to publish to or to read mqttx-tui/doctor/#…")


@pytest.mark.mosquitto
async def test_another_prefix_is_allowed(start_mosquitto: Start, access: Callable[[str], str]) -> None:
    server = start_mosquitto(options=["allow_anonymous true", f"acl_file {access('topic readwrite lab/#')}"])
    report = await examined(to(server.port), prefix="lab/doctor")
    assert report.exit_code is Exit.DONE


def no_subscription(client: str, user: str | None, act: str, topic: str) -> int:
    return 0x87 if act == "subscribe" else 0


@pytest.mark.parametrize("version", ["5", "3.1.1"])
async def test_a_subscription_that_is_forbidden(version: str) -> None:
    async with broker(authorise=no_subscription) as one:
        report = await examined(to(one.port, mqtt=version))
    check = failure(report)
    assert check.stage == "subscribe"
    assert report.exit_code is (Exit.NOT_AUTHORISED if version == "5" else Exit.NOT_ACHIEVED)
    advises(
        check, "an access list forbids this user to subscribe to the topic …; --topic PREFIX tries another"
    )
    assert check_of(report, "publish", Verdict.SKIPPED).text == "not subscribed"


async def test_a_subscription_of_the_profile_that_is_forbidden() -> None:
    def closed(client: str, user: str | None, act: str, topic: str) -> int:
        return 0x87 if topic.startswith("closed") else 0

    wanted = (Subscription("open/#"), Subscription("closed/#"))
    async with broker(authorise=closed) as one:
        report = await examined(to(one.port, subscriptions=wanted))
    check = check_of(report, "profile", Verdict.WARNING)
    assert facts(check) == {"open/#": "QoS 0", "closed/#": "refused: Not authorized"}
    advises(
        check, "closed/# is refused (Not authorized): the broker's access list has to allow it to this user"
    )


# What the broker has


@pytest.mark.parametrize(("asked", "spoken"), [("5", {4}), ("3.1.1", {5}), ("3.1", {4, 5})])
async def test_a_version_that_the_broker_does_not_speak(asked: str, spoken: set[int]) -> None:
    async with broker(limits=Limits(versions=frozenset(spoken))) as one:
        report = await examined(to(one.port, mqtt=asked))
    check = failure(report)
    assert check.stage == "mqtt"
    names = {5: "5", 4: "3.1.1"}
    spoken_names = [names[one] for one in sorted(spoken, reverse=True)]
    said = " and ".join(f"MQTT {one}" for one in spoken_names)
    key = " or ".join(f'"{one}"' for one in spoken_names)
    assert check.hint == f"the broker speaks {said}: mqtt = {key}", "and no guess beside it"


async def test_auto_finds_the_version_and_says_so() -> None:
    async with broker(limits=Limits(versions=frozenset({3, 4}))) as one:
        report = await examined(to(one.port))
    advises(check_of(report, "mqtt", Verdict.WARNING), 'MQTT 5 was refused: mqtt = "3.1.1" saves the attempt')
    found = facts(check_of(report, "versions", Verdict.OK))
    assert found["MQTT 5"].startswith("no: ")
    assert (found["MQTT 3.1.1"], found["MQTT 3.1"]) == ("yes", "yes")


@pytest.mark.mosquitto
async def test_a_keepalive_over_the_limit(start_mosquitto: Start) -> None:
    server = start_mosquitto(options=["allow_anonymous true", "max_keepalive 30"])
    report = await examined(to(server.port, mqtt="5", keepalive=60))
    advises(
        check_of(report, "profile", Verdict.WARNING),
        "the broker limits keepalive to 30 s (max_keepalive in mosquitto): keepalive = 30",
    )
    assert facts(check_of(report, "support", Verdict.OK))["keepalive"] == "30"


async def test_a_keepalive_over_the_limit_before_mqtt_5() -> None:
    """As newer mosquittos do with max_keepalive: 3.1.1 has no other way to say it."""

    def limited(connect: Connect) -> int:
        return 0x85 if connect.keepalive > 30 else 0

    async with broker(authenticate=limited) as one:
        check = failure(await examined(to(one.port, mqtt="3.1.1", keepalive=60)))
    assert (check.stage, check.code) == ("mqtt", 2)
    advises(check, "with a keepalive of 10 s it is accepted: the broker limits keepalive …")


@pytest.mark.mosquitto
async def test_no_retained_messages(start_mosquitto: Start) -> None:
    server = start_mosquitto(options=["allow_anonymous true", "retain_available false"])
    wanted = to(
        server.port, will=Will("gone", retain=True), messages=(SavedMessage("state", "s", "1", retain=True),)
    )
    report = await examined(wanted)
    assert facts(check_of(report, "support", Verdict.OK))["retained messages"] == "no (CONNACK)"
    check = check_of(report, "profile", Verdict.WARNING)
    advises(check, "the broker keeps no retained messages …: retain = false in the will")
    advises(check, "…(retain_available in mosquitto): retain = false in message 'state'")


@pytest.mark.mosquitto
async def test_a_lower_maximum_qos(start_mosquitto: Start) -> None:
    server = start_mosquitto(listeners={"tcp": ["max_qos 1"]})
    report = await examined(to(server.port, subscriptions=(Subscription("a", 2),)))
    assert facts(check_of(report, "mqtt", Verdict.OK))["maximum qos"] == "1"
    check = check_of(report, "profile", Verdict.WARNING)
    advises(check, "the broker takes QoS 1 at most (max_qos in mosquitto): lower qos in subscriptions")
    advises(check, "a is granted with QoS 1 only: qos = 1 says so")


@pytest.mark.mosquitto
async def test_messages_larger_than_the_largest_packet(start_mosquitto: Start) -> None:
    server = start_mosquitto(options=["allow_anonymous true", "max_packet_size 400"])
    message = SavedMessage("firmware", "f", "x" * 500)
    report = await examined(to(server.port, messages=(message,)))
    advises(
        check_of(report, "profile", Verdict.WARNING),
        "message 'firmware' has 500 bytes, and the broker takes packets of 400 at most (max_packet_size…",
    )


async def test_a_shorter_session() -> None:
    async with broker(limits=Limits(max_session_expiry=60)) as one:
        report = await examined(to(one.port, session_expiry=3600))
        assert not one.core.sessions
    assert check_of(report, "profile", Verdict.OK), "the doctor asks for no session of its own"


async def test_enhanced_authentication_is_gone_through() -> None:
    async with broker(users={"maria": "pencil"}) as one:
        wanted = ConnectProperties(authentication_method="SCRAM-SHA-256")
        right = to(one.port, username="maria", password="pencil", properties=wanted)
        assert (await examined(right)).exit_code is Exit.DONE
        check = failure(await examined(replace(right, password="chalk")))
    assert (check.stage, check.exit_code) == ("mqtt", Exit.NOT_AUTHORISED)
