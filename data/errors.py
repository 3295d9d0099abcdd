"""What can go wrong with files: each error's text is one sentence for a person."""

from __future__ import annotations

import errno
from pathlib import Path

from data import titles


class DataError(Exception):
    """Base class of everything this package raises on purpose: what is wrong, where, what to do.

    Names of files are part of the text, and may hold anything: it is made fit to be shown.
    """

    def __init__(self, text: str) -> None:
        super().__init__(titles.visible(text))


class NotFound(DataError):
    """Nothing is at that path, or it may not be read."""


class UnknownFormat(DataError):
    """The files hold no ratings in a form that this program knows."""


class Damaged(DataError):
    """A file is cut short or corrupted."""


class NoRatings(DataError):
    """The format is known, but not one usable rating is left."""


class NothingShared(DataError):
    """Two datasets that are to be one have no film in common."""


class NoSuchFilm(DataError):
    """No film, or more than one, goes by that title."""


class CannotWrite(DataError):
    """A file could not be written: no space, no permission, a read-only disk."""


_REASONS = {
    errno.ENOSPC: "the disk is full; free some space and try again",
    errno.EDQUOT: "your disk quota is used up; free some space and try again",
    errno.EFBIG: "the file would grow beyond what is allowed here; raise the limit or free space",
    errno.EACCES: "you have no permission there; change its permissions or use another folder",
    errno.EPERM: "you have no permission there; change its permissions or use another folder",
    errno.EROFS: "that disk is read-only; use another folder",
    errno.ENOTDIR: "a part of that path is a file, not a folder; rename it or use another folder",
    errno.EEXIST: "a file of that name is in the way; rename it or use another folder",
    errno.EISDIR: "that is a folder, not a file; give the name of a file",
    errno.ENOENT: "a folder on the way there is missing; make it or use another folder",
    errno.ENAMETOOLONG: "that name is too long; use a shorter one",
    errno.EMFILE: "too many files are open; close some programs and try again",
    errno.ELOOP: "that link leads to itself; choose what it was meant to lead to",
    errno.EIO: "the disk reports an error; check it, or use another one",
}


def reason(error: OSError) -> str:
    """Return why the system refused, in words, and what to do."""
    known = _REASONS.get(error.errno or 0)
    return known or f"the system says “{error.strerror or error}”; check the path and try again"


def cannot_write(path: Path | str, error: OSError) -> CannotWrite:
    """Return the error to raise when `path` could not be written."""
    return CannotWrite(f"Could not write {path}: {reason(error)}.")


def cannot_read(path: Path | str, error: OSError) -> NotFound:
    """Return the error to raise when `path` could not be read."""
    if isinstance(error, FileNotFoundError):
        return NotFound(f"There is nothing at {path}; check the spelling of the path.")
    return NotFound(f"Could not read {path}: {reason(error)}.")
