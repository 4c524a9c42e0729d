"""Y: what is copied of a message; lines for shells are run against a real broker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.model.endpoint import parse_url
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import BINARY_FRAME, RETAIN, WEBSOCKET, Message
from mqttx_tui.model.profile import Profile, SecretRef, TlsOptions
from mqttx_tui.ui import copying_rows, shell_lines
from mqttx_tui.ui.shell_lines import Target
from tests.support.mosquitto import Mosquitto
from tests.ui.bench_app import NOON, bench

QOS1 = 0b010
LAB = Target(parse_url("mqtts://broker.lab:8883"), version="5")
PAYLOADS = [
    b"21.4",
    b"",
    b'it\'s $HOME `id` "quoted" \\ !! %s',
    b"-m --help",
    b"two\nlines\n",
    "grüße 温度".encode(),
    bytes(range(256)),
    b"\0",
    b"tab\there \x1b[31m",
    b"\n\n",
]


def message(payload: bytes, topic: str = "site/7/set", flags: int = 0) -> Message:
    return Message(1, NOON, 1, 1, topic, flags, 9, payload, len(payload))


@pytest.mark.mosquitto
@pytest.mark.parametrize("tool", ["mosquitto_pub", "mqttx_tui"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_copied_line_publishes_the_same_bytes(
    start_mosquitto: Callable[..., Mosquitto], tmp_path: Path, payload: bytes, tool: str
) -> None:
    broker = start_mosquitto()
    topic = 'site/it\'s $(id)/"x" *'
    make = getattr(shell_lines, tool)
    url = f"mqtt://127.0.0.1:{broker.port}"
    text = make(message(payload, topic, RETAIN | QOS1), Target(parse_url(url)))
    assert "\t" not in text
    assert "\x1b" not in text
    bin_path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": bin_path, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    subprocess.run(["sh", "-c", text], check=True, env=environment, timeout=30)
    listen = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-t", "#", "-C", "1", "-W", "5"]
    found = subprocess.run([*listen, "-F", "%t %r %x"], capture_output=True, timeout=30)
    if payload:
        assert found.stdout.decode().rstrip("\n") == f"{topic} 1 {payload.hex()}"
    else:
        assert found.stdout == b""


@given(st.text(), st.binary())
@settings(max_examples=200)
def test_no_line_holds_what_a_terminal_would_act_on(topic: str, payload: bytes) -> None:
    for make in (shell_lines.mosquitto_pub, shell_lines.mqttx, shell_lines.mqttx_tui):
        try:
            text = make(message(payload, topic), LAB)
        except InputError:
            continue
        assert shell_lines.is_plain(text)


def test_a_password_is_never_written_out() -> None:
    plain = Profile(
        "lab", "mqtts://me:hunter2@broker.lab", password="hunter2", tls=TlsOptions(ca="my ca.pem")
    )
    for make in (shell_lines.mosquitto_pub, shell_lines.mosquitto_sub, shell_lines.mqttx):
        text = make(message(b"1"), Target(parse_url("mqtts://broker.lab"), profile=plain))
        assert "hunter2" not in text
        assert '-u me -P "$MQTT_PASSWORD"' in text
        assert "'my ca.pem'" in text
    named = Profile("lab", "mqtts://broker.lab", username="me", password=SecretRef("env", "LAB_PASSWORD"))
    assert '-P "$LAB_PASSWORD"' in shell_lines.mosquitto_pub(
        message(b"1"), Target(LAB.endpoint, profile=named)
    )
    text = shell_lines.mqttx_tui(message(b"1"), Target(LAB.endpoint, profile=named))
    assert "--password-env LAB_PASSWORD" in text


def test_lines_for_other_transports() -> None:
    over_ws = Target(parse_url("mqtt+ws://broker.lab:9001/mqtt"))
    assert "-l ws -h broker.lab -p 9001 --path /mqtt" in shell_lines.mqttx(message(b"1"), over_ws)
    with pytest.raises(InputError, match="WebSocket"):
        shell_lines.mosquitto_pub(message(b"1"), over_ws)
    unix = Target(parse_url("unix:///run/mosquitto.sock"))
    assert "--unix /run/mosquitto.sock" in shell_lines.mosquitto_pub(message(b"1"), unix)
    raw = Target(parse_url("wss://ticker.example/stream"), protocol="websocket")
    assert shell_lines.websocat(message(b'{"a":1}', "", WEBSOCKET), raw) == (
        "printf '%s\\n' '{\"a\":1}' | websocat -n wss://ticker.example:443/stream"
    )
    frame = message(b"\x01\xff", "", WEBSOCKET | BINARY_FRAME)
    assert (
        shell_lines.websocat(frame, raw)
        == "printf '\\001\\377' | websocat -n -b wss://ticker.example:443/stream"
    )
    assert shell_lines.mqttx_tui(frame, raw) == "mqttx-tui pub wss://ticker.example:443/stream --hex 01ff"


async def test_the_menu_copies_what_its_keys_say(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await app.feed([("site/7/temp", b'{"value": 21.4, "unit": "C"}', QOS1 | RETAIN)])

        async def copied(key: str) -> str:
            await app.press("Y")
            assert "as mosquitto_pub" in "\n".join(app.lines)
            await app.press(key)
            await app.until(lambda: app.app.screen is app.app.main_screen, "the menu to close")
            await app.tick()
            return app.app.clipboard

        assert await copied("t") == "site/7/temp"
        assert await copied("p") == '{"value": 21.4, "unit": "C"}'
        assert await copied("v") == "21.4"
        assert json.loads(await copied("j"))["payload"] == '{"value": 21.4, "unit": "C"}'
        assert (await copied("m")).startswith("mosquitto_pub -h broker.lab -p 8883 -V mqttv5")
        assert "-t site/7/temp" in await copied("s")
        assert (await copied("x")).startswith("mqttx pub -l mqtts")
        assert (await copied("u")).startswith("mqttx-tui pub mqtts://broker.lab:8883 --topic=site/7/temp")
        profile = tomllib.loads(await copied("c"))["connections"]["broker-lab-8883"]
        assert profile["url"] == "mqtts://broker.lab:8883"
        before = app.app.clipboard
        assert await copied("escape") == before


async def test_a_payload_is_written_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "payload.bin"
    async with bench(tmp_path) as app:
        await app.feed([("site/7/raw", bytes(range(256)), 0)])
        await app.press("Y", "f")
        await app.until(lambda: "Write the payload to" in "\n".join(app.lines), "the question")
        await app.press("ctrl+u", *str(target), "enter")
        await app.until(target.exists, "the file")
        await app.until(lambda: target.stat().st_size == 256, "all of it")
        assert target.read_bytes() == bytes(range(256))


async def test_rows_beyond_what_a_file_takes_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying_rows, "MOST_IN_FILE", 5)
    target = tmp_path / "rows.jsonl"
    async with bench(tmp_path) as app:
        await app.feed([("t", b"%d" % number, 0) for number in range(8)])
        await app.press("V", "g", "Y", "f")
        await app.until(lambda: "Write the messages to" in "\n".join(app.lines), "the question")
        await app.press("ctrl+u", *str(target), "enter")
        await app.until(lambda: any("wrote" in one.text for one in app.app.workspace.notices), "the file")
        (text,) = [one.text for one in app.app.workspace.notices if "wrote" in one.text]
        assert text.startswith("wrote 5 messages to ")
        assert text.endswith("; 3 more are too many for one file")
        assert len(target.read_text().splitlines()) == 5
