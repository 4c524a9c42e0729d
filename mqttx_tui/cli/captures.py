"""List and stop the captures that run, in the background or in other terminals."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from json import dumps

from mqttx_tui.cli.output import put, say
from mqttx_tui.engine.running import Running, find, pick, stop
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.visible import visible


def add_arguments(parser: ArgumentParser) -> None:
    """One sub-command: list or stop."""
    commands = parser.add_subparsers(dest="what", required=True, metavar="list | stop [NAME]")
    listing = commands.add_parser("list", help="what runs, since when, and who looks at it")
    listing.add_argument("--json", action="store_true", help="one JSON object per line")
    stopping = commands.add_parser("stop", help="disconnect and end it")
    stopping.add_argument(
        "name", nargs="?", default="", metavar="NAME", help="a connection of it, or its id in the list"
    )


def run(namespace: Namespace) -> int:
    """Run the sub-command. Raises ``AppError``."""
    if namespace.what == "stop":
        return asyncio.run(_stop(namespace.name))
    found = asyncio.run(find())
    for one in found:
        put(_json(one) if namespace.json else f"{one.ident}  {visible(one.words())}  ({_seen(one)})")
    if not found:
        say("nothing captures in the background")
    return Exit.DONE


async def _stop(name: str) -> int:
    one = pick(await find(), name)
    await stop(one)
    if one.kept:
        say(f"stopped {one.words()}; kept: {one.address.capture}")
    else:
        say(f"stopped {one.words()}; until the app starts next: mqttx-tui open {one.address.capture}")
    return Exit.DONE


def _seen(one: Running) -> str:
    if not one.front_ends:
        return "in the background"
    return "in a terminal" if one.front_ends == 1 else f"in {one.front_ends} terminals"


def _json(one: Running) -> str:
    return dumps(
        {
            "id": one.ident,
            "connections": one.names,
            "started": one.started_at,
            "received": one.received,
            "excluded": one.excluded,
            "lost": one.lost,
            "paused_seconds": one.paused,
            "front_ends": one.front_ends,
            "capture": one.address.capture,
            "kept": one.kept,
            "pid": one.pid,
        }
    )
