"""``AppError`` as plain data: in a snapshot and over the control channel."""

from __future__ import annotations

from typing import Any

from mqttx_tui.model.errors import AppError, Exit, InputError, LinkError
from mqttx_tui.model.state import ErrorInfo


def error_info(error: AppError) -> ErrorInfo:
    """What a ``ConnectionSnapshot`` holds of an error."""
    if isinstance(error, LinkError):
        return ErrorInfo(
            message=error.message,
            title=error.title,
            hint=error.hint,
            stage=error.stage,
            code=error.code,
            retry=error.retry,
            exit_code=int(error.exit_code),
        )
    return ErrorInfo(
        message=error.message, title=error.title, hint=error.hint, retry=False, exit_code=int(error.exit_code)
    )


def error_to_json(error: AppError) -> dict[str, Any]:
    """The ``error`` object of a reply; ``code`` is input, link or app."""
    reply: dict[str, Any] = {
        "code": "app",
        "stage": "",
        "message": error.message,
        "title": error.title,
        "hint": error.hint,
        "exit_code": int(error.exit_code),
    }
    if isinstance(error, InputError):
        reply["code"] = "input"
    elif isinstance(error, LinkError):
        reply |= {"code": "link", "stage": error.stage, "retry": error.retry, "reason": error.code}
    return reply


def error_from_json(value: Any) -> AppError:
    """The exception that ``error_to_json`` described; whatever is missing has a default."""
    fields: dict[str, Any] = value if isinstance(value, dict) else {}
    message = str(fields.get("message") or "the engine refused")
    title, hint = str(fields.get("title") or ""), str(fields.get("hint") or "")
    if fields.get("code") == "input":
        return InputError(message, title=title, hint=hint)
    if fields.get("code") == "link":
        reason = fields.get("reason")
        return LinkError(
            message,
            stage=str(fields.get("stage") or "link"),
            title=title,
            hint=hint,
            retry=bool(fields.get("retry", True)),
            code=reason if isinstance(reason, int) else None,
            exit_code=Exit(fields.get("exit_code", Exit.UNREACHABLE)),
        )
    return AppError(message, title=title, hint=hint)


def error_of(info: ErrorInfo) -> LinkError:
    """A snapshot's error as an exception again."""
    return LinkError(
        info.message,
        stage=info.stage or "link",
        title=info.title,
        hint=info.hint,
        retry=info.retry,
        code=info.code,
        exit_code=Exit(info.exit_code),
    )
