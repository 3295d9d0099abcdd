"""The file of the person's ratings: its tables, and how an older file is brought up to date.

Each step makes one version of the one before. All that a file lacks are taken in one transaction,
after a copy of the file as it was has been put beside it: whatever happens on the way, the file is
either the old one or the new one. What a step adds must not disturb an older program that has the
file open at that moment.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from data import atomic
from data.errors import DataError
from data.paths import make_private

STEPS = (
    """
    CREATE TABLE profile (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
    CREATE TABLE film (
        id INTEGER PRIMARY KEY, title TEXT NOT NULL, folded TEXT NOT NULL,
        year INTEGER NOT NULL, imdb INTEGER NOT NULL);
    CREATE INDEX film_folded ON film (folded, year);
    CREATE INDEX film_imdb ON film (imdb) WHERE imdb > 0;
    CREATE TABLE opinion (
        profile INTEGER NOT NULL REFERENCES profile ON DELETE CASCADE,
        film INTEGER NOT NULL REFERENCES film,
        stars REAL, mark TEXT, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
        PRIMARY KEY (profile, film));
    CREATE TABLE history (
        id INTEGER PRIMARY KEY, profile INTEGER NOT NULL REFERENCES profile ON DELETE CASCADE,
        film INTEGER NOT NULL REFERENCES film, stars REAL, mark TEXT);
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    """,
    """
    ALTER TABLE film ADD COLUMN tmdb INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX film_tmdb ON film (tmdb) WHERE tmdb > 0;
    ALTER TABLE history ADD COLUMN at TEXT;
    """,
    "ALTER TABLE history ADD COLUMN batch INTEGER;",
    "ALTER TABLE film ADD COLUMN aliases TEXT NOT NULL DEFAULT '';",
    """
    ALTER TABLE opinion ADD COLUMN watched TEXT NOT NULL DEFAULT '';
    ALTER TABLE history ADD COLUMN watched TEXT;
    CREATE INDEX film_named ON film (folded, year, imdb);
    """,
)
"""SQL from nothing to version 1; from there to version 2 (TMDB's numbers; when a rating that was
replaced had been given, so that undo restores that too); to version 3 (the id of the first of the
changes that one undo takes back together); to version 4 (the other titles that a film goes by, a
line each); to version 5 (the day a film was watched last; namesakes found by their numbers)."""


class SchemaError(DataError):
    """The file is of a newer program, or could not be brought up to date; it is as it was."""


def bring_up_to_date(
    db: sqlite3.Connection, path: Path | None, steps: Sequence[str] = STEPS
) -> None:
    """Take the steps that the file lacks; must be called inside a write transaction on `db`.

    `path` is the file; None for one in memory, of which no copy is made before.

    Raises
    ------
    SchemaError
        If the file is of a newer program, or if there is no room for a copy of it.
    sqlite3.Error
        If a step fails; the caller rolls the transaction back.
    """
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(steps):
        where = path or "The file of your ratings"
        raise SchemaError(f"{where} was written by a newer reelrank; update this one to open it.")
    if version == len(steps):
        return
    copy = back_up(path, version) if version and path is not None else None
    try:
        for step in steps[version:]:
            for statement in filter(str.strip, step.split(";")):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(steps)}")
    except sqlite3.Error:
        if copy is not None:
            copy.unlink()  # the file itself stays as it was, and may be tried many times
        raise


def back_up(path: Path, version: int) -> Path:
    """Copy the file as it stands to a dated one beside it, and return that one.

    Written by another name first, so that what has the name is whole.

    Raises
    ------
    SchemaError
        If it cannot be written.
    """
    for rest in path.parent.glob(f".{path.stem}-version*.part*"):
        rest.unlink(missing_ok=True)
    moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    copy = path.with_name(f"{path.stem}-version{version}-{moment}{path.suffix}")
    try:
        with atomic.written(copy) as part:
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as target:
                source.backup(target)
            make_private(part)
    except (sqlite3.Error, OSError) as error:
        raise SchemaError(
            f"Your ratings could not be copied to {copy}, as they must be before this version of"
            f" the program uses them ({error}); free some space there. Nothing was changed."
        ) from None
    return copy
