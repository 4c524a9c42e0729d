"""What does not fit in a payload while it is typed, and where."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mqttx_tui.model.errors import InputError
from mqttx_tui.payload.encode import encode
from mqttx_tui.ui.draft import Draft

_PLACE = re.compile(r"line (\d+), column (\d+): ")


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of text; ``line`` and ``column`` count from 1, 0 where there is no place."""

    text: str
    line: int = 0
    column: int = 0


def problem_of(draft: Draft) -> tuple[Problem | None, int]:
    """What is wrong (None: nothing), and how many bytes the payload has (0: unknown).

    Of a template the placeholders are checked, and then what it would be with them filled in.
    """
    text = draft.payload
    if draft.template:
        from mqttx_tui.profiles.templates import Sending, render_text

        try:
            text = render_text(text, Sending())
        except InputError as error:
            return _placed(error), 0
    elif not text:
        return None, 0
    try:
        return None, len(encode(text, draft.format))
    except InputError as error:
        if not draft.template:
            return _placed(error), 0
        return (None if "${" in text else Problem(f"{error.title} once it is filled in: {error.message}")), 0


def _placed(error: InputError) -> Problem:
    found = _PLACE.match(error.message)
    return Problem(error.message, int(found[1]), int(found[2])) if found else Problem(error.message)
