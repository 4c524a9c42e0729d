"""The doctor in the app: a real process of its own, against real brokers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mqttx_tui.demo.broker import Broker
from mqttx_tui.doctor.report import Check, Verdict
from mqttx_tui.ui.screens.ask import SecretPrompt
from mqttx_tui.ui.screens.doctor import DoctorScreen, check_lines
from tests.support.mosquitto import free_port
from tests.ui.live_app import Live, live


def config(port: int, more: str = "") -> str:
    return f'schema = 1\n\n[connections.lab]\nurl = "mqtt://127.0.0.1:{port}"\n{more}'


async def asked(app: Live) -> None:
    await app.press("1")
    await app.until(lambda: any(line.startswith("›") for line in app.lines), "a row under the cursor")
    await app.press("T")


@pytest.mark.parametrize("size", [(120, 40), (60, 20)])
async def test_a_connection_that_is_well(tmp_path: Path, size: tuple[int, int]) -> None:
    broker = Broker(ws_port=None)
    await broker.start()
    async with live(tmp_path, config=config(broker.port), filters=(), size=size) as app:
        await asked(app)
        await app.sees("all is well")
        await app.sees("✓ tcp")
        await app.press("end")
        await app.sees("nothing was left behind")
        await app.press("escape")
        await app.until(lambda: app.app.screen is app.app.main_screen, "back")
    await broker.stop()


async def test_a_connection_that_nobody_answers(tmp_path: Path) -> None:
    port = free_port()
    async with live(tmp_path, config=config(port), filters=()) as app:
        await asked(app)
        await app.sees("failed at tcp")
        await app.sees("✗ tcp")
        await app.sees(f"→ is the broker running, and is {port} its port?")


async def test_a_secret_is_asked_for_over_the_findings(tmp_path: Path) -> None:
    broker = Broker(ws_port=None, users={"ada": "engine-7431"})
    await broker.start()
    more = 'username = "ada"\npassword = { prompt = true }\n'
    async with live(tmp_path, config=config(broker.port, more), filters=()) as app:
        await asked(app)
        await app.until(lambda: isinstance(app.app.screen, SecretPrompt), "the question")
        await app.press(*"engine-7431", "enter")
        await app.sees("all is well")
        assert "engine-7431" not in app.text
    await broker.stop()


async def test_closing_gives_it_up_and_its_process_ends(tmp_path: Path) -> None:
    """A server that takes connections and never answers: the doctor would wait for ten seconds."""
    open_now: set[asyncio.StreamWriter] = set()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_now.add(writer)
        await reader.read()
        open_now.discard(writer)
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with live(tmp_path, config=config(port), filters=()) as app:
        await asked(app)
        await app.until(lambda: isinstance(app.app.screen, DoctorScreen) and open_now, "it is there")
        await app.press("escape")
        await app.until(lambda: not open_now, "it is gone")
        assert app.app.screen is app.app.main_screen
    server.close()
    await server.wait_closed()


def test_long_hints_are_wrapped_and_hostile_text_is_visible() -> None:
    check = Check("tls", Verdict.FAILED, "x\x1b[31m", facts=(("na\x07me", "\u202eabc"),), hint="word " * 40)
    lines = ["".join(text for text, _ in line) for line in check_lines(check, 60)]
    assert lines[0].startswith("✗ tls")
    assert all(len(line) <= 60 for line in lines[1:])
    assert len(lines) > 4
    assert not any(character in "".join(lines) for character in "\x1b\x07\u202e")
