"""Connections on the screen: chips, rows, stages, subscriptions, and what keys ask of the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mqttx_tui.model.state import ErrorInfo, Phase, StageReport, SubscriptionState
from tests.ui.bench_app import NOON, Bench, bench, snapshot

CONFIG = """\
schema = 1

[connections.greenhouse]
url = "mqtt://127.0.0.1:1"
subscriptions = [{ filter = "site/#", qos = 1 }]

[connections.spare]
name = "Spare broker"
url = "mqtt://127.0.0.1:2"
subscriptions = ["a/#"]
"""


def config(directory: Path) -> str:
    path = directory / "connections.toml"
    path.write_text(CONFIG)
    return str(path)


def last(app: Bench) -> tuple[Any, ...]:
    """What the engine was asked last."""
    return app.engine.calls[-1]


RETRYING = snapshot(
    id=2,
    key="lab",
    name="lab",
    letter="B",
    phase=Phase.RETRYING,
    connected_at=None,
    attempt=3,
    retry_at=NOON / 1e9 + 8,
    stages=(
        StageReport("name", "ok", "broker.lab → 10.0.0.9", 2.0),
        StageReport("tcp", "ok", "10.0.0.9:8883", 4.0),
        StageReport("tls", "failed", 'certificate is for "mq.lab"', 11.0),
    ),
    error=ErrorInfo("the certificate is for mq.lab", "Wrong name", 'tls.server_name = "mq.lab"', "tls"),
)


async def test_a_connection_with_its_subscriptions(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        assert app.lines[0].startswith(" A greenhouse ● mqtts v5 12ms")
        assert app.lines[2][:38] == " ▾ A greenhouse ●               12ms  "
        assert app.lines[3][:38] == "     ☑ greenhouse/+/temperature   q1  "
        assert app.lines[5][:38] == "     ☐ $SYS/#                    off  "


async def test_a_refused_subscription_shows_its_reason(tmp_path: Path) -> None:
    refused = snapshot(subscriptions=(SubscriptionState("secret/#", 0, True, None, 0x87),))
    async with bench(tmp_path, snapshots=[refused]) as app:
        assert "✗ 0x87" in app.line("secret/#")


async def test_stages_and_the_hint_while_nothing_came(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[RETRYING]) as app:
        text = "\n".join(line[39:] for line in app.lines)
        assert "─ B lab ─ mqtts://broker.lab:8883" in text
        assert "attempt 3 ─  8 s ─" in text
        assert "✓ name      broker.lab → 10.0.0.9" in text
        assert "✗ TLS       certificate is for" in text
        assert "· MQTT" in text
        assert 'Try: tls.server_name = "mq.lab"' in text
        assert "Enter retry now" in text


async def test_retrying_moves_no_row_and_no_chip(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[snapshot(), RETRYING]) as app:
        await app.feed([("t", b"1", 0)])

        def places() -> list[int]:
            wanted = ("B lab", "A greenhouse", "☑ site/#", "─ 2 Topics", "─ 3 Messages")
            return [next(y for y, line in enumerate(app.lines) if name in line) for name in wanted]

        before = places(), app.lines[0].index("B")
        for phase in (Phase.CONNECTING, Phase.CONNECTED, Phase.RETRYING):
            app.app.workspace.state(snapshot(phase=phase, retry_at=NOON / 1e9 + 60))
            await app.tick()
            assert (places(), app.lines[0].index("B")) == before


async def test_keys_ask_the_engine(tmp_path: Path) -> None:
    async with bench(tmp_path, config=config(tmp_path)) as app:
        await app.press("1", "down", "down", "space")
        await app.pilot.pause()
        assert last(app) == ("unsubscribe", 1, "site/#")
        await app.press("down", "space")
        await app.pilot.pause()
        assert last(app) == ("subscribe", 1, "$SYS/#")
        await app.press("end", "enter")
        await app.pilot.pause()
        assert last(app) == ("connect", "spare")
        await app.press("home")
        await app.pilot.press("x")
        await app.pilot.pause(0.1)
        assert last(app) == ("disconnect", 1)


async def test_profiles_stand_there_before_they_are_connected(tmp_path: Path) -> None:
    async with bench(tmp_path, config=config(tmp_path)) as app:
        assert "Spare broker ○" in app.line("Spare broker")


async def test_read_only_and_unverified_stand_in_the_header(tmp_path: Path) -> None:
    async with bench(tmp_path, snapshots=[snapshot(read_only=True, tls_verified=False)]) as app:
        assert "READ ONLY" in app.lines[0]
        assert "NOT VERIFIED" in app.lines[0]
        await app.press("p")
        await app.tick()
        assert "read-only" in app.lines[-2]


async def test_the_empty_stream_says_what_can_be_done(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        text = "\n".join(line[39:] for line in app.lines)
        assert "Connected to mqtts://broker.lab:8883" in text
        assert "Nothing has arrived" in text


async def test_an_empty_stream_can_retry_and_give_up(tmp_path: Path) -> None:
    failing = snapshot(phase=Phase.FAILED, connected_at=None, error=ErrorInfo("no", "Refused", retry=False))
    async with bench(tmp_path, snapshots=[failing], config=config(tmp_path)) as app:
        assert "Not retried" in "\n".join(app.lines)
        await app.press("enter")
        await app.pilot.pause()
        assert last(app) == ("connect", "greenhouse")
        await app.pilot.press("x")
        await app.pilot.pause(0.1)
        assert last(app) == ("disconnect", 1)
