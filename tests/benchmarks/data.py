"""How fast and how large reading is, beside pandas; how long saving and loading a model takes.

    python tests/benchmarks/data.py FOLDER [--shape 25m] [--rounds 3] [--seed 0] [--output data.md]

Writes ratings.csv, movies.csv and links.csv of the shape of a MovieLens release into FOLDER (about
650 MB for 25m; delete it afterwards), drawn from `generated.py` with the stated seed and sorted by
user and movie as the publisher's are, and text.csv, the same with letters before each id. Then, in
turn for some rounds and each in a process of its own, so that the highest memory is its own:
`pandas.read_csv`, our reading of the same lines into arrays, `data.read` with nothing kept (films
named, ids counted, repeats sought, the parsed copy written), `data.read` from the parsed copy, and
`data.read` of the ids of text. Then a key of the search is timed over 87,585 made-up titles, and
last a model of rank 32 with the users and films of ml-32m is saved and loaded. Prints medians.
Needs pandas.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks.generated import SHAPES, Shape, generate

HIGHEST_ID = 3
"""Movie ids go about so many times as high as there are movies, as in ml-25m."""
_AROUND = """
import json, resource, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
folder = Path(sys.argv[1])
{}
wall, work = time.perf_counter(), time.process_time()
if "ratings" in told:
    told |= {{"seconds": wall - started[0], "work": work - started[1]}}
told["MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(told))
"""
_PANDAS = """
import pandas
started = time.perf_counter(), time.process_time()
table = pandas.read_csv(folder / "ratings.csv")
told = {"ratings": len(table)}
"""
_LINES = """
from data.loading import gathering
from data.loading.fast_csv import Columns
from data.loading.ratings_format import MOVIELENS_CSV, RatingsFormat
started = time.perf_counter(), time.process_time()
gathered = gathering.Gathered()
form = RatingsFormat(MOVIELENS_CSV, Columns(",", 4), skip=1)
with (folder / "ratings.csv").open("rb", buffering=0) as file:
    for block, _ in gathering.blocks(file, form):
        gathered.add(block)
told = {"ratings": gathered.n_ratings}
"""
_WHOLE = """
import data
started = time.perf_counter(), time.process_time()
dataset = data.read(folder)
told = {"ratings": len(dataset.ratings)}
"""
_TEXT = """
import data
started = time.perf_counter(), time.process_time()
dataset = data.read(folder / "text.csv")
told = {"ratings": len(dataset.ratings)}
"""
_SEARCH = """
import numpy as np
from data.catalogue import Catalogue, Film
rng = np.random.default_rng(0)
syllables = [a + b for a in "bcdfghlmnprstvw" for b in ("a", "e", "i", "o", "u", "er", "on", "the")]
words = ["".join(rng.choice(syllables, n)) for n in rng.integers(1, 5, 20_000)] + ["the"] * 900
titles = [" ".join(rng.choice(words, n)).title() for n in rng.integers(1, 7, 87_585)]
films = tuple(Film(title, 1920 + i % 100) for i, title in enumerate(titles))
catalogue = Catalogue(films, rng.integers(0, 50_000, len(films)))
catalogue.prepare()
typed = [title[:n] for title in rng.choice(titles, 300) for n in range(1, min(len(title), 15) + 1)]
spans = []
for text in typed:
    before = time.perf_counter()
    catalogue.search(text)
    spans.append(1000 * (time.perf_counter() - before))
told = {"keys": len(spans), "median": float(np.median(spans))}
told |= {"95": float(np.percentile(spans, 95)), "films": len(films)}
"""
_MODEL = """
from data import saved_models
from data.catalogue import Film, of
from data.dataset import Dataset, Source
from engine import ALS
from tests.benchmarks.generated import Shape, generate
ratings = generate(Shape(200_948, 87_585, 2_000_000))
films = of(Film(f"Film {i}", 1950) for i in range(ratings.n_movies))
dataset = Dataset(ratings, films, Source("generated"))
dataset.fingerprint
steps = ALS(factors=32, epochs=1).run(ratings, 0)
model = next(step.model for step in steps if step.model is not None)
moments = [time.perf_counter()]
entry = saved_models.save(model, dataset, "benchmark", {"rmse": 1.0})
moments.append(time.perf_counter())
listed = saved_models.saved()
moments.append(time.perf_counter())
saved_models.load(entry, dataset)
moments.append(time.perf_counter())
entry = saved_models.rename(entry, "another")
moments.append(time.perf_counter())
spans = [after - before for before, after in zip(moments, moments[1:])]
told = dict(zip(("save", "list", "load", "rename"), spans)) | {"MB": entry.size / 1e6}
"""
READERS = {
    "pandas.read_csv": _PANDAS,
    "the lines alone": _LINES,
    "data.read, the first time": _WHOLE,
    "data.read, from the parsed copy": _WHOLE,
    "data.read, the first time, ids of text": _TEXT,
}


def write(folder: Path, shape: Shape, seed: int) -> None:
    """Write a dataset in the CSV form of MovieLens."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    ratings = generate(shape, seed)
    ids = np.sort(rng.choice(HIGHEST_ID * shape.n_movies, shape.n_movies, replace=False)) + 1
    order = np.lexsort((ratings.movies, ratings.users))
    halves = np.maximum(ratings.values - rng.integers(0, 2, len(ratings)) / 2, 0.5)
    with (folder / "ratings.csv").open("w", encoding="ascii") as file:
        file.write("userId,movieId,rating,timestamp\n")
        for part in np.array_split(order, max(len(order) // 500_000, 1)):
            times = rng.integers(789_652_009, 1_574_327_703, len(part))
            columns = (ratings.users[part] + 1, ids[ratings.movies[part]], halves[part], times)
            rows = zip(*(column.tolist() for column in columns), strict=True)
            file.write("".join(f"{u},{m},{r},{t}\n" for u, m, r, t in rows))
    with (folder / "text.csv").open("w", encoding="ascii") as file:
        file.writelines(_lettered(folder / "ratings.csv"))
    genres = ["Drama", "Comedy|Romance", "Action|Sci-Fi|Thriller", "(no genres listed)"]
    films = (
        f'{one},"Film {one}{", The" * (one % 4 == 0)}{" (Numéro, Le)" * (one % 8 == 0)} '
        f'({1920 + one % 100})",{genres[one % 4]}\n'
        for one in ids.tolist()
    )
    (folder / "movies.csv").write_text("movieId,title,genres\n" + "".join(films), "utf-8")
    links = (f"{one},{one:07d},{one + 7}\n" for one in ids.tolist())
    (folder / "links.csv").write_text("movieId,imdbId,tmdbId\n" + "".join(links), "utf-8")


def _lettered(ratings: Path) -> Iterator[str]:
    """Yield the lines of a ratings file with letters before its ids."""
    with ratings.open(encoding="ascii") as file:
        yield next(file)
        for line in file:
            user, movie, rest = line.split(",", 2)
            yield f"user{user},tt{movie:0>7},{rest}"


def measured(code: str, folder: Path) -> dict[str, float]:
    """Run a piece of work in a process of its own; return what it tells, with its highest MiB."""
    environment = os.environ | {
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_DATA_HOME": str(folder / "data"),
    }
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", _AROUND.format(code), str(folder), str(root)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def read(folder: Path, rounds: int) -> Iterator[str]:
    """Yield the lines of the table of reading."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in READERS}
    for _ in range(rounds):
        shutil.rmtree(folder / "cache", ignore_errors=True)
        for name, code in READERS.items():
            found[name].append(measured(code, folder))
    if len({told["ratings"] for several in found.values() for told in several}) != 1:
        sys.exit("not all readers find the same number of ratings")
    yield "| | s | beside pandas | of the processor, s | highest memory, MiB |"
    yield "|---|---|---|---|---|"
    pandas = [told["seconds"] for told in found["pandas.read_csv"]]
    for name, several in found.items():
        seconds = [told["seconds"] for told in several]
        ratios = [own / theirs for own, theirs in zip(seconds, pandas, strict=True)]
        work = statistics.median(told["work"] for told in several)
        peak = max(told["MiB"] for told in several)
        yield (
            f"| {name} | {statistics.median(seconds):.2f} | {statistics.median(ratios):.2f} "
            f"({min(ratios):.2f} to {max(ratios):.2f}) | "
            f"{work:.2f} | {peak:.0f} |"
        )


def search(folder: Path) -> str:
    """Return what a key of the search costs."""
    costs = measured(_SEARCH, folder)
    return (
        f"Search over {costs['films']:,} films, {costs['keys']:,} keys: median "
        f"{costs['median']:.1f} ms, 95 % within {costs['95']:.1f} ms."
    )


def model(folder: Path) -> str:
    """Return what saving and loading a model costs."""
    costs = measured(_MODEL, folder)
    return (
        f"A model of 200,948 users and 87,585 films, rank 32, {costs['MB']:.0f} MB: "
        f"save {costs['save']:.2f} s, list {costs['list'] * 1e3:.0f} ms, "
        f"load {costs['load']:.2f} s, rename {costs['rename']:.2f} s."
    )


def main() -> None:
    """Print the tables, and write them to a file if told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--shape", choices=list(SHAPES), default="25m")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path)
    parser.add_argument("--write", action="store_true", help="only write the files")
    arguments = parser.parse_args()
    shape, seed = SHAPES[arguments.shape], arguments.seed
    if arguments.write:
        write(arguments.folder, shape, seed)
        return
    folder = arguments.folder / f"generated-{arguments.shape}-{seed}"
    if not (folder / "text.csv").exists():  # not here: a child begins with its parent's peak
        same = ["--write", "--shape", arguments.shape, "--seed", str(seed)]
        subprocess.run([sys.executable, __file__, folder, *same], check=True)
    size = (folder / "ratings.csv").stat().st_size / 1e6
    lines = [
        f"{shape.n_ratings:,} ratings, {size:.0f} MB, seed {seed}, {platform.machine()}, "
        f"{os.cpu_count()} cores",
        "",
    ]
    print(*lines, sep="\n")
    for line in (*read(folder, arguments.rounds), "", search(folder), "", model(folder)):
        lines.append(line)
        print(line, flush=True)
    if arguments.output:
        arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
