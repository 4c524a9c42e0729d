"""``${NAME}`` and ``${NAME:-default}`` in strings; ``$${`` stands for a literal ``${``."""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACEHOLDER = re.compile(
    r"(?P<literal>\$\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}"
)


class Unset(LookupError):
    """A variable without a default is not set; ``name`` is its name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def fill(text: str, environment: Mapping[str, str]) -> str:
    """``text`` with every placeholder filled in; what is no placeholder stays as it is.

    As in a shell, the default stands in for an unset and for an empty variable. Raises ``Unset``.
    """

    def value(match: re.Match[str]) -> str:
        if match["literal"]:
            return "${"
        name, default = match["name"], match["default"]
        found = environment.get(name)
        if default is not None:
            return found or default
        if found is None:
            raise Unset(name)
        return found

    return PLACEHOLDER.sub(value, text)


def escape(text: str) -> str:
    """``text`` such that ``fill`` gives it back unchanged."""
    return text.replace("${", "$${")
