"""Fixtures of the commands' tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mqttx_tui.capture.place import file_system


@pytest.fixture(autouse=True)
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A place for private captures into which no other test looks."""
    parent = "/dev/shm" if file_system("/dev/shm") == "tmpfs" else None
    with tempfile.TemporaryDirectory(prefix="test-", dir=parent) as directory:
        monkeypatch.setenv("XDG_RUNTIME_DIR", directory)
        monkeypatch.setenv("TMPDIR", directory)
        yield Path(directory)
