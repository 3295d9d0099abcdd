"""tui imports data, data imports engine, engine imports NumPy: never back."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BELOW = {"engine": {"engine"}, "data": {"engine", "data"}, "tui": {"engine", "data", "tui"}}
OUTSIDE = {
    "engine": {"numpy"},
    "data": {"numpy", "platformdirs"},
    "tui": {"numpy", "textual", "plotext", "rich", "platformdirs"},
}
PACKAGES = [path for package in BELOW for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    others = imported(path) - set(sys.stdlib_module_names)
    assert others <= BELOW[package] | OUTSIDE[package]


def test_the_engine_loads_numpy_and_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import engine;"
        "print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(out) - set(sys.stdlib_module_names) == {"engine", "numpy"}
