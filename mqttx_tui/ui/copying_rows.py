"""What ``y`` and ``Y`` copy of several messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from textual.app import App

from mqttx_tui.capture.reader import CaptureReader
from mqttx_tui.model.errors import AppError, InputError
from mqttx_tui.model.message import DUP, RETAIN, Message, qos_of
from mqttx_tui.payload.json_line import iso_time
from mqttx_tui.ui.clipboard import copy
from mqttx_tui.ui.copying import json_line
from mqttx_tui.ui.desk import Desk
from mqttx_tui.ui.dialogs import ask_screen, confirm
from mqttx_tui.ui.safe import line
from mqttx_tui.ui.screens.ask import TextPrompt
from mqttx_tui.ui.screens.menu import Menu
from mqttx_tui.ui.screens.question import Answer
from mqttx_tui.ui.selection import RowSelection

MOST_ROWS = 10_000
MOST_BYTES = 2_000_000
"""What a clipboard is given at most; a file may be larger."""
MOST_IN_FILE = 1_000_000
_STEP = 200
_COLUMNS = ("time", "connection", "direction", "qos", "flags", "topic", "payload")

Names = dict[int, str]
Write = Callable[[Message, Names], str]


class Form(NamedTuple):
    """How rows are written: what it is called, one row, and a line above them."""

    name: str
    write: Write
    head: str = ""


def _payload(message: Message, names: Names) -> str:
    return message.payload.decode("utf-8", "replace")


def _json(message: Message, names: Names) -> str:
    return json_line(message, names.get(message.connection, ""))


def _topic(message: Message, names: Names) -> str:
    return message.topic


def _tsv(message: Message, names: Names) -> str:
    flags = ("R" if message.flags & RETAIN else "") + ("D" if message.flags & DUP else "")
    cells = (
        iso_time(message.at),
        names.get(message.connection, ""),
        "out" if message.outgoing else "in",
        str(qos_of(message.flags)),
        flags,
        message.topic,
        message.payload.decode("utf-8", "replace"),
    )
    return "\t".join(map(_cell, cells))


def _cell(text: str) -> str:
    for character, written in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(character, written)
    return text


FORMS = {
    "p": Form("payloads", _payload),
    "j": Form("JSON lines", _json),
    "t": Form("topics", _topic),
    "r": Form("rows (TSV)", _tsv, "\t".join(_COLUMNS)),
}


async def copy_rows(app: App[Any], desk: Desk, selection: RowSelection, key: str = "p") -> None:
    """Copy the selected rows in one of ``FORMS``. Raises ``AppError`` where they are too much."""
    count = selection.count
    if count > MOST_ROWS:
        raise InputError(f"{count:,} messages are too many", title="Not copied", hint="Y f: to a file")
    form = FORMS[key]
    lines = await asyncio.to_thread(_lines, desk.capture_path, selection.ids(MOST_ROWS), form)
    copied = len(lines)
    if key == "t":
        lines = list(dict.fromkeys(lines))
    text = "\n".join([form.head, *lines] if form.head else lines)
    copy(app, text)
    gone = f", {count - copied:,} evicted" if copied < count else ""
    what = form.name if key != "t" else f"topics of {copied:,} messages"
    desk.say("info", f"copied {len(lines):,} {what}, {len(text):,} characters{gone}")


async def rows_menu(app: App[Any], desk: Desk, selection: RowSelection) -> None:
    """Ask how to copy the selected rows, and do it. Raises ``AppError``."""
    answers = [Answer(key, form.name) for key, form in FORMS.items()]
    answers.append(Answer("f", "JSON lines to a file"))
    chosen = await ask_screen(app, Menu(f"Copy {selection.count:,} messages", tuple(answers)))
    if chosen == "f":
        await _to_file(app, desk, selection)
    elif chosen:
        await copy_rows(app, desk, selection, chosen)


async def _to_file(app: App[Any], desk: Desk, selection: RowSelection) -> None:
    ids = selection.ids(MOST_IN_FILE)
    if not ids:
        return
    proposal = Path.cwd() / f"messages-{ids[0]}-{ids[-1]}.jsonl"
    answer = await ask_screen(app, TextPrompt("Write the messages to", str(proposal)))
    if not answer or not answer.strip():
        return
    path = Path(answer.strip()).expanduser()
    if path.exists() and not await confirm(app, f"{path} exists. Replace it?", yes="Replace"):
        return
    try:
        written = await asyncio.to_thread(_write, desk.capture_path, ids, path)
    except OSError as error:
        raise AppError(f"{line(str(path))}: {error.strerror}", title="Not written") from None
    gone = f", {len(ids) - written:,} evicted" if written < len(ids) else ""
    if selection.count > len(ids):
        gone += f"; {selection.count - len(ids):,} more are too many for one file"
    desk.say("info", f"wrote {written:,} messages to {line(str(path))}{gone}")


def _write(capture: str, ids: Sequence[int], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for text in _written(capture, ids, FORMS["j"]):
            file.write(text + "\n")
            count += 1
    return count


def _lines(capture: str, ids: Sequence[int], form: Form) -> list[str]:
    """The rows that are still there. Raises ``InputError`` for more than ``MOST_BYTES``."""
    lines: list[str] = []
    size = 0
    for text in _written(capture, ids, form):
        size += len(text) + 1
        if size > MOST_BYTES:
            raise InputError(
                f"more than {MOST_BYTES:,} characters are too much", title="Not copied", hint="Y f: to a file"
            )
        lines.append(text)
    return lines


def _written(capture: str, ids: Sequence[int], form: Form) -> Iterable[str]:
    """Call it in a thread: it has a reader of its own, and reads in steps."""
    reader = CaptureReader(capture)
    try:
        names = {number: row.name for number, row in reader.connections().items()}
        for start in range(0, len(ids), _STEP):
            for message in reader.by_ids(ids[start : start + _STEP], payload=MOST_BYTES):
                if len(message.payload) < message.payload_size:
                    message = replace(message, payload=reader.payload(message.id))
                yield form.write(message, names)
    finally:
        reader.close()
