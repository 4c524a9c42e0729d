"""One time zone for what stands on the screen."""

from tests.ui.conftest import utc

__all__ = ["utc"]
