"""Where things are kept: the person's own folders, never the source tree or the working one."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import platformdirs

NAME = "reelrank"
DAY = 24 * 60 * 60
"""Seconds."""
CACHE_LIMIT = 4 << 30
"""Bytes that parsed copies of datasets may take together; the longest unused goes first."""


def data_folder() -> Path:
    """Return the folder of what must not be lost: ratings, profiles, saved models, downloads."""
    return _xdg("XDG_DATA_HOME") or platformdirs.user_data_path(NAME, appauthor=False)


def cache_folder() -> Path:
    """Return the folder of what can be made again: parsed datasets."""
    return _xdg("XDG_CACHE_HOME") or platformdirs.user_cache_path(NAME, appauthor=False)


def config_folder() -> Path:
    """Return the folder of the person's settings."""
    return _xdg("XDG_CONFIG_HOME") or platformdirs.user_config_path(NAME, appauthor=False)


def datasets_folder() -> Path:
    """Return the folder of downloaded datasets."""
    return data_folder() / "datasets"


def typed(text: str) -> Path:
    r"""Return the path that a person typed, pasted or dropped onto the terminal.

    Terminals drop a file as `'a file'`, `"a file"`, `a\ file` or `file:///a%20file`, some with a
    line break before it, and a quotation mark may have been left over. A file that really has such
    a name is found all the same. `~` is the person's own folder.
    """
    meanings = [_at_home(meaning) for meaning in _meanings(text)]
    return next((path for path in meanings if _exists(path)), meanings[-1])


def _meanings(text: str) -> Iterator[str]:
    """Yield what a text may mean as a path, from the letter to the likeliest."""
    text = text.replace("\x00", "")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    text = lines[0] if lines else ""
    yield text
    behind = re.match(r"~/\s*(?=['\"]|file:)", text)  # dropped behind what stood there
    text = text[behind.end() :] if behind else text
    if text.lower().startswith("file:"):
        with suppress(ValueError):  # brackets that are no address
            yield unquote(urlsplit(text).path) or text
        return
    quoted = re.fullmatch(r"(['\"])(.*)\1", text)
    if quoted:
        yield quoted[2].replace("'\\''", "'") if quoted[1] == "'" else quoted[2]
        return
    text = text[1:] if text[:1] in ("'", '"') else text
    yield text if os.name == "nt" else re.sub(r"\\(.)", r"\1", text)


def _at_home(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # `~` and a name that nobody has
        return Path(text)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _xdg(variable: str) -> Path | None:
    """Follow the variable on every system, as people who set it expect."""
    value = os.environ.get(variable, "")
    return Path(value) / NAME if os.path.isabs(value) else None


def make_private(path: Path) -> None:
    """Let nobody but the person read a file or look into a folder, as far as that can be done."""
    with suppress(OSError):
        mode = path.stat().st_mode
        if mode & 0o077:
            path.chmod(mode & 0o700)


def sweep(folder: Path, pattern: str) -> None:
    """Delete from `folder` what programs that were killed left half written, a day ago or more."""
    for rest in folder.glob(pattern):
        with suppress(OSError):
            if rest.stat().st_mtime < time.time() - DAY:
                shutil.rmtree(rest) if rest.is_dir() else rest.unlink()


def bound(folder: Path, most: int, keep: Path) -> None:
    """Delete folders in `folder`, the longest unused first, until all take at most `most` bytes.

    `keep` stays. When each was used last is the time of the folder itself.
    """
    with suppress(OSError):
        used = sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime)
        sizes = {one: _size(one) for one in used}
        total = sum(sizes.values())
        for one in used:
            if total > most and one != keep:
                shutil.rmtree(one, ignore_errors=True)
                total -= sizes[one]


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
