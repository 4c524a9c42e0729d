"""Arguments as ``argparse`` reads them, with complaints that a terminal cannot misread."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import NoReturn

from mqttx_tui.model.visible import visible_lines


class Parser(ArgumentParser):
    """Quotes wrong arguments with their control characters made visible."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and exit with code 2."""
        super().error("\n".join(visible_lines(message)))
