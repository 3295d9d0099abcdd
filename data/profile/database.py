"""The file of the person's ratings: opened, guarded and, where it cannot be written, only read."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from data.errors import DataError, cannot_read, cannot_write
from data.paths import data_folder, make_private
from data.profile import schema

PATIENCE = 5.0
"""Seconds to wait for another program that is writing."""
MEMORY = ":memory:"
_EFFECTIVE = os.access in os.supports_effective_ids
NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
"""To the millisecond, in UTC; older programs kept seconds, and both sort together."""


class ProfileError(DataError):
    """The file of the person's ratings cannot be read or written; nothing in it was changed."""


class Database:
    """A connection to the file of ratings.

    Parameters
    ----------
    path : the file; made if there is none

    Raises
    ------
    ProfileError
        If it cannot be made or read, is damaged or emptied, or is of a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice = ""
        """Why the file is only read and nothing is kept; empty where it is written."""
        with self._explained():
            try:
                self._db = self._writable()
            except sqlite3.OperationalError as error:
                if not _may_only_read(error) or not path.is_file():
                    raise
                self._db = self._copied()
            except OSError as error:
                if not path.is_file():
                    raise ProfileError(str(cannot_write(path.parent, error))) from None
                self._db = self._copied()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with self._explained():
            return self._db.execute(query, values).fetchall()

    def write(self, statement: str, *values: object) -> int:
        """Do one thing inside a transaction; return the id of the row that it added."""
        with self._explained():
            return int(self._db.execute(statement, values).lastrowid or 0)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is done inside, or nothing; one inside another belongs to the outer."""
        if self.notice:
            raise ProfileError(self.notice)
        if self._db.in_transaction:
            yield
            return
        with self._explained(), self._committed(self._db):
            yield

    @staticmethod
    @contextmanager
    def _committed(db: sqlite3.Connection) -> Iterator[None]:
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        finally:
            if db.in_transaction:  # SQLite itself may have rolled back
                db.execute("ROLLBACK")

    def _writable(self) -> sqlite3.Connection:
        if str(self.path) != MEMORY:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.parent == data_folder():
                make_private(self.path.parent)
            self._begin()
            self._refuse_if_emptied()
            if not os.access(self.path, os.W_OK, effective_ids=_EFFECTIVE):
                raise sqlite3.OperationalError("readonly")
            for file in (self.path, *self.path.parent.glob(f"{self.path.stem}-version*")):
                make_private(file)
        db = _connected(self.path)
        try:
            _write_ahead(db)
            db.execute("PRAGMA synchronous = FULL")
            with self._committed(db):  # of two programs that start at once, one makes the tables
                schema.bring_up_to_date(db, self.path)
        except BaseException:
            db.close()
            raise
        return db

    def _begin(self) -> None:
        """Make an empty file under another name and give it its own once it has its tables.

        So a file without a byte was never left by this program, even if it is killed.
        """
        if self.path.exists() or self.path.is_symlink():
            return
        handle, name = tempfile.mkstemp(".part", f".{self.path.name}.", self.path.parent)
        os.close(handle)
        part = Path(name)
        try:
            with closing(_connected(part)) as db, self._committed(db):
                schema.bring_up_to_date(db, part)
            with suppress(FileExistsError):  # another program was first
                os.link(part, self.path)
        except (PermissionError, NotImplementedError):  # a disk that knows no links
            part.replace(self.path)
        finally:
            part.unlink(missing_ok=True)

    def _refuse_if_emptied(self) -> None:
        log = self.path.with_name(f"{self.path.name}-wal")
        if _size(self.path) or _size(log) or not self.path.exists():
            return
        copies = sorted(self.path.parent.glob(f"{self.path.stem}-version*{self.path.suffix}"))
        advice = (
            f"a copy from before is {copies[-1]}: rename it to {self.path.name}, or delete the"
            " empty file to begin anew."
            if copies
            else "put a copy of yours in its place, or delete it to begin anew."
        )
        raise ProfileError(f"{self.path} is empty, as this program never leaves it; {advice}")

    def _copied(self) -> sqlite3.Connection:
        """Return a copy in memory of a file that can be read and not written.

        With it goes the write-ahead log, which holds what was kept last.
        """
        db = sqlite3.connect(MEMORY, isolation_level=None)
        db.text_factory = partial(str, encoding="utf-8", errors="replace")
        try:
            with tempfile.TemporaryDirectory() as folder:
                copy = Path(folder) / "copy.sqlite"
                shutil.copyfile(self.path, copy)
                log = self.path.with_name(f"{self.path.name}-wal")
                if log.exists():
                    shutil.copyfile(log, copy.with_name(f"{copy.name}-wal"))
                with closing(sqlite3.connect(copy)) as source:
                    source.backup(db)
        except OSError as error:
            raise ProfileError(str(cannot_read(self.path, error))) from None
        with self._committed(db):
            schema.bring_up_to_date(db, None)
        self.notice = (
            f"{self.path} can only be read, so no change is kept; give yourself permission to"
            " write it and its folder."
        )
        return db

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except schema.SchemaError as error:
            raise ProfileError(str(error)) from None
        except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter from damaged tables
            raise ProfileError(f"{self.path}: {_reason(error)}") from None


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    db.text_factory = partial(str, encoding="utf-8", errors="replace")
    db.execute("PRAGMA foreign_keys = ON")
    return db


def _write_ahead(db: sqlite3.Connection) -> None:
    """Switch to the write-ahead log; SQLite itself does not wait for others here."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.02)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _may_only_read(error: Exception) -> bool:
    return any(sign in str(error) for sign in ("unable to open", "readonly"))


def _reason(error: Exception) -> str:
    text = str(error)
    if "locked" in text:
        return "another program holds your ratings; close it and try again. Nothing was changed."
    if _may_only_read(error):
        return "it cannot be opened for writing; check its permissions. Nothing was changed."
    if "full" in text:
        return "the disk is full; free some space and try again. Nothing was changed."
    if "I/O" in text:
        return "the disk reports an error; check it, or free some space. Nothing was changed."
    if isinstance(error, UnicodeDecodeError) or any(sign in text for sign in _DAMAGED):
        return "the file is damaged; move it away to start anew, and keep it: much can be saved."
    return f"your ratings could not be used ({text}). Nothing was changed."


_DAMAGED = (
    *("not a database", "malformed", "corrupt", "constraint"),
    *("no such", "no column", "already exists", "datatype"),
)
