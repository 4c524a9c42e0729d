"""Failures below the protocol, from their kind to the error that a person reads."""

from __future__ import annotations

from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.visible import visible
from mqttx_tui.transport.failure_kinds import LOWER
from mqttx_tui.transport.failure_kinds_upper import UPPER

VALUE_LIMIT = 200
"""Longest text from outside that is quoted in a sentence."""

FAILURES = LOWER | UPPER
"""Every way in which a connection fails below the protocol."""


class LinkFailure(LinkError):
    """A ``LinkError`` made from the row ``kind`` of ``FAILURES``."""

    kind = ""


def failure(name: str, /, *, code: int | None = None, stage: str = "", **values: object) -> LinkFailure:
    """The error of one row of ``FAILURES``, its templates filled with ``values``.

    ``stage`` overrides the row's, for failures that can happen at several. Values are made visible
    and clipped: many come from the peer.
    """
    row = FAILURES[name]
    shown = {key: visible(str(value), VALUE_LIMIT) for key, value in values.items()}
    error = LinkFailure(
        row.message.format_map(shown),
        stage=stage or row.stage,
        title=row.title.format_map(shown),
        hint=row.hint.format_map(shown),
        retry=row.retry,
        code=code,
        exit_code=row.exit_code,
    )
    error.kind = name
    return error


def is_kind(error: LinkError, name: str) -> bool:
    """Whether ``error`` was made from the row ``name``."""
    return isinstance(error, LinkFailure) and error.kind == name
