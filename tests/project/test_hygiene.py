"""Nothing of one machine stands in the tracked files."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MACHINE_PATH = re.compile(rb"(?<![\w.~-])/(?:root|work|home/[a-z]+)/")


def tracked() -> list[Path]:
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listing.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_path_of_a_machine() -> None:
    here = Path(__file__)
    wrong = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path != here and path.suffix not in (".png", ".raw") and MACHINE_PATH.search(path.read_bytes())
    ]
    assert not wrong
