"""Whatever a file holds, importing ends in films or in one of our own sentences, and soon.

    python tests/benchmarks/fuzz_importing.py [--inputs 100000] [--seed 0]

Protocol: exports are drawn from the declaration of every format, with cells that are right, wrong
and hostile, as CSV, JSON, XML, HTML, packed by gzip or in a zip, most of them damaged; each is read
as a person's would be, and what is read is planned against ten films. Then a list of files made to
take time or memory. Told: how many were read, refused, and by which errors; anything but our own
errors is printed and ends the program with 1, as does an input below 100 KB that takes 2 seconds of
the processor or 500 MB.
"""

from __future__ import annotations

import argparse
import gzip
import io
import random
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from data import importing
from data.catalogue import Catalogue, Film
from data.errors import DataError
from data.importing.plan import plan_import
from data.profile import Profile
from tests.support import fuzz_exports

SECONDS, MEGABYTES, SMALL = 2.0, 500, 100_000
LETTERBOXD = b"Date,Name,Year,Letterboxd URI,Rating\n"
CATALOGUE = Catalogue((Film("Alien", 1979), *(Film(f"Film {n}", 1979 + n) for n in range(9))))


def hostile() -> dict[str, bytes]:
    """Return files below 100 KB that are made to take long."""

    def zipped(*files: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", method) as archive:
            for n, raw in enumerate(files):
                archive.writestr(f"{n}/ratings.csv", raw)
        return memory.getvalue()

    row = b"2024-01-01,A,1999,u,4\n"
    many = b"".join(b"2024-01-01,A%d,1999,%d,4\n" % (n, n) for n in range(3600))
    return {
        "nested lists.json": b"[" * 99_000,
        "many objects.json": b"[" + b"{}," * 33_000 + b"{}]",
        "many lists.json": b"[" + b"[]," * 33_000 + b"[]]",
        "many keys.json": b'{"a":[{' + b",".join(b'"%d":1' % n for n in range(12_000)) + b"}]}",
        "long number.json": b"[{" + b'"a":' + b"9" * 99_000 + b"}]",
        "many elements.xml": b"<a>" + b"<b/>" * 24_000 + b"</a>",
        "deep elements.xml": b"<a>" * 33_000,
        "many attributes.xml": b"<a><b "
        + b" ".join(b'a%d="1"' % n for n in range(9000))
        + b"/></a>",
        "open tags.html": b"<html><table>" + b"<td" * 33_000,
        "cells.html": b"<html><table><tr>" + b"<td>" * 24_000,
        "entities.html": b"<html><table><tr><td>" + b"&#9" * 33_000,
        "quotes.csv": LETTERBOXD + b'"' * 99_000,
        "stray quotes.csv": LETTERBOXD + b'2024-01-01,"A,1999,u,4\n' * 4000,
        "commas.csv": b"," * 99_000,
        "empty lines.csv": LETTERBOXD + b"\n" * 99_000,
        "short lines.csv": LETTERBOXD + b"a\n" * 49_000,
        "films.csv": LETTERBOXD + many,
        "one film.csv": LETTERBOXD + row * 4400,
        "parentheses.csv": LETTERBOXD + b"2024-01-01," + b"(" * 90_000 + b",1999,u,4\n",
        "spaces.csv": LETTERBOXD + b"2024-01-01,A" + b" " * 90_000 + b"(,1999,u,4\n",
        "as much as goes.zip": zipped(LETTERBOXD + _drawn(28_000)),
        "bomb.zip": zipped(LETTERBOXD + row * 1_300_000),
        "bombs.zip": zipped(*[LETTERBOXD + row * 100_000] * 12),
        "empty lines.zip": zipped(LETTERBOXD + b"\n" * 30_000_000),
        "lzma.zip": zipped(LETTERBOXD + row * 1_000_000, method=zipfile.ZIP_LZMA),
        "empty files.zip": zipped(*[b""] * 700),
        "bomb.csv.gz": gzip.compress(LETTERBOXD + row * 1_000_000),
        "bomb in a bomb.zip": _inside(zipped(LETTERBOXD + row * 1_300_000)),
    }


def _drawn(n: int) -> bytes:
    """Return lines that can be packed to a tenth of their size, and not much further."""
    rng = random.Random(0)
    return b"".join(b"2024-01-01,A title,19%02d,u,4\n" % rng.randrange(99) for _ in range(n))


def _inside(raw: bytes) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", raw)
    return memory.getvalue()


def read(path: Path, profile: Profile) -> str:
    """Read a file and plan it; return how that ended."""
    try:
        export = importing.read(path)
    except DataError as error:
        return _told(error)
    plan_import(export, CATALOGUE, profile)
    return f"read as {export.site}"


def _told(error: DataError) -> str:
    if "\n" in str(error) or not str(error).endswith("."):
        raise ValueError(f"no sentence: {error}")
    return type(error).__name__


def main() -> int:
    """Print what became of the files."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng, ends, faults = random.Random(arguments.seed), Counter[str](), Counter[str]()
    longest = most = 0.0
    with tempfile.TemporaryDirectory() as folder:
        profile = Profile("somebody", Path(folder) / "profiles.sqlite")
        named = iter(hostile().items())
        for n in range(-len(hostile()), arguments.inputs):
            name, raw = next(named) if n < 0 else fuzz_exports.a_file(rng)
            path = Path(folder) / name
            path.write_bytes(raw)
            size = len(raw)
            del raw
            _forget_peak()
            before, start = _megabytes(peak=False), time.process_time()
            try:
                ends[read(path, profile)] += 1
            except Exception:
                faults[traceback.format_exc()] += 1
            took, grew = time.process_time() - start, _megabytes(peak=True) - before
            if n < 0:
                print(f"{name:22} {size / 1000:6.1f} KB {took:6.2f} s {grew:6.0f} MB more")
            if size <= SMALL and (took > SECONDS or grew > MEGABYTES):
                faults[f"{name} of {size} bytes took {took:.1f} s and {grew:.0f} MB"] += 1
            longest, most = max(longest, took), max(most, grew)
            path.unlink()
        profile.close()
    for end, count in ends.most_common():
        print(f"{count:8,} {end}")
    print(f"{sum(ends.values()) + sum(faults.values()):,} inputs, the longest {longest:.2f} s,"
          f" {most:.0f} MB at most, {sum(faults.values())} faults")  # fmt: skip
    for fault, count in faults.most_common(20):
        print(f"\n{count} x {fault}")
    return 1 if faults else 0


def _megabytes(peak: bool) -> float:
    """Return the memory held now, or the most since `_forget_peak`."""
    word = "VmHWM:" if peak else "VmRSS:"
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(word)) / 1024


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


if __name__ == "__main__":
    sys.exit(main())
