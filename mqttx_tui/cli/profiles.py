"""List, show and check the connection profiles."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, Namespace
from typing import Any

from mqttx_tui.cli.arguments import add_config
from mqttx_tui.cli.output import put, say
from mqttx_tui.model.errors import Exit
from mqttx_tui.model.profile import Profile
from mqttx_tui.model.visible import visible
from mqttx_tui.profiles.load import ProfileFile, load
from mqttx_tui.profiles.paths import config_path


def add_arguments(parser: ArgumentParser) -> None:
    """One sub-command: list, show, check, path or example."""
    add_config(parser)
    commands = parser.add_subparsers(
        dest="what", required=True, metavar="list | show NAME | check | path | example"
    )
    listing = commands.add_parser("list", help="names, urls and what is special about them")
    listing.add_argument("--json", action="store_true", help="one JSON object per line")
    showing = commands.add_parser("show", help="one profile as TOML, secrets masked")
    showing.add_argument("name", metavar="NAME")
    commands.add_parser("check", help="every problem in the file")
    commands.add_parser("path", help="where the file is")
    commands.add_parser("example", help="a file that shows every key")
    for command in commands.choices.values():
        command.add_argument("--config", default=SUPPRESS, metavar="FILE", help="the profile file")


def run(namespace: Namespace) -> int:
    """Run the sub-command."""
    path = config_path(namespace.config)
    if namespace.what == "path":
        put(str(path))
        return Exit.DONE
    if namespace.what == "example":
        return _example()
    file = load(path)
    if namespace.what == "check":
        return _check(file)
    if namespace.what == "show":
        return _show(file, namespace.name)
    return _list_json(file) if namespace.json else _list(file)


def _list(file: ProfileFile) -> int:
    rows = [[p.key, p.label if p.name else "", _url(p), p.group, ", ".join(_marks(p))] for p in file.profiles]
    rows += [[key, "", "", "", "has problems"] for key in file.broken]
    if rows:
        rows = [["PROFILE", "NAME", "URL", "GROUP", ""], *rows]
    columns = [index for index in range(5) if index in (0, 2, 4) or any(row[index] for row in rows[1:])]
    widths = {index: max((len(visible(row[index])) for row in rows), default=0) for index in columns}
    for row in rows:
        put("  ".join(visible(row[index]).ljust(widths[index]) for index in columns).rstrip())
    _mention_problems(file)
    return Exit.DONE


def _list_json(file: ProfileFile) -> int:
    from json import dumps

    for profile in file.profiles:
        put(
            dumps(
                {
                    "key": profile.key,
                    "name": profile.name,
                    "group": profile.group,
                    "url": _url(profile),
                    "protocol": profile.protocol,
                    "connect": profile.connect,
                    "read_only": profile.read_only,
                    "subscriptions": [item.filter for item in profile.subscriptions if item.on],
                    "line": profile.line,
                },
                ensure_ascii=False,
            )
        )
    _mention_problems(file)
    return Exit.DONE


def _show(file: ProfileFile, name: str) -> int:
    from mqttx_tui.profiles import toml
    from mqttx_tui.profiles.plain import masked
    from mqttx_tui.profiles.target import profile_for

    profile = profile_for(name, file)
    for line in toml.connection(profile.key, masked(profile)).removesuffix("\n").split("\n"):
        put(line)
    return Exit.DONE


def _example() -> int:
    from mqttx_tui.profiles.resources import example

    for line in example().removesuffix("\n").split("\n"):
        put(line)
    return Exit.DONE


def _check(file: ProfileFile) -> int:
    for problem in file.problems:
        put(str(problem))
    if file.problems:
        return Exit.BAD_INPUT
    if not file.exists:
        say(f"{file.path}: no such file, so there are no profiles")
    else:
        number = len(file.profiles)
        say(f"{file.path}: {number} profile{'' if number == 1 else 's'}, no problems")
    return Exit.DONE


def _mention_problems(file: ProfileFile) -> None:
    number = len(file.problems)
    if number:
        say(f"{number} problem{'' if number == 1 else 's'}: mqttx-tui profiles check")
    elif not file.exists:
        say(f"no profiles yet: {file.path} is not there")


def _url(profile: Profile) -> str:
    from mqttx_tui.profiles.plain import masked

    url: Any = masked(profile)["url"]
    return url if isinstance(url, str) else f"(from {next(iter(url))})"


def _marks(profile: Profile) -> list[str]:
    marks = []
    if profile.connect:
        marks.append("connects at start")
    if profile.read_only:
        marks.append("read only")
    if not profile.tls.verify:
        marks.append("certificate not verified")
    return marks
