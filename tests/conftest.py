"""Fixtures that all tests share: a home of their own, and the real MovieLens where it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep whatever a test stores out of the person's own folders."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for kind in ("DATA", "CACHE", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / "home" / kind.lower()))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def movielens() -> Path:
    """The folder with real MovieLens data; skips where there is none, but fails in CI."""
    folder = Path(os.environ.get("REELRANK_TEST_DATA") or ROOT.parent / "shared" / "movielens")
    if (folder / "ml-latest-small").is_dir() and (folder / "ml-100k").is_dir():
        return folder
    reason = f"no MovieLens in {folder}: set REELRANK_TEST_DATA to a folder that holds it"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
