"""The engine as a process: ``python -m mqttx_tui.engine``.

Prints one line, where it listens, and serves until a front end asks for ``shutdown`` or the last
one has left. Whatever it logs goes to a file in its private directory.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from mqttx_tui.capture.limits import Limits, default_limits
from mqttx_tui.capture.place import clean_up
from mqttx_tui.engine.address import Address
from mqttx_tui.engine.engine import LocalEngine
from mqttx_tui.engine.room import Room, make_room
from mqttx_tui.engine.server import ControlServer
from mqttx_tui.model.errors import AppError

log = logging.getLogger(__name__)

LOG_NAME = "engine.log"


def main() -> int:
    """Run the engine; returns the exit status."""
    parser = argparse.ArgumentParser(prog="mqttx_tui.engine", description=__doc__)
    parser.add_argument("--capture", default="", help="the capture file to keep")
    for name in ("messages", "size", "topics"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--low-memory", action=argparse.BooleanOptionalAction)
    arguments = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the front end's
    try:
        asyncio.run(_serve(arguments))
    except AppError as error:
        print(f"{error.title}: {error.message}", file=sys.stderr)
        return int(error.exit_code)
    return 0


async def _serve(arguments: argparse.Namespace) -> None:
    left = clean_up()
    room = make_room(arguments.capture)
    remove = True
    try:
        keep = await _run(arguments, room, tuple(str(path) for path in left))
        remove = not keep or room.kept
    finally:
        room.directory.release(remove=remove)


async def _run(arguments: argparse.Namespace, room: Room, left: tuple[str, ...]) -> bool:
    """Serve until the end; returns whether a private capture stays."""
    ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def end(keep: bool) -> None:
        if not ended.done():
            ended.set_result(keep)

    server = ControlServer(end, left, room.why)
    engine = LocalEngine(
        room.path,
        listener=server,
        ask=server.prompts.ask,
        kept=room.kept,
        limits=_limits(arguments, room.path.parent),
    )
    with contextlib.suppress(NotImplementedError):  # Windows ends processes without asking
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end, True)
    _say(await server.serve(engine, room.directory.path, str(room.path)))
    _log_to(room.directory.path / LOG_NAME)
    keep = await ended
    if room.copy_to is not None:
        keep = not await _copied(engine, room.copy_to)
    await engine.shutdown(keep=keep)
    await server.close()
    return keep


async def _copied(engine: LocalEngine, target: Path) -> bool:
    try:
        await engine.save(str(target))
    except AppError:
        log.exception("the capture was not saved to %s", target)
        return False
    return True


def _limits(arguments: argparse.Namespace, directory: Path) -> Limits:
    limits = default_limits(directory, arguments.low_memory)
    given = {"messages": arguments.messages, "bytes": arguments.size, "topics": arguments.topics}
    return replace(limits, **{name: value for name, value in given.items() if value is not None})


def _say(address: Address) -> None:
    """Tell the front end where to attach, and let go of its pipe."""
    sys.stdout.buffer.write(address.line())
    sys.stdout.flush()
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _log_to(path: Path) -> None:
    """Send the log and whatever else is written to stderr to a file that only its owner reads."""
    path.touch(mode=0o600)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, sys.stderr.fileno())
    os.close(descriptor)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")


if __name__ == "__main__":
    raise SystemExit(main())
