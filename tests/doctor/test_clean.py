"""The doctor leaves nothing behind: by what the broker itself says, and would write to its disk."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.demo.broker.limits import Limits
from mqttx_tui.doctor.plan import PREFIX, SHORT_ID
from mqttx_tui.doctor.report import Verdict
from mqttx_tui.model.profile import Profile, Subscription, Will
from tests.cli.commands import mosquitto_pub
from tests.doctor.patients import check_of, examined
from tests.support.mosquitto import Mosquitto, find
from tests.support.wait import eventually

Start = Callable[..., Mosquitto]
EVERYTHING = {
    "client_id": "plant-7",
    "clean_start": False,
    "session_expiry": 3600.0,
    "will": Will("gone", retain=True),
    "subscriptions": (Subscription("a/#", 1), Subscription("b", 2)),
}


def state(broker: Broker) -> tuple[object, ...]:
    """Everything that the embedded broker holds of clients."""
    core = broker.core
    sessions = {name: sorted(session.subscriptions) for name, session in core.sessions.items()}
    topics = sorted(topic for topic in core.retained._messages if not topic.startswith("$SYS/"))
    return sessions, topics, len(core.open)


@pytest.mark.parametrize("mqtt", ["5", "3.1.1", "3.1"])
@pytest.mark.parametrize("refused", ["nothing", "subscribe", "publish"])
async def test_the_embedded_broker_is_as_before(mqtt: str, refused: str) -> None:
    """Also where the examination ends half-way."""

    def authorise(client: str, user: str | None, act: str, topic: str) -> int:
        return 0x87 if act == refused else 0

    broker = Broker(ws_port=None, authorise=authorise, limits=Limits(sys_interval=3600))
    await broker.start()
    before = state(broker)
    wanted = Profile("lab", f"mqtt://127.0.0.1:{broker.port}", mqtt=mqtt, **EVERYTHING)  # type: ignore[arg-type]
    report = await examined(wanted, seconds=2)
    assert check_of(report, "clean", Verdict.OK)
    await eventually(lambda: state(broker) == before, "the broker is as before")
    await broker.stop()


@pytest.mark.mosquitto
@pytest.mark.parametrize("mqtt", ["5", "3.1.1"])
async def test_mosquitto_has_nothing_to_write_down(mqtt: str, start_mosquitto: Start) -> None:
    """What a mosquitto with persistence keeps, retained messages and sessions, is in one file at its end."""
    server = start_mosquitto(options=["allow_anonymous true", "persistence true"])
    kept = [
        find("mosquitto_sub") or "",
        "-p",
        str(server.port),
        "-c",
        "-i",
        "keeper",
        "-q",
        "1",
        "-t",
        "kept/#",
    ]
    subprocess.run([*kept, "-E"], check=True, timeout=20)
    mosquitto_pub(server, "-t", "lab/state", "-m", "on", "-r")
    wanted = Profile("lab", f"mqtt://127.0.0.1:{server.port}", mqtt=mqtt, **EVERYTHING)  # type: ignore[arg-type]
    report = await examined(wanted)
    assert check_of(report, "clean", Verdict.OK)
    assert f"'{PREFIX}/" in server.log, "something was published"
    server.stop()
    disk = (server.directory / "mosquitto.db").read_bytes()
    for there in (b"keeper", b"kept/#", b"lab/state"):
        assert there in disk
    for gone in (PREFIX, SHORT_ID, "plant-7", "gone", "a/#"):
        assert gone.encode() not in disk
