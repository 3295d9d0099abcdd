"""How surely the films of an export are found in a dataset that knows them by other spellings.

    python tests/benchmarks/matching.py FOLDER_WITH_MOVIELENS [--seed 0] [--rounds 5]
        [--names NAMES.csv]

Protocol: of the films of ml-latest-small a tenth, drawn at random, is taken out of the dataset;
2,000 films drawn from all of them make an export as Letterboxd writes it, without any number: the
article in front or moved behind, another title in place of the main one or in parentheses after
it, accents, capitals and punctuation dropped, and one year in ten wrong by one. The export is
written to a file, read as a person's would be and matched. A second export of the same films has
IMDb's numbers, the titles mangled in the same way and every year wrong.

Precision: of the films taken for one of the dataset without asking, the share that is it. Recall:
of the films that the dataset has, the share found so. Asked: those left to the person, and how many
of them have the right film among the choices. Films that are not in the dataset but have a namesake
in it at most two years apart are told in a line of their own: no rule without numbers can
know those.

Then each film of ml-latest-small is looked for by each of its names as if the dataset lacked it:
any that is found is wrong, and what would be offered is counted.

With `--names`, a file of `site_title,year,movielens_title` says how other sites spell films of
ml-latest-small: the share found without asking, found or offered, and found wrongly.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import data
from data import importing
from data.catalogue import Catalogue, Film
from data.importing.matching import Finder
from data.importing.plan import plan_import
from data.loose_titles import LooseTitles
from data.profile import Profile

FILMS = 2000
TAKEN_OUT = 0.1
WRONG_YEARS = 0.1
_YEAR = re.compile(r"\s*\(\d{4}(?:[-–]\d{0,4})?\)\s*$")


@dataclass
class Score:
    """What became of the films of an export."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    """Films taken for another one without asking."""
    asked: int = 0
    among: int = 0
    """How many of those asked about have the right film among the choices."""
    missed: list[str] = field(default_factory=list)
    """Films of the dataset that were taken for unknown."""
    kept_apart: int = 0
    """Films that are not in the dataset, and known not to be."""
    namesakes: int = 0
    namesakes_wrong: int = 0

    there: int = 0
    """How many of the export's films the dataset has."""

    @property
    def precision(self) -> float:
        """The share of right ones among those taken without asking."""
        return self.right / max(self.right + len(self.wrong), 1)

    @property
    def recall(self) -> float:
        """The share found without asking of the films that the dataset has."""
        return self.right / max(self.there, 1)


Spelling = Callable[[Film, str, np.random.Generator], str]
"""From a film and its title as the catalogue's file has it to a title as an export may have it."""


def without_accents(title: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", title) if not unicodedata.combining(c))


def without_punctuation(title: str) -> str:
    return re.sub(r"[,.:!?'’\-]", "", title)


def with_other_title(film: Film, raw: str, rng: np.random.Generator) -> str:
    return f"{film.title} ({film.aliases[0]})" if film.aliases else film.title


SPELLINGS: dict[str, tuple[float, Spelling]] = {
    "article in front": (0.40, lambda film, raw, rng: film.title),
    "article moved, other titles in parentheses": (0.20, lambda film, raw, rng: raw),
    "another title": (0.10, lambda film, raw, rng: str(rng.choice([film.title, *film.aliases]))),
    "title (other title)": (0.05, with_other_title),
    "no accents": (0.10, lambda film, raw, rng: without_accents(film.title)),
    "no punctuation": (0.05, lambda film, raw, rng: without_punctuation(film.title)),
    "capitals": (0.05, lambda film, raw, rng: film.title.upper()),
    "and for &": (0.05, lambda film, raw, rng: film.title.replace("&", "and")),
}


@dataclass(frozen=True)
class Case:
    """An export and the dataset that it is matched with."""

    catalogue: Catalogue
    """Without the films taken out."""
    films: tuple[Film, ...]
    """The films of the export, in its order."""
    rows: list[tuple[object, ...]]
    """Date, title, year, address and stars of each."""
    truth: tuple[int | None, ...]
    """What each is in the dataset."""


def case(catalogue: Catalogue, raw: list[str], seed: int) -> Case:
    """Draw an export and a dataset."""
    rng = np.random.default_rng(seed)
    inside = rng.random(len(catalogue)) >= TAKEN_OUT
    place = np.cumsum(inside) - 1
    smaller = Catalogue(
        tuple(film for film, there in zip(catalogue, inside, strict=True) if there),
        catalogue.counts[inside],
    )
    chosen = rng.choice(len(catalogue), FILMS, replace=False)
    shares = np.array([share for share, _ in SPELLINGS.values()])
    spellings = [spelling for _, spelling in SPELLINGS.values()]
    rows: list[tuple[object, ...]] = []
    for movie in chosen.tolist():
        film = catalogue[movie]
        title = spellings[rng.choice(len(spellings), p=shares / shares.sum())](
            film, raw[movie], rng
        )
        off = int(rng.choice([-1, 1])) if rng.random() < WRONG_YEARS else 0
        stars = rng.integers(1, 11) / 2
        year = film.year + off if film.year else ""
        rows.append(("2024-05-01", title, year, f"https://boxd.it/{movie:x}", f"{stars:g}"))
    truth = tuple(int(place[movie]) if inside[movie] else None for movie in chosen.tolist())
    return Case(smaller, tuple(catalogue[movie] for movie in chosen.tolist()), rows, truth)


def letterboxd(drawn: Case, path: Path) -> None:
    """Write the export as Letterboxd does, without numbers."""
    _write(path, ("Date", "Name", "Year", "Letterboxd URI", "Rating"), drawn.rows)


def imdb(drawn: Case, path: Path) -> None:
    """Write the export as IMDb does, every year wrong."""
    header = ("Const", "Your Rating", "Date Rated", "Title", "URL", "Title Type", "Year")
    rows = (
        (f"tt{film.imdb:07}", int(2 * float(str(stars))), day, title, uri, "Movie", film.year + 7)
        for film, (day, title, _, uri, stars) in zip(drawn.films, drawn.rows, strict=True)
    )
    _write(path, header, rows)


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def score(drawn: Case, path: Path, profile: Profile) -> Score:
    """Read the export at `path`, match it, and compare with the truth."""
    made = plan_import(importing.read(path), drawn.catalogue, profile)
    found = Score(there=sum(movie is not None for movie in drawn.truth))
    items = {item.entry.uri or item.entry.film.imdb: item for item in made.items}
    for film, row, truth in zip(drawn.films, drawn.rows, drawn.truth, strict=True):
        item = items[row[3] if row[3] in items else film.imdb]
        if truth is None and _namesake(drawn.catalogue, film):
            found.namesakes += 1
            found.namesakes_wrong += item.match.movie is not None
        elif item.match.movie is not None and item.match.movie == truth:
            found.right += 1
        elif item.match.movie is not None:
            taken = drawn.catalogue[item.match.movie]
            found.wrong.append(f"{item.entry.film.label}: {film.label} taken for {taken.label}")
        elif item.is_open:
            found.asked += 1
            found.among += truth in item.match.candidates
        elif truth is None:
            found.kept_apart += 1
        else:
            found.missed.append(f"{item.entry.film.label}: {film.label}")
    return found


def _namesake(catalogue: Catalogue, film: Film) -> bool:
    """Return whether the dataset has another film of that name at most two years apart."""
    return any(
        abs(other.year - film.year) <= 2 and set(other.folded) & set(film.folded)
        for other in (catalogue[movie] for movie in catalogue.search(film.title, 50).tolist())
    )


def raw_titles(folder: Path, catalogue: Catalogue) -> list[str]:
    """Return the titles as the dataset's file has them, without their years."""
    with (folder / "movies.csv").open(encoding="utf-8", newline="") as file:
        titles = {row["movieId"]: _YEAR.sub("", row["title"]) for row in csv.DictReader(file)}
    return [titles[movie] for movie in catalogue.ids]


class _Without(LooseTitles):
    """Looks films up as if one were missing."""

    missing = -1

    def _alike(self, film: Film, year: int) -> Iterator[int]:
        return (movie for movie in super()._alike(film, year) if movie != self.missing)


def _loose(catalogue: Catalogue) -> _Without:
    lines = ["\t".join(film.folded) for film in catalogue]
    return _Without(lines, catalogue.films, catalogue.counts)


def taken_when_missing(catalogue: Catalogue) -> list[str]:
    """Return the films that are taken for another one where the dataset lacks them.

    Namesakes at most a year apart do not count: see above.
    """
    loose, wrong = _loose(catalogue), []
    for movie, name, film in _lone(catalogue):
        loose.missing = movie
        found = loose.find(film)
        if found is not None:
            wrong.append(f"{name} ({film.year}) taken for {catalogue[found].label}")
    return wrong


def offered_when_missing(catalogue: Catalogue) -> tuple[int, int]:
    """Return of how many films something else would be offered, and of how many looked for."""
    loose = _loose(catalogue)
    offered = looked = 0
    for movie, name, film in _lone(catalogue):
        if name == catalogue[movie].title:
            loose.missing = movie
            looked += 1
            offered += bool(loose.offers(film))
    return offered, looked


def _lone(catalogue: Catalogue) -> Iterator[tuple[int, str, Film]]:
    """Yield each film by each of its names, but for those with a namesake a year apart at most."""
    named: dict[str, set[int]] = defaultdict(set)
    for movie, film in enumerate(catalogue):
        for name in film.folded:
            named[name].add(movie)
    for movie, film in enumerate(catalogue):
        for name in film.names:
            one = Film(name, film.year)
            same = {other for folded in one.folded for other in named[folded]} - {movie}
            if film.year and all(abs(catalogue[other].year - film.year) > 1 for other in same):
                yield movie, name, one


def by_names(folder: Path, catalogue: Catalogue, names: Path) -> str:
    """Return how well the films of a list of other spellings are found."""
    with (folder / "movies.csv").open(encoding="utf-8", newline="") as file:
        ids = {row["title"].strip(): row["movieId"] for row in csv.DictReader(file)}
    place = {movie: index for index, movie in enumerate(catalogue.ids)}
    finder, found, offered, wrong, n = Finder(catalogue), 0, 0, 0, 0
    with names.open(encoding="utf-8", newline="") as file, tempfile.TemporaryDirectory() as made:
        for row in csv.DictReader(file):
            path = Path(made) / "ratings.csv"
            header = ("Date", "Name", "Year", "Letterboxd URI", "Rating")
            _write(path, header, [("2024-01-01", row["site_title"], row["year"], "u", "4")])
            (entry,) = importing.read(path).entries
            truth = place[ids[row["movielens_title"].strip()]]
            match = finder.find(entry.film)
            n += 1
            found += match.movie == truth
            wrong += match.movie not in (truth, None)
            offered += match.movie is None and truth in match.candidates
    return (
        f"{n} names of other sites: {found / n:.1%} found without asking, "
        f"{(found + offered) / n:.1%} found or offered, {wrong} wrong"
    )


def main() -> None:
    """Print a table, one line an export."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--names", type=Path)
    arguments = parser.parse_args()
    folder = arguments.folder / "ml-latest-small"
    catalogue = data.read(folder).catalogue
    raw = raw_titles(folder, catalogue)
    print("| export | seed | precision | recall | asked (right one among the choices) | missed |"
          " not there, known so | namesakes (wrong) |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        for seed in range(arguments.seed, arguments.seed + arguments.rounds):
            drawn = case(catalogue, raw, seed)
            for name, write in (("titles only", letterboxd), ("IMDb numbers", imdb)):
                path = Path(temporary) / "ratings.csv"
                write(drawn, path)
                profile = Profile(f"{name} {seed}", Path(temporary) / "profiles.sqlite")
                _print(name, seed, score(drawn, path, profile))
                profile.close()
    wrong, (offered, looked) = taken_when_missing(catalogue), offered_when_missing(catalogue)
    print(f"\nlooked for when missing: {len(wrong)} taken for another film,"
          f" {offered} of {looked} offered one")  # fmt: skip
    for film in wrong:
        print(f"  wrong: {film}")
    if arguments.names:
        print(by_names(folder, catalogue, arguments.names))


def _print(name: str, seed: int, got: Score) -> None:
    print(f"| {name} | {seed} | {100 * got.precision:.2f} % ({len(got.wrong)} wrong) | "
          f"{100 * got.recall:.2f} % | {got.asked} ({got.among}) | {len(got.missed)} | "
          f"{got.kept_apart} | {got.namesakes} ({got.namesakes_wrong}) |")  # fmt: skip
    for kind, films in (("wrong", got.wrong), ("missed", got.missed)):
        for film in films:
            print(f"  {kind}: {film}")


if __name__ == "__main__":
    main()
