"""Any bytes at all are read as a dataset or refused in a sentence: nothing else may come out.

    python tests/benchmarks/fuzz_loading.py [--inputs 100000] [--seed 0] [--minutes 60]

Takes small files of every form that is read, and changes them at random: bytes flipped, lines and
fields dropped, doubled and exchanged, numbers made odd, files cut, joined and packed into zips
whose bytes are changed too; parsed copies are damaged as well. Prints how many inputs were read,
how many were refused and by which error, the highest memory, and every input that raised anything
but our own errors, took over two seconds or grew memory by over 500 MB. Exits with 1 if there was
one.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import data

MOST_SECONDS, MOST_MEGABYTES = 2.0, 500
ODD = (
    *(b"", b"-1", b"0", b"1e9", b"nan", b"9" * 40, b"007", b"1.0", b"\xff", b"\x00", b'"', b'""'),
    *(b",", b";", b"::", b"\t", b" ", b"\n", b"\r", b"%", b"#", b"1:", b"4,5", b"tt0078748"),
    *(b"2001-02-30", b"1e999", b"--", b"\xef\xbb\xbf", b"x" * 300, "Amélie".encode(), b"(1999)"),
)
PACKINGS = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA
Change = Callable[[random.Random, bytes], bytes]


def _rows(rng: random.Random, line: str, n: int = 0) -> str:
    pairs = [(u, m) for u in range(1, 12) for m in range(1, 10)]
    chosen = rng.sample(pairs, n or rng.randint(1, 60))
    return "".join(line.format(u=u, m=m, v=rng.randint(1, 5), t=978300760) for u, m in chosen)


SEEDS: dict[str, Callable[[random.Random], dict[str, str]]] = {
    "csv": lambda rng: {
        "ratings.csv": "userId,movieId,rating,timestamp\n" + _rows(rng, "{u},{m},{v},{t}\n"),
        "movies.csv": "movieId,title,genres\n" + _rows(rng, '{m},"Alpha, The ({m})",A|B\n'),
        "links.csv": "movieId,imdbId,tmdbId\n" + _rows(rng, "{m},00{m}7,{m}9\n"),
    },
    "1m": lambda rng: {
        "ratings.dat": _rows(rng, "{u}::{m}::{v}::{t}\n"),
        "movies.dat": _rows(rng, "{m}::Alpha ({m})::A|B\n"),
    },
    "100k": lambda rng: {
        "u.data": _rows(rng, "{u}\t{m}\t{v}\t{t}\n"),
        "u.item": _rows(rng, "{m}|Alpha (1999)|01-Jan-1995||" + "|0" * 19 + "\n"),
    },
    "text": lambda rng: {
        "a.csv": "user,title,year,rating\n" + _rows(rng, '"ann {u}","A {m}",1999,{v}\n'),
    },
    "odd names": lambda rng: {"a.csv": "a,b,c\n" + _rows(rng, "{m},{u},{v}\n")},
    "spaces": lambda rng: {"a.txt": "% comment\n" + _rows(rng, " {u}  {m}\t{v}\n")},
    "netflix": lambda rng: {
        "a.txt": "".join(f"{m}:\n" + _rows(rng, "{u},{v},2005-09-06\n", 5) for m in range(1, 9)),
        "movie_titles.csv": _rows(rng, "{m},1999,Alpha, the {m}\n"),
    },
    "recbole": lambda rng: {
        "a.inter": "user_id:token\titem_id:token\trating:float\n" + _rows(rng, "{u}\t{m}\t{v}\n"),
        "a.item": "item_id:token\tmovie_title:token_seq\n" + _rows(rng, "{m}\tAlpha\n"),
    },
}  # fmt: skip


def flipped(rng: random.Random, raw: bytes) -> bytes:
    """Change some bytes."""
    changed = bytearray(raw)
    for _ in range(rng.randint(1, 8)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def spliced(rng: random.Random, raw: bytes) -> bytes:
    """Put something odd in the place of some bytes."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randint(0, len(raw))
        raw = raw[:start] + rng.choice(ODD) + raw[start + rng.choice((0, 0, 1, 5, 40)) :]
    return raw


def shuffled(rng: random.Random, raw: bytes) -> bytes:
    """Drop, double or exchange lines, or fields of one."""
    lines = raw.split(b"\n")
    for _ in range(rng.randint(1, 4)):
        i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
        fields = lines[i].split(b",")
        rng.shuffle(fields)
        lines[i], lines[j] = rng.choice(
            ((lines[j], lines[i]), (b"", lines[j]), (lines[j],) * 2, (b",".join(fields), lines[j]))
        )
    return b"\n".join(lines)


def cut(rng: random.Random, raw: bytes) -> bytes:
    """Leave off the end, or the beginning."""
    at = rng.randint(0, len(raw))
    return raw[:at] if rng.random() < 0.7 else raw[at:]


def every_field(rng: random.Random, raw: bytes) -> bytes:
    """Put something odd in the place of one field of every line."""
    number, odd = rng.randint(0, 4), rng.choice(ODD)
    lines = (line.split(b",") for line in raw.split(b"\n"))
    changed = ([odd if i == number else one for i, one in enumerate(fields)] for fields in lines)
    return b"\n".join(map(b",".join, changed))


CHANGES: tuple[Change, ...] = (flipped, spliced, shuffled, cut, every_field)


def changed(rng: random.Random, raw: bytes) -> bytes:
    """Change a file in no, one or two ways."""
    for _ in range(rng.choice((0, 1, 1, 2))):
        raw = rng.choice(CHANGES)(rng, raw)
    return raw


def write(rng: random.Random, folder: Path) -> Path:
    """Write one input; return what to open."""
    files = {
        name: text.encode(rng.choice(("utf-8", "utf-8", "latin-1", "utf-16")), errors="replace")
        for name, text in SEEDS[rng.choice(list(SEEDS))](rng).items()
    }
    files = {name: changed(rng, raw) for name, raw in files.items()}
    for name, raw in files.items():
        (folder / name).write_bytes(raw)
    if rng.random() < 0.7:
        return rng.choice((folder, folder / next(iter(files))))
    path = folder / "a.zip"
    packing = rng.choice(PACKINGS)
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    if rng.random() < 0.7:
        path.write_bytes(rng.choice((flipped, cut))(rng, path.read_bytes()))
    return path


def opened(path: Path, rng: random.Random) -> str:
    """Open an input, once more after its parsed copy was damaged; return what came out."""
    try:
        dataset = data.read(path, unrated=rng.choice((None, "keep", "drop")))
    except data.DataError as error:
        fit = str(error).isprintable() and str(error).endswith(".")
        return type(error).__name__ if fit else f"no sentence: {error}"
    kept = sorted(Path(os.environ["XDG_CACHE_HOME"]).glob("reelrank/datasets/*/*"))
    if kept and rng.random() < 0.5:
        one = rng.choice(kept)
        one.write_bytes(rng.choice((flipped, cut))(rng, one.read_bytes()))
        assert data.read(path, unrated="keep").catalogue is not None
    _ = dataset.summary
    dataset.catalogue.search("alpha")
    return "read"


def megabytes() -> float:
    """Return the highest memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one_input(seed: int) -> tuple[str, str]:
    """Return what came out of one input, and what was wrong with that; empty if nothing."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = f"{name}/cache"
        folder = Path(name) / "files"
        folder.mkdir()
        path = write(rng, folder)
        before, memory = time.process_time(), megabytes()
        try:
            outcome = opened(path, rng)
        except Exception as error:
            return type(error).__name__, f"{type(error).__name__}: {error}"
        if time.process_time() - before > MOST_SECONDS:
            return outcome, f"{time.process_time() - before:.1f} s"
        grown = megabytes() - memory
        return outcome, f"{grown:.0f} MB" if grown > MOST_MEGABYTES else ""


def main() -> int:
    """Print what came out; return 1 if anything did that may not."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=60)
    arguments = parser.parse_args()
    outcomes, wrong, started = Counter[str](), 0, time.monotonic()
    for seed in range(arguments.seed, arguments.seed + arguments.inputs):
        outcome, problem = one_input(seed)
        outcomes[outcome] += 1
        if problem or outcome.startswith("no sentence"):
            wrong += 1
            print(f"seed {seed}: {problem}", flush=True)
        if time.monotonic() - started > 60 * arguments.minutes:
            break
    for outcome, count in outcomes.most_common():
        print(f"{count:8,} {outcome}")
    print(f"{outcomes.total():,} inputs, {wrong} wrong, {megabytes():.0f} MB at most")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
