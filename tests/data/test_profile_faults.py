"""The file of ratings when disks fill up, files break and programs die: told, and nothing lost."""

from __future__ import annotations

import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data.film import Film
from data.profile import Profile, ProfileError
from tests.support.narrowing import present

ROOT = Path(__file__).parents[2]
WRITE = """
import sys
from pathlib import Path
from data.film import Film
from data.profile import Profile, ProfileError

profile = Profile("you", Path(sys.argv[1]))
kept = 0
try:
    for i in range(int(sys.argv[2])):
        profile.rate(Film(f"Film {i} " + "long " * 40, 1990), 3)
        kept += 1
        print(kept, flush=True)
except ProfileError as error:
    print(error)
try:
    profile.rate(Film("After", 2000), 4)
except ProfileError:
    print("still")
print(len(profile.opinions()))
"""


def start(code: str, *arguments: object, limit: int | None = None) -> list[str]:
    def bounded() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=bounded,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def _said_and_kept(said: list[str], path: Path) -> str:
    """Check that what was said to be kept is there, and return what was said at the fault."""
    kept = max(int(line) for line in said[:-1] if line.isdigit())
    told = next(line for line in said if not line.isdigit())
    assert told.endswith("Nothing was changed.")
    with closing(Profile("you", path)) as profile:
        assert len(profile.opinions()) == kept == int(said[-1])
        profile.rate(Film("Later", 2001), 5)
        assert profile.opinion(Film("Later", 2001)).stars == 5
    return told


def test_a_file_that_may_not_grow_keeps_what_was_kept(tmp_path: Path) -> None:
    path = tmp_path / "profiles.sqlite"
    Profile("you", path).close()
    said = start(WRITE, path, 100_000, limit=200_000)
    assert "disk" in _said_and_kept(said, path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "reelrank-test", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small disk needs rights that this user has not")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_keeps_what_was_kept(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    path = small_disk / "profiles.sqlite"
    Profile("you", path).close()
    ballast.write_bytes(bytes(500_000))
    said = start(WRITE, path, 100_000)
    ballast.unlink()
    assert "the disk is full; free some space" in _said_and_kept(said, path)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_folder_that_may_not_be_written(open_folder: Path) -> None:
    """As a user without rights there: root, as CI often is, may do anything."""
    path = open_folder / "profiles.sqlite"
    with closing(Profile("you", path)) as profile:
        profile.rate(Film("Alien", 1979), 4)
    open_folder.chmod(0o555)
    path.chmod(0o444)
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from data.profile import Profile, ProfileError\n"
        "if os.geteuid() == 0:\n"
        "    os.seteuid(65534)\n"
        "for name in ('profiles.sqlite', 'new.sqlite', 'folder/new.sqlite'):\n"
        "    try:\n"
        "        Profile('you', Path(sys.argv[1]) / name)\n"
        "    except ProfileError as error:\n"
        "        print(error)\n"
    )
    said = start(code, open_folder)
    open_folder.chmod(0o755)
    assert len(said) == 2
    assert all("permission" in line and str(open_folder) in line for line in said)
    assert Profile("you", path).opinion(Film("Alien", 1979)).stars == 4


READ_ONLY = """
import os, sys
from pathlib import Path
from data.catalogue import of
from data.film import Film
from data.profile import Profile, ProfileError

if os.geteuid() == 0:
    os.seteuid(65534)
alien = Film("Alien", 1979)
profile = Profile("you", Path(sys.argv[1]))
print([(one.film.title, one.stars) for one in profile.opinions()])
print(profile.in_dataset(of([alien])).stars(0), profile.names())
print(profile.notice)
for change in (lambda: profile.rate(alien, 1), lambda: profile.clear(alien), profile.undo,
               lambda: profile.rename("me")):
    try:
        change()
        print("changed")
    except ProfileError as error:
        print(error)
profile.keep("dataset", "demo")
print(profile.opinion(alien).stars, repr(profile.setting("dataset")))
try:
    Profile("somebody else", Path(sys.argv[1]))
except ProfileError as error:
    print(error)
"""


@pytest.mark.parametrize("logged", [False, True])
def test_ratings_that_cannot_be_written_are_shown_and_not_an_empty_profile(
    open_folder: Path, logged: bool
) -> None:
    """Also those that another program has kept last and not yet moved from its log."""
    path = open_folder / "profiles.sqlite"
    profile = Profile("you", path)
    profile.rate(Film("Alien", 1979), 4)
    profile.rate(Film("Heat", 1995), 3)
    if not logged:
        profile.close()
    assert path.with_name("profiles.sqlite-wal").exists() == logged
    for file in open_folder.iterdir():
        file.chmod(0o444)
    open_folder.chmod(0o555)
    said = start(READ_ONLY, path)
    open_folder.chmod(0o755)
    assert said[0] == "[('Alien', 4.0), ('Heat', 3.0)]"
    assert said[1] == "4.0 ['you']"
    assert all("can only be read, so no change is kept" in line for line in said[2:7])
    assert said[7] == "4.0 ''"
    assert "There is no profile called somebody else" in said[8]


def test_a_file_without_a_byte_is_told_and_a_copy_offered(tmp_path: Path) -> None:
    path = tmp_path / "profiles.sqlite"
    path.write_bytes(b"")
    with pytest.raises(ProfileError, match=r"is empty, as this program never leaves it; .* delete"):
        Profile("you", path)
    assert path.read_bytes() == b""
    copy = tmp_path / "profiles-version3-20240501-120000-000000.sqlite"
    copy.write_bytes(b"x")
    with pytest.raises(ProfileError, match=rf"{copy.name}: rename it to profiles\.sqlite"):
        Profile("you", path)
    path.unlink()
    Profile("you", path).rate(Film("Alien", 1979), 4)


@pytest.mark.parametrize("statements", range(0, 40, 3))
def test_killed_while_the_file_is_made_there_is_none_or_a_whole_one(
    tmp_path: Path, statements: int
) -> None:
    path = tmp_path / "profiles.sqlite"
    code = f"""
import os, signal, sqlite3, sys
from pathlib import Path
left = {statements}
class Counting(sqlite3.Connection):
    def execute(self, *arguments):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(*arguments)
connect = sqlite3.connect
sqlite3.connect = lambda *a, **k: connect(*a, factory=Counting, **k)
from data.profile import Profile
Profile("you", Path(sys.argv[1]))
"""
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=False)
    assert not path.exists() or path.stat().st_size > 0
    with closing(Profile("you", path)) as profile:
        profile.rate(Film("Alien", 1979), 4)


def test_nobody_else_on_the_machine_reads_the_ratings() -> None:
    old = os.umask(0o022)
    try:
        profile = Profile()
        folder = profile.path.parent
        backup = folder / "profiles-version1-20240101-000000-000000.sqlite"
        backup.write_bytes(b"x")
        for one in (folder, *folder.iterdir()):
            one.chmod(0o755 if one.is_dir() else 0o644)
        Profile().rate(Film("Alien", 1979), 4)
        modes = {one.name: one.stat().st_mode & 0o777 for one in (folder, *folder.iterdir())}
        assert modes.pop(folder.name) == 0o700
        assert modes[backup.name] == modes["profiles.sqlite"] == 0o600
        profile.close()
        for one in folder.glob("profiles*"):
            one.unlink()
        made = Profile()
        made.rate(Film("Alien", 1979), 4)
        assert {one.stat().st_mode & 0o777 for one in folder.glob("profiles*")} == {0o600}
    finally:
        os.umask(old)


def _whole(tmp_path: Path) -> tuple[Path, bytes]:
    path = tmp_path / "profiles.sqlite"
    profile = Profile("you", path)
    for i in range(60):
        profile.rate(Film(f"Film {i}", 1950 + i, imdb=7 * i), 3)
    profile._file._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    profile.close()
    return path, path.read_bytes()


def _cut(whole: bytes, rng: random.Random) -> bytes:
    return whole[: rng.choice([rng.randrange(1, 100), rng.randrange(1, len(whole))])]


def _flipped(whole: bytes, rng: random.Random) -> bytes:
    changed = bytearray(whole)
    for _ in range(rng.choice([1, 5, 50])):
        changed[rng.randrange(len(whole))] ^= rng.randrange(1, 256)
    return bytes(changed)


def _blotted(whole: bytes, rng: random.Random) -> bytes:
    at, n = rng.randrange(len(whole)), rng.choice([10, 512, 4096])
    return whole[:at] + rng.choice([bytes(n), rng.randbytes(n)]) + whole[at + n :]


@pytest.mark.parametrize("harm", [_cut, _flipped, _blotted])
def test_a_damaged_file_is_told_or_used_but_never_a_riddle(
    tmp_path: Path, harm: Callable[[bytes, random.Random], bytes]
) -> None:
    path, whole = _whole(tmp_path)
    rng = random.Random(0)
    told = []
    for _ in range(40):
        for one in tmp_path.glob("profiles.sqlite*"):
            one.unlink()
        path.write_bytes(harm(whole, rng))
        try:
            with closing(Profile("you", path)) as profile:
                assert all(0.5 <= one.stars <= 5 for one in profile.opinions() if one.stars)
                profile.rate(Film("Another", 2000), 4)
                profile.undo()
        except ProfileError as error:
            told.append(str(error))
    assert told
    for text in told:
        assert text.startswith(f"{path}: ")
        assert text.endswith(".")
        assert "\n" not in text


def test_one_spoilt_row_does_not_hide_the_others(tmp_path: Path) -> None:
    path, _ = _whole(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE opinion SET stars = 'many' WHERE film = 1")
        db.execute("UPDATE opinion SET stars = 1e300 WHERE film = 2")
        db.execute("UPDATE opinion SET mark = x'00' WHERE film = 3")
        db.execute("UPDATE film SET year = 'never' WHERE id = 4")
        db.execute("UPDATE film SET title = CAST(x'ff41' AS TEXT) WHERE id = 5")
        db.execute("UPDATE opinion SET watched = x'00' WHERE film = 6")
        db.execute("UPDATE history SET stars = x'00' WHERE film = 60")
        db.execute("UPDATE history SET mark = 7.5 WHERE film = 59")
    profile = Profile("you", path)
    assert len(profile.opinions()) == 55
    assert profile.opinion(Film("Film 0", 1950)) == (Film("Film 0", 1950), None, None)
    assert profile.kept(Film("Film 3", 1953, imdb=21)) is None
    profile.rate(Film("Film 2", 1952, imdb=14), 5)
    undone = [profile.undo() for _ in range(3)]
    assert [one and one.film.title for one in undone] == ["Film 2", "Film 57", "Film 56"]
    assert profile.opinions()[0].film.title == "\ufffdA"


def test_two_programs_write_to_one_profile_and_lose_nothing() -> None:
    code = """
import sys
from data.film import Film
from data.profile import Profile
profile = Profile()
first = int(sys.argv[1])
for i in range(first, first + 50):
    profile.rate(Film(f"Film {i}", 1990), 3)
    profile.mark(Film("Shared", 1990), "watchlist")
    profile.rate(Film("Shared", 1990), 0.5 + i % 10 / 2)
"""
    command = [sys.executable, "-c", code]
    started = [subprocess.Popen([*command, str(first)], cwd=ROOT) for first in (0, 50, 100)]
    assert [process.wait() for process in started] == [0, 0, 0]
    profile = Profile()
    assert len(profile.opinions()) == 151
    undone = 0
    while profile.undo():
        undone += 1
    assert undone == 450
    assert profile.opinions() == []


def test_a_mark_of_another_program_keeps_the_stars_that_came_in_between() -> None:
    one, other = Profile(), Profile()
    film = Film("Alien", 1979)
    one.rate(film, 2)
    other.rate(film, 4)
    one.mark(film, "watchlist")
    assert other.opinion(film)[1:] == (4, "watchlist")


@pytest.mark.parametrize("after", [1, 37, 100])
def test_killed_in_the_middle_of_a_hundred_ratings_all_that_was_said_is_there(
    tmp_path: Path, after: int
) -> None:
    path = tmp_path / "profiles.sqlite"
    command = [sys.executable, "-c", WRITE, str(path), "1000000"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        told = present(process.stdout)
        for _ in range(after):
            said = told.readline()
        os.kill(process.pid, signal.SIGKILL)
        said = ([said.strip(), *told.read().split()])[-1]
    profile = Profile("you", path)
    assert int(said) <= len(profile.opinions()) <= int(said) + 1
    assert profile.undo() is not None
