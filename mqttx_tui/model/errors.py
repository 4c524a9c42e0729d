"""The one error family: a message, a title, a hint, and what a command exits with."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the headless commands."""

    DONE = 0
    NOT_ACHIEVED = 1
    BAD_INPUT = 2
    UNREACHABLE = 3
    NOT_AUTHORISED = 4
    TLS = 5
    INTERRUPTED = 130


class AppError(Exception):
    """Something a person should read: shown where they look, or printed on stderr.

    ``title`` is a few words without a full stop, ``message`` one sentence that names the place,
    ``hint`` says what to do next (may be empty).
    """

    exit_code: Exit = Exit.NOT_ACHIEVED

    def __init__(self, message: str, *, title: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.title = title or "Error"
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class InputError(AppError):
    """Bad arguments, a bad filter, a topic that the protocol forbids."""

    exit_code = Exit.BAD_INPUT


class LinkError(AppError):
    """A connection could not be made or was lost; names the stage at which it happened.

    ``stage`` is one of ``model.state.STAGES``. ``retry`` is False where the same answer would come
    again. ``code`` is the CONNACK or DISCONNECT reason code, HTTP status or WebSocket close code,
    where there is one.
    """

    def __init__(
        self,
        message: str,
        *,
        stage: str,
        title: str = "",
        hint: str = "",
        retry: bool = True,
        code: int | None = None,
        exit_code: Exit = Exit.UNREACHABLE,
    ) -> None:
        super().__init__(message, title=title or "Connection failed", hint=hint)
        self.stage = stage
        self.retry = retry
        self.code = code
        self.exit_code = exit_code
