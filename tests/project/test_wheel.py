"""The wheel works in an empty environment, with themes and example inside."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.terminal import pty

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def run(*command: str | Path, **options: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", target, cwd=ROOT)
    return next(target.glob("*.whl"))


def test_what_travels_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "mqttx_tui/data/connections.example.toml" in names
    assert {"dark.toml", "light.toml"} <= {
        Path(name).name for name in names if name.startswith("mqttx_tui/data/themes/")
    }
    assert not [name for name in names if name.startswith("tests/")]


def test_installed_into_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    run(sys.executable, "-m", "venv", environment)
    run(environment / "bin" / "pip", "install", "--quiet", wheel, cwd=tmp_path)
    program = environment / "bin" / "mqttx-tui"
    empty = {"HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    (tmp_path / "home").mkdir()
    assert run(program, "--version", env=empty, cwd=tmp_path).startswith("mqttx-tui ")
    assert run(program, "profiles", "list", env=empty, cwd=tmp_path) is not None
    with pty([str(program)], env={**empty, "PYTHONPATH": ""}) as terminal:
        terminal.wait_for(b"localhost", timeout=30)
