"""Where things are kept, and what is said when they cannot be."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    ("text", "name"),
    [
        ("{}/my ratings.csv", "my ratings.csv"),
        ("'{}/my ratings.csv'", "my ratings.csv"),
        ('"{}/my ratings.csv"', "my ratings.csv"),
        ("{}/my\\ ratings.csv", "my ratings.csv"),
        ("file://{}/my%20ratings.csv", "my ratings.csv"),
        ("file://localhost{}/my%20ratings.csv", "my ratings.csv"),
        ("\n{}/my ratings.csv\n", "my ratings.csv"),
        ("\r\n  '{}/my ratings.csv'  \r\n", "my ratings.csv"),
        ("'{}/my ratings.csv", "my ratings.csv"),
        ('"{}/my ratings.csv', "my ratings.csv"),
        ("~/'{}/my ratings.csv'", "my ratings.csv"),
        ("~/file://{}/my%20ratings.csv", "my ratings.csv"),
        ("{}/O\\'Brien\\(1\\).csv", "O'Brien(1).csv"),
        ("'{}/O'\\''Brien(1).csv'", "O'Brien(1).csv"),
        ("{}/back\\slash.csv", "back\\slash.csv"),
        ("{}/'quoted'", "'quoted'"),
        ("{}/100%25.csv", "100%25.csv"),
        ("{}/not there.csv", "not there.csv"),
        ("{}/zero\x00byte.csv", "zerobyte.csv"),
    ],
)
def test_paths_as_terminals_drop_and_paste_them(tmp_path: Path, text: str, name: str) -> None:
    for one in ("my ratings.csv", "O'Brien(1).csv", "back\\slash.csv", "'quoted'", "100%25.csv"):
        (tmp_path / one).write_text("x")
    assert paths.typed(text.format(tmp_path)) == tmp_path / name


def test_the_persons_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a b.csv").write_text("x")
    for text in ("~/a b.csv", "'~/a b.csv'", "~/a\\ b.csv"):
        assert paths.typed(text) == tmp_path / "a b.csv"
    assert paths.typed("~nobody-of-that-name/x") == Path("~nobody-of-that-name/x")


@settings(deadline=None)
@given(st.text(max_size=40) | st.text("file:/[]'\"\\ ~%2", max_size=20))
def test_any_text_is_some_path(text: str) -> None:
    assert isinstance(paths.typed(text), Path)


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
