"""The script that a newcomer starts with."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What git tracks, without any environment."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    target = tmp_path / "checkout"
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, names.decode().split("\0")):
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    return target


def run(checkout: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    home = checkout.parent / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, str(checkout / "dev"), *arguments],
        capture_output=True,
        text=True,
        env={**env, "HOME": str(home), **extra},
    )


def test_it_makes_its_environment_once(checkout: Path) -> None:
    first = run(checkout, "run", "--version")
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("mqttx-tui ")
    assert "installing packages" in first.stderr
    again = run(checkout, "run", "--version")
    assert again.stdout == first.stdout
    assert again.stderr == ""


def test_it_does_without_venv(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "venv.py").write_text("raise SystemExit(1)\n")
    done = run(checkout, "run", "profiles", "path", PYTHONPATH=str(tmp_path / "broken"))
    assert done.returncode == 0, done.stderr
    assert ".deps" in done.stderr
    assert done.stdout.endswith("connections.toml\n")
    assert not (checkout / ".venv").exists()


def test_it_says_what_it_can(checkout: Path) -> None:
    for command in ("demo", "test", "run", "check", "bench", "pictures"):
        assert f"./dev {command}" in run(checkout, "help").stdout
    assert run(checkout, "nonsense").returncode == 2


def load(checkout: Path) -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("dev_script", str(checkout / "dev"))
    spec = importlib.util.spec_from_loader("dev_script", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_programs_are_unpacked_without_root(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any small package that is not installed stands for mosquitto here."""
    if not shutil.which("apt-get") or shutil.which("hello"):
        pytest.skip("needs apt-get, and hello not installed")
    monkeypatch.setenv("PATH", os.environ["PATH"])
    script = load(checkout)
    target = checkout / ".dev" / "programs" / "bin"
    script.unpack(["hello"], target)
    if not (target / "hello").exists():
        pytest.skip("the package lists of this machine are empty")
    done = subprocess.run([target / "hello"], capture_output=True, text=True, check=True)
    assert "Hello, world" in done.stdout
