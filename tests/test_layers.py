"""tui imports data, data imports engine, engine imports NumPy: never back, and in no circle."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BELOW = {"engine": {"engine"}, "data": {"engine", "data"}, "tui": {"engine", "data", "tui"}}
OUTSIDE = {
    "engine": {"numpy"},
    "data": {"numpy", "platformdirs"},
    "tui": {"numpy", "textual", "plotext", "rich", "platformdirs"},
}
INSIDE_TUI = {
    "terminal": set[str](),
    "text": {"terminal"},
    "widgets": {"text", "terminal"},
    "session": {"text", "terminal"},
    "screens": {"session", "widgets", "text", "terminal"},
    "commands": {"session", "text", "terminal"},
}
"""What each part of `tui` may import besides itself; `app` and `__main__` may import all."""
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in BELOW
    for path in sorted((ROOT / package).rglob("*.py"))
}
EVERY = pytest.mark.parametrize("name", list(MODULES))


def imports(name: str) -> set[str]:
    """Return the modules, of ours and of others, that a module imports when it is loaded."""
    found = set()
    for node in statements(ast.parse(MODULES[name].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {one for one in inner if one in MODULES} or {node.module}
            if not inner <= MODULES.keys():
                found.add(node.module)
    return found


def statements(module: ast.Module) -> list[ast.AST]:
    """Return every statement, wherever it stands, also one for the type checker alone."""
    return list(ast.walk(module))


@EVERY
def test_imports_run_one_way(name: str) -> None:
    package = name.split(".", maxsplit=1)[0]
    others = {one.split(".")[0] for one in imports(name)} - set(sys.stdlib_module_names)
    assert others <= BELOW[package] | OUTSIDE[package]


@EVERY
def test_parts_of_the_app_know_only_what_is_below_them(name: str) -> None:
    part = name.split(".")[1] if name.startswith("tui.") else ""
    if part not in INSIDE_TUI:
        return
    known = {one.split(".")[1] for one in imports(name) if one.startswith("tui.")}
    assert known <= INSIDE_TUI[part] | {part}


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {
        name: {one for one in imports(name) if one in MODULES and not name.startswith(f"{one}.")}
        - {name}
        for name in MODULES
    }
    TopologicalSorter(graph).prepare()


def test_every_module_can_be_read_in_one_sitting() -> None:
    long = {name: n for name, path in MODULES.items() if (n := lines(path)) > 350}
    assert not long


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_the_engine_loads_numpy_and_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import engine;"
        "print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(out) - set(sys.stdlib_module_names) == {"engine", "numpy"}
