"""Small files that unpack to much: read in many steps and bounded memory, or refused."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import data
from data import zip_member
from data.errors import Damaged, UnknownFormat
from data.loading.reader import Reading

ROOT = Path(__file__).resolve().parents[2]
HEADER = b"userId,movieId,rating\n"
MB = 1 << 20
MOST = 500
"""Megabytes that any small file may take."""


def repeated(line: bytes, megabytes: int, head: bytes = HEADER) -> Iterator[bytes]:
    yield head
    for _ in range(megabytes):
        yield line * (MB // len(line))


def zipped(
    path: Path, members: dict[str, Iterator[bytes]], packing: int = zipfile.ZIP_DEFLATED
) -> Path:
    with zipfile.ZipFile(path, "w", packing, compresslevel=9) as archive:
        for name, parts in members.items():
            with archive.open(name, "w") as member:
                for part in parts:
                    member.write(part)
    assert path.stat().st_size < 200_000
    return path


def two() -> Iterator[bytes]:
    return iter([HEADER, b"1,2,3\n2,2,4\n"])


BOMBS: dict[str, Callable[[], dict[str, Iterator[bytes]]]] = {
    "one rating again and again": lambda: {"ratings.csv": repeated(b"1,2,3\n", 95)},
    "one rating of texts": lambda: {"ratings.csv": repeated(b"a,b,3\n", 60)},
    "broken lines": lambda: {"ratings.csv": repeated(b"x\n", 30, HEADER + b"1,2,3\n")},
    "exponents": lambda: {"ratings.csv": repeated(b"1,2,3e0\n", 20)},
    "quoted": lambda: {"ratings.csv": repeated(b'"1","2","3"\n', 40)},
    "one line": lambda: {"ratings.csv": repeated(b"9", 95, HEADER + b"1,2,3\n")},
    "many columns": lambda: {"ratings.csv": repeated(b"," * 60_000 + b"\n", 20, b"")},
    "headings of films": lambda: {"ratings.csv": repeated(b"1:\n", 20, b"1:\n2,3,2001-01-01\n")},
    "a film again and again": lambda: {
        "ratings.csv": two(),
        "movies.csv": repeated(b"1,a,b\n", 95, b"movieId,title,genres\n"),
    },
    "strays of quotation marks": lambda: {
        "ratings.csv": two(),
        "movies.csv": repeated(b'1,"a,b\n', 60, b"movieId,title,genres\n"),
    },
    "links": lambda: {
        "ratings.csv": two(),
        "movies.csv": iter([b"movieId,title,genres\n2,a,b\n"]),
        "links.csv": repeated(b"1,2,3\n", 60, b"movieId,imdbId,tmdbId\n"),
    },
}
CODE = """
import resource, sys, data
steps = 0
try:
    for step in data.reading(sys.argv[1]):
        steps += 1
    print(len(step.dataset.ratings))
except data.DataError as error:
    print(type(error).__name__)
print(steps)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def ran(path: Path) -> tuple[str, int, int]:
    """Return how reading ends, after how many steps and with how many megabytes, by itself."""
    command = [sys.executable, "-c", CODE, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    outcome, steps, peak = done.stdout.split()
    return outcome, int(steps), int(peak)


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_unpacks_to_much_takes_little_memory(tmp_path: Path, bomb: str) -> None:
    outcome, _, peak = ran(zipped(tmp_path / "x.zip", BOMBS[bomb]()))
    assert outcome in {"1", "2", "Damaged", "UnknownFormat"}
    assert peak < MOST


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packings_that_hold_gigabytes_in_a_few_bytes(tmp_path: Path, packing: int) -> None:
    path = zipped(tmp_path / "x.zip", {"ratings.csv": repeated(b"1,2,3\n", 24)}, packing)
    outcome, steps, peak = ran(path)
    assert outcome == "1"
    assert steps > 24
    assert peak < MOST


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("size", [1, 100, 1 << 20])
def test_they_are_unpacked_as_python_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: int, size: int
) -> None:
    monkeypatch.setattr(zip_member, "PACKED", 7)
    whole = b"".join(b"%d,%d,%d\n" % (i, i * i % 97, i % 5) for i in range(900))
    members = {"ratings.csv": iter([whole]), "empty.txt": iter([b""])}
    path = zipped(tmp_path / "x.zip", members, packing)
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
    for info, expected in zip(infos, (whole, b""), strict=True):
        with zip_member.unpacking(path, info) as member:
            parts = iter(partial(member.read, size), b"")
            assert b"".join(parts) == expected


def test_a_member_that_wants_too_much_memory_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"ratings.csv": two()}, zipfile.ZIP_LZMA)
    whole = bytearray(path.read_bytes())
    at = whole.index(b"ratings.csv") + len("ratings.csv")
    whole[at + 5 : at + 9] = b"\xff\xff\xff\x7f"
    path.write_bytes(whole)
    with pytest.raises(Damaged, match="unusual way; unpack it"):
        data.read(path)


def test_a_zip_of_many_empty_files_is_looked_through_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(1200):
            archive.writestr(f"{i}.csv", b"")
    opened = []
    init = zipfile.ZipFile.__init__

    def counted(*args: Any, **more: Any) -> None:
        opened.append(1)
        init(*args, **more)

    monkeypatch.setattr(zipfile.ZipFile, "__init__", counted)
    with pytest.raises(UnknownFormat, match="no ratings file"):
        data.read(path)
    assert len(opened) <= 2


def test_each_block_is_a_step_at_which_one_can_leave(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"ratings.csv": repeated(b"1,2,3\n", 20)})
    steps: list[Reading] = []
    started = data.reading(path)
    for step in started:
        steps.append(step)
        if step.progress > 0.4:
            started.close()
            break
    assert len(steps) > 8
    assert all(step.dataset is None for step in steps)
