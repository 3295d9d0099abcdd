"""Where things are kept, and what is said when they cannot be."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from data import paths
from data.errors import cannot_read, cannot_write, reason


def test_xdg_variables_are_followed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for kind, folder in (
        ("DATA", paths.data_folder),
        ("CACHE", paths.cache_folder),
        ("CONFIG", paths.config_folder),
    ):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
        assert folder() == tmp_path / kind / "reelrank"
        for useless in ("", "relative/path"):
            monkeypatch.setenv(f"XDG_{kind}_HOME", useless)
            assert folder().is_absolute()
            assert folder().name == "reelrank"
            assert not folder().is_relative_to(Path.cwd())
    assert paths.datasets_folder().parent == paths.data_folder()


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "no permission"),
        (errno.EROFS, "read-only"),
        (errno.EXDEV, "the system says"),
    ],
)
def test_each_refusal_is_a_sentence_with_advice(code: int, says: str) -> None:
    error = OSError(code, "words of the system")
    assert says in reason(error)
    for made in (cannot_write("here", error), cannot_read("here", error)):
        text = str(made)
        assert says in text
        assert "here" in text
        assert text.endswith(".")
