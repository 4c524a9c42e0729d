"""The entry point ``mqttx-tui``: finds the command and imports only that."""

from __future__ import annotations

import sys
from importlib import import_module

from mqttx_tui import __version__
from mqttx_tui.cli.output import crashed, guarded

COMMANDS: dict[str, str] = {
    "sub": "print messages as they arrive",
    "pub": "publish a message",
    "request": "publish a request and wait for its answer",
    "doctor": "look a connection over, stage by stage",
    "compare": "count bytes and round trips of several connections",
    "record": "write messages to a capture file",
    "open": "look into a capture file, without any network",
    "attach": "look at a capture that runs in the background",
    "captures": "list and stop what captures in the background",
    "profiles": "list, show and check the connection profiles",
    "demo": "a simulated smart home to look at, and the app on it",
    "broker": "run the embedded broker alone",
}
"""Each is the module of that name in this package, with ``add_arguments(parser)`` and
``run(namespace) -> int``. Without a command the app starts (module ``app``)."""

_APP = "app"


def main(argv: list[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    sys.excepthook = crashed
    if arguments in (["--version"], ["-V"]):
        print(f"mqttx-tui {__version__}")
        return 0
    return guarded(lambda: _run(arguments))


def _run(arguments: list[str]) -> int:
    from argparse import RawDescriptionHelpFormatter

    from mqttx_tui.cli.parser import Parser
    from mqttx_tui.cli.properties import fold

    name, rest = _command(arguments)
    rest = fold(rest)
    module = import_module(f"mqttx_tui.cli.{name}")
    parser = Parser(
        prog="mqttx-tui" if name == _APP else f"mqttx-tui {name}",
        description=module.__doc__,
        epilog=_commands() if name == _APP else None,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if name == _APP:
        parser.add_argument("--version", action="version", version=f"mqttx-tui {__version__}")
    module.add_arguments(parser)
    code: int = module.run(parser.parse_intermixed_args(rest) if name == _APP else parser.parse_args(rest))
    return code


def _command(arguments: list[str]) -> tuple[str, list[str]]:
    """The module's name and its arguments; ``--config FILE`` may stand before the command."""
    before = 0
    if arguments[:1] == ["--config"]:
        before = 2
    elif arguments and arguments[0].startswith("--config="):
        before = 1
    if len(arguments) > before and arguments[before] in COMMANDS:
        return arguments[before], arguments[:before] + arguments[before + 1 :]
    return _APP, arguments


def _commands() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, text in COMMANDS.items()]
    return "\n".join(["commands:", *lines, "", "mqttx-tui COMMAND --help says more."])
