"""Files of ratings from older versions: brought up to date whole, or left as they were."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from data.film import Film
from data.profile import Profile, ProfileError, schema
from data.profile.schema import bring_up_to_date
from tests.support.narrowing import present

ROOT = Path(__file__).parents[2]
VERSION_1 = """
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
INSERT INTO profile VALUES (1, 'you'), (2, 'Ann');
INSERT INTO film VALUES
    (1, 'Alien', 'alien', 1979, 78748), (2, 'Heat', 'heat', 1995, 0), (3, 'M', 'm', 1931, 0);
INSERT INTO opinion VALUES
    (1, 1, 4.5, NULL, '2024-01-02 03:04:05'), (1, 2, NULL, 'watchlist', '2023-01-02 03:04:05'),
    (2, 3, 3.0, 'unseen', '2022-01-02 03:04:05');
INSERT INTO history (profile, film, stars, mark) VALUES
    (1, 1, NULL, NULL), (1, 1, 3.5, NULL), (1, 2, NULL, NULL);
INSERT INTO setting VALUES ('dataset', 'demo');
PRAGMA user_version = 1;
"""
"""What the first published version wrote; must stay as it is."""
TABLES = ("profile", "film", "opinion", "history", "setting")
BREAKING = "DROP TABLE setting; DELETE FROM opinion; INSERT INTO profile VALUES (7)"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file that version 1 wrote, large enough to be worth a limit."""
    path = tmp_path / "profiles.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(VERSION_1)
        films = [(i, f"Film {i} {'long ' * 40}", f"film {i}", 1990, 0) for i in range(10, 400)]
        db.executemany("INSERT INTO film VALUES (?, ?, ?, ?, ?)", films)
        opinions = [(1, i, 3.0, None, f"2020-01-01 00:{i // 60:02}:{i % 60:02}") for i, *_ in films]
        db.executemany("INSERT INTO opinion VALUES (?, ?, ?, ?, ?)", opinions)
        db.commit()
    return path


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all that version 1 knew of, from a file of any version."""
    columns = {
        "film": "id, title, folded, year, imdb",
        "history": "id, profile, film, stars, mark",
        "opinion": "profile, film, stars, mark, at",
    }
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {
            name: db.execute(
                f"SELECT {columns.get(name, '*')} FROM {name} ORDER BY 1, 2"
            ).fetchall()
            for name in TABLES
        }


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def copies(path: Path) -> list[Path]:
    return sorted(one for one in path.parent.iterdir() if "-version" in one.name)


def test_a_file_of_version_1_opens_with_all_that_is_in_it(old: Path) -> None:
    before = rows(old)
    profile = Profile("you", old)
    assert version(old) == len(schema.STEPS) > 1
    assert rows(old) == before
    assert profile.opinion(Film("Alien", 1979)).stars == 4.5
    assert profile.opinion(Film("Heat", 1995)).mark == "watchlist"
    assert profile.opinions()[-1].film.title == "Alien"
    assert profile.setting("dataset") == "demo"
    assert profile.names() == ["you", "Ann"]
    undone = [profile.undo() for _ in range(4)]
    assert [one and (one.film.title, one.stars) for one in undone] == [
        ("Heat", None),
        ("Alien", 3.5),
        ("Alien", None),
        None,
    ]


def test_a_copy_of_the_old_file_stands_beside_it_before_and_is_whole(old: Path) -> None:
    before = rows(old)
    for _ in range(2):
        Profile("you", old).close()
    (copy,) = copies(old)
    assert copy.name.startswith("profiles-version1-")
    assert copy.suffix == ".sqlite"
    assert version(copy) == 1
    assert rows(copy) == before
    old.unlink()
    copy.rename(old)
    assert Profile("you", old).opinion(Film("Alien", 1979)).stars == 4.5


def test_a_new_file_needs_no_copy(tmp_path: Path) -> None:
    Profile("you", tmp_path / "profiles.sqlite").close()
    assert copies(tmp_path / "profiles.sqlite") == []


def test_a_program_of_version_1_that_still_has_it_open_goes_on_writing(old: Path) -> None:
    with closing(sqlite3.connect(old, isolation_level=None)) as older:
        older.execute("SELECT count(*) FROM opinion").fetchone()
        profile = Profile("you", old)
        older.execute("INSERT INTO film (title, folded, year, imdb) VALUES ('X', 'x', 2000, 0)")
        older.execute(
            "INSERT INTO opinion (profile, film, stars, mark) SELECT 1, id, 2, NULL FROM film"
            " WHERE title = 'X'"
        )
        older.execute(
            "INSERT INTO history (profile, film, stars, mark) SELECT 1, id, NULL, NULL FROM film"
            " WHERE title = 'X'"
        )
        assert profile.opinions()[-1].film.title == "X"
        assert present(profile.undo()).film.title == "X"
        assert profile.opinion(Film("X", 2000)).stars is None


UPGRADE = """
import os, signal, sqlite3, sys
from pathlib import Path
from data.profile.schema import STEPS, bring_up_to_date

fatal = int(sys.argv[2])
db = sqlite3.connect(sys.argv[1], isolation_level=None)
seen = 0

def count(statement):
    global seen
    seen += 1
    if seen == fatal:
        os.kill(os.getpid(), signal.SIGKILL)

db.set_trace_callback(count)
db.execute("BEGIN IMMEDIATE")
more = "CREATE TABLE shelf (name TEXT); UPDATE opinion SET stars = 1; DROP TABLE setting"
bring_up_to_date(db, Path(sys.argv[1]), (*STEPS[:2], more))
db.execute("COMMIT")
print(seen)
"""


def test_killed_at_any_statement_it_is_the_old_file_or_the_new_one(old: Path) -> None:
    whole = old.read_bytes()
    before = rows(old)
    n = int(run(UPGRADE, old, 0))
    assert n >= 9
    assert version(old) == 3
    for fatal in range(1, n + 1):
        fresh(old, whole)
        died = start(UPGRADE, old, fatal)
        assert died.returncode == -signal.SIGKILL
        assert version(old) == 1
        assert rows(old) == before
        for copy in copies(old):
            if copy.suffix == ".sqlite":
                assert rows(copy) == before
        Profile("you", old).close()
        assert rows(old) == before
        assert not any(".part" in one.name for one in old.parent.iterdir())


COPYING = """
import os, signal, sqlite3, sys
from pathlib import Path
from data.profile import schema

def killed(*_):
    os.kill(os.getpid(), signal.SIGKILL)

class Slow(sqlite3.Connection):
    def backup(self, target):
        super().backup(target, pages=3, progress=lambda *_: killed())

plain = sqlite3.connect
schema.sqlite3.connect = lambda path: plain(path, factory=Slow)
schema.back_up(Path(sys.argv[1]), 1)
"""


def test_a_copy_cut_short_has_not_the_name_of_one_and_is_swept_up(old: Path) -> None:
    before = rows(old)
    assert start(COPYING, old).returncode == -signal.SIGKILL
    assert {one.suffix for one in copies(old)} <= {".part", ".part-journal"}
    assert all(one.name.startswith(".") for one in copies(old))
    assert copies(old)
    Profile("you", old).close()
    (copy,) = copies(old)
    assert copy.suffix == ".sqlite"
    assert rows(copy) == rows(old) == before


def test_a_step_that_fails_leaves_everything_as_it_was(old: Path) -> None:
    before = rows(old)
    with closing(sqlite3.connect(old, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.Error):
            bring_up_to_date(db, old, (*schema.STEPS, BREAKING))
        db.execute("ROLLBACK")
    assert version(old) == 1
    assert rows(old) == before
    assert copies(old) == []


def test_a_step_that_fails_is_told_and_the_next_program_opens_the_file(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(old)
    with monkeypatch.context() as patched:
        patched.setattr(bring_up_to_date, "__defaults__", ((*schema.STEPS, BREAKING),))
        with pytest.raises(ProfileError, match=r"could not be used .* Nothing was changed\.$"):
            Profile("you", old)
    assert rows(old) == before
    assert version(old) == 1
    Profile("you", old).close()
    assert rows(old) == before


def test_without_room_for_the_copy_nothing_is_changed(old: Path) -> None:
    before = rows(old)
    code = """
import sys
from pathlib import Path
from data.profile import Profile, ProfileError
try:
    Profile("you", Path(sys.argv[1]))
except ProfileError as error:
    print(error)
"""
    said = run(code, old, limit=40_000)
    assert "could not be copied" in said
    assert said.endswith("Nothing was changed.\n")
    assert rows(old) == before
    assert version(old) == 1
    assert copies(old) == []


def test_of_programs_that_start_at_once_one_brings_it_up_to_date(old: Path) -> None:
    before = rows(old)
    code = "import sys; from pathlib import Path; from data.profile import Profile\n"
    code += "print('ready', flush=True); sys.stdin.readline()\n"
    code += "print(len(Profile('you', Path(sys.argv[1])).opinions()))"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, old], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(3)
    ]  # fmt: skip
    for process in started:
        assert present(process.stdout).readline() == "ready\n"
    said = [process.communicate("go\n")[0] for process in started]
    assert said == [f"{len(before['opinion']) - 1}\n"] * 3
    assert rows(old) == before
    assert len(copies(old)) == 1


def fresh(path: Path, whole: bytes) -> None:
    """Put the file back as it was, and nothing beside it."""
    for one in path.parent.iterdir():
        one.unlink()
    path.write_bytes(whole)


def start(
    code: str, *arguments: object, limit: int | None = None
) -> subprocess.CompletedProcess[str]:
    def bounded() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=bounded,
    )  # fmt: skip


def run(code: str, *arguments: object, limit: int | None = None) -> str:
    done = start(code, *arguments, limit=limit)
    assert done.returncode == 0, done.stderr
    return done.stdout
