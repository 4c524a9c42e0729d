"""docs/websocket.md: its profile logs in to a server that speaks STOMP; its table names what there is."""

from __future__ import annotations

import argparse
import asyncio
import re
from pathlib import Path

from websockets.asyncio.server import ServerConnection
from websockets.typing import Subprotocol

from mqttx_tui.cli import pub, request
from mqttx_tui.model.errors import Exit
from mqttx_tui.profiles.keys import CONNECTION_KEYS, MESSAGE
from mqttx_tui.ui.form_sections import FIELDS
from mqttx_tui.ui.saved_messages import FIELDS as SAVED
from tests.cli.commands import run
from tests.support.websockets import serving

PAGE = (Path(__file__).parents[2] / "docs" / "websocket.md").read_text()
ROWS = [[cell.strip() for cell in row.split("|")] for row in re.findall(r"^\|(.*)\|$", PAGE, re.MULTILINE)][
    2:
]


async def test_the_profile_logs_in_and_listens(tmp_path: Path) -> None:
    heard: list[str | bytes] = []

    async def rabbit(connection: ServerConnection) -> None:
        heard.append(await connection.recv())
        await connection.send("CONNECTED\nversion:1.2\n\n\0")
        heard.append(await connection.recv())
        await connection.send('MESSAGE\nsubscription:0\nmessage-id:1\n\n{"t":21}\0')
        await connection.wait_closed()

    [profile] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    async with serving(rabbit, subprotocols=[Subprotocol("v12.stomp")]) as server:
        config = tmp_path / "connections.toml"
        config.write_text("schema = 1\n" + profile.replace("ws://localhost:15674/ws", str(server.url)))
        words = ("sub", "rabbit", "-C", "2", "-W", "20", "--config", str(config))
        done = await asyncio.to_thread(run, *words, RABBIT_PASSWORD="geheim-15")
    assert done.returncode == Exit.DONE, done.stderr
    assert done.stdout.split(b"\0\n")[:2] == [
        b"CONNECTED\nversion:1.2\n\n",
        b'MESSAGE\nsubscription:0\nmessage-id:1\n\n{"t":21}',
    ]
    assert heard == [
        "CONNECT\naccept-version:1.2\nhost:/\nlogin:guest\npasscode:geheim-15\n\n\0",
        "SUBSCRIBE\nid:0\ndestination:/topic/lab\n\n\0",
    ]
    assert b"geheim" not in done.stderr


def test_the_table_names_what_there_is() -> None:
    assert len(ROWS) > 10
    labels = {field.label for field in FIELDS} | {field.label for field in SAVED}
    options = set()
    for command in (pub, request):
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        options |= set(parser._option_string_actions)
    for _, app, profile, line in ROWS:
        for label in re.findall(r"\*([^*]+)\*", app):
            assert label in labels | {"format", "more", "frames"}, label
        for key in re.findall(r"`(\w+)`", profile):
            assert key in {*CONNECTION_KEYS, *MESSAGE.checks}, key
        for option in re.findall(r"(?<![\w-])(--?[a-zA-Z0-9-]+)", line):
            assert option in options, option
