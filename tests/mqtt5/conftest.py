"""Sessions, embedded brokers, and a place for private captures."""

from __future__ import annotations

from tests.cli.conftest import runtime
from tests.demo.conftest import start_broker
from tests.session.conftest import rig

__all__ = ["rig", "runtime", "start_broker"]
