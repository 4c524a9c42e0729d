"""What commands print: data on stdout, words for people on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import TracebackType

from mqttx_tui.model.errors import AppError, Exit, LinkError
from mqttx_tui.model.visible import visible, visible_lines


def guarded(command: Callable[[], int]) -> int:
    """Run ``command``; errors become words on stderr and their exit code.

    A closed pipe ends quietly with 0, Ctrl+C with 130. Other exceptions pass.
    """
    try:
        code = command()
        sys.stdout.flush()
    except AppError as error:
        report(error)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    except BrokenPipeError:
        forget_stdout()
        return int(Exit.DONE)
    except SystemExit as ended:  # argparse, after it printed what it had to say
        return ended.code if isinstance(ended.code, int) else int(Exit.DONE)
    return code


def report(error: AppError) -> None:
    """``title (stage): message`` and the hint on a line of its own, on stderr."""
    stage = f" ({error.stage})" if isinstance(error, LinkError) else ""
    say(f"{error.title}{stage}: {error.message}")
    for line in error.hint.splitlines():
        say(f"  {line}")


def say(text: str) -> None:
    """Lines for people, on stderr; control characters become visible."""
    try:
        for line in visible_lines(text):
            print(_encodable(line, sys.stderr.encoding), file=sys.stderr)
        sys.stderr.flush()
    except BrokenPipeError:
        return


def crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """In place of ``sys.excepthook``: a traceback may quote text from outside."""
    import traceback  # nothing else needs it

    say("".join(traceback.format_exception(kind, error, trace)).rstrip("\n"))


def on_terminal() -> bool:
    """Whether stdout is a terminal: then text is made visible, else it passes as it is."""
    return sys.stdout.isatty()


def put(text: str) -> None:
    """One line of text on stdout; on a terminal control characters become visible."""
    line = visible(text) if on_terminal() else text
    sys.stdout.write(_encodable(line, sys.stdout.encoding) + "\n")


def flush() -> None:
    """Hand over what was put. Raises ``BrokenPipeError`` when the reader is gone."""
    sys.stdout.flush()


def forget_stdout() -> None:
    """Let nothing more be written to a closed pipe, not even when Python ends."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return


def _encodable(text: str, encoding: str | None) -> str:
    """``text`` with what the stream cannot encode (lone surrogates, a C locale) escaped."""
    name = encoding or "utf-8"
    return text.encode(name, "backslashreplace").decode(name)
