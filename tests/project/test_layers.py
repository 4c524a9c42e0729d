"""Imports go down only: proved over the import graph, and in fresh processes."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mqttx_tui

PACKAGE = Path(mqttx_tui.__file__).parent
LEVEL = {
    "model": 0,
    "wire": 1,
    "payload": 1,
    "profiles": 1,
    "capture": 1,
    "transport": 2,
    "session": 3,
    "engine": 4,
    "doctor": 4,
    "compare": 5,
    "ui": 6,
    "cli": 6,
    "demo": 6,
}
FRAMEWORKS = {
    "textual": {"ui"},
    "aiomqtt": {"session", "demo"},
    "paho": {"session"},
    "websockets": {"transport", "session", "demo"},
    "sqlite3": {"capture"},
}
STARTS = {("cli", "ui"), ("cli", "demo")}
"""The command line starts the interface and the demo, by an import inside a function."""


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).parts
        if len(parts) > 1:
            yield parts[0], path


def import_nodes(path: Path) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """Every import statement, and whether it stands inside a function."""
    tree = ast.parse(path.read_text())
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = {id(child) for function in functions for child in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, id(node) in inside


def imports(path: Path) -> Iterator[tuple[str, int, bool]]:
    """Every import as (module, line, whether it stands inside a function)."""
    for node, deferred in import_nodes(path):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno, deferred
        elif node.module:
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.module, node.lineno, deferred


def test_every_folder_has_a_layer() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders - {"data"} == set(LEVEL)


def test_imports_go_down_only() -> None:
    wrong = []
    for folder, path in modules():
        for name, line, deferred in imports(path):
            if not name.startswith("mqttx_tui."):
                continue
            other = name.split(".")[1]
            if other == folder or other not in LEVEL or LEVEL[other] < LEVEL[folder]:
                continue
            if (folder, other) in STARTS and deferred:
                continue
            wrong.append(f"{path.relative_to(PACKAGE)}:{line} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_frameworks_stay_where_they_belong() -> None:
    wrong = []
    for folder, path in modules():
        for name, line, _ in imports(path):
            allowed = FRAMEWORKS.get(name.split(".")[0])
            if allowed is not None and folder not in allowed:
                wrong.append(f"{path.relative_to(PACKAGE)}:{line} imports {name}")
    assert not wrong, "\n".join(wrong)


def module_name(path: Path) -> str:
    return ".".join(("mqttx_tui", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def test_no_modules_import_each_other() -> None:
    """Also not for annotations only: what stands under TYPE_CHECKING counts as well."""
    paths = {module_name(path): path for _, path in modules()}
    graph: dict[str, set[str]] = {}
    for name, path in paths.items():
        found = set()
        for node, deferred in import_nodes(path):
            if deferred:
                continue
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif node.module:
                below = {f"{node.module}.{alias.name}" for alias in node.names}
                found |= below & paths.keys() or {node.module}
        graph[name] = found & paths.keys() - {name}
    done: set[str] = set()
    cycles: list[str] = []

    def visit(name: str, trail: list[str]) -> None:
        if name in trail:
            cycles.append(" -> ".join([*trail[trail.index(name) :], name]))
        elif name not in done:
            for other in sorted(graph[name]):
                visit(other, [*trail, name])
            done.add(name)

    for name in sorted(graph):
        visit(name, [])
    assert not cycles, "\n".join(cycles)


def loaded(code: str) -> set[str]:
    script = f"import json, sys\n{code}\nprint(json.dumps(sorted({{n.split('.')[0] for n in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("code", "banned"),
    [
        ("import mqttx_tui.cli.main", {"textual", "rich", "aiomqtt", "websockets", "sqlite3"}),
        ("import mqttx_tui.cli.pub, mqttx_tui.cli.sub, mqttx_tui.cli.record", {"textual"}),
        ("import mqttx_tui.engine.engine", {"textual", "rich"}),
        ("import mqttx_tui.engine.client", {"textual", "aiomqtt", "paho", "websockets"}),
        ("import mqttx_tui.ui.app", {"aiomqtt", "paho", "websockets"}),
        ("import mqttx_tui.profiles.load", {"textual", "rich", "aiomqtt", "websockets", "sqlite3"}),
    ],
)
def test_what_a_process_loads(code: str, banned: set[str]) -> None:
    assert not loaded(code) & banned
