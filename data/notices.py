"""What to tell a person about files that are only partly right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from data.catalogue import Catalogue
from data.dataset import Dataset, Notice
from data.loading.films_file import FilmsFile
from engine import Ratings, Scale
from engine.arrays import Offsets
from engine.stepwise import Work, chunks

SHOWN = 5
"""Line numbers spelt out in a sentence."""
KEPT = 1000
"""Line numbers kept for who wants to see more."""
FILMS = 20_000
"""Films that are looked at in a step."""
_LETTERS = 60
"""Letters of a line that are quoted."""


def of_broken(lines: Sequence[int], n: int, where: str) -> tuple[Notice, ...]:
    """Return what to say about `n` lines of the ratings file that are no ratings."""
    return _if_any(lines, n, "is no rating and was", "are no ratings and were", where)


def of_strays(lines: Sequence[int], n: int, scale: Scale, where: str) -> tuple[Notice, ...]:
    """Return what to say about `n` ratings off the scale."""
    off = f"off the scale from {scale.low:g} to {scale.high:g}"
    return _if_any(lines, n, f"is {off} and was", f"are {off} and were", where)


def of_unrated(lines: Sequence[int], n: int, value: float, where: str) -> tuple[Notice, ...]:
    """Return what to say about `n` ratings that stand for "not rated"."""
    says = f"{value:g}, which stands for “not rated”, and"
    return _if_any(lines, n, f"is {says} was", f"are {says} were", where)


def of_scale(scale: Scale, usual: bool, alike: bool, where: str) -> tuple[Notice, ...]:
    """Return what to say about the scale, if it is not one of those that stars have."""
    if usual:
        return ()
    same = " All of them are the same: nothing tells a better film from a worse one." * alike
    low, high = (f"{one:g}" for one in scale)
    return (Notice(f"The ratings in {where} are taken on a scale from {low} to {high}.{same}"),)


def of_times(untimed: int, n_ratings: int, where: str) -> tuple[Notice, ...]:
    """Return what to say where most ratings tell when they were given, but some do not."""
    if not 0 < untimed < n_ratings / 2:
        return ()
    tell = "1 line does" if untimed == 1 else f"{untimed:,} lines do"
    says = f"{tell} not tell when the rating was given, so the times in {where} are left aside."
    return (Notice(says, untimed),)


def of_repeats(lines: Sequence[int], n: int, where: str) -> tuple[Notice, ...]:
    """Return what to say about `n` ratings that a later line of the same pair replaced."""
    says = "by the same user for the same film and {} left out"
    one = "is followed by another rating " + says.format("was")
    many = "are followed by another rating " + says.format("were")
    return _if_any(lines, n, one, many, where)


def of_films(films: FilmsFile, catalogue: Catalogue, where: str) -> Work[tuple[Notice, ...]]:
    """Return what to say about the file of films, and of films without ratings or names."""
    found = list(_of_file(films, where))
    numbers, labels = 0, Counter[tuple[str, int]]()
    for part in chunks(len(catalogue), FILMS):
        named = zip(catalogue.ids[part], catalogue.films[part], strict=True)
        numbers += sum(
            film.title == f"Film {one}" and one not in films.films for one, film in named
        )
        labels.update((film.title, film.year) for film in catalogue.films[part])
        yield part.stop / len(catalogue)
    if numbers:
        them = "1 film is" if numbers == 1 else f"{numbers:,} films are"
        found.append(Notice(f"{them} not described in the files and shown by number.", numbers))
    unrated = int(np.count_nonzero(catalogue.counts == 0))
    if unrated:
        have = "1 film has" if unrated == 1 else f"{unrated:,} films have"
        found.append(Notice(f"{have} no ratings.", unrated))
    twice = sum(count > 1 for count in labels.values())
    if twice:
        stand = "1 title stands" if twice == 1 else f"{twice:,} titles stand"
        found.append(Notice(f"{stand} under more than one id.", twice))
    return tuple(found)


def _of_file(films: FilmsFile, where: str) -> tuple[Notice, ...]:
    found: tuple[Notice, ...] = ()
    if films.unusable:
        begins = films.unusable[:_LETTERS] + "…" * (len(films.unusable) > _LETTERS)
        says = f"{where} could not be used: no columns for id and title are told by “{begins}”."
        found += (Notice(says),)
    if not films.whole:
        found += (Notice(f"{where} is too long: {len(films.films):,} of its films are known."),)
    one, many = "describes no film and was", "describe no film and were"
    return found + _if_any(films.broken, films.n_broken, one, many, where)


def of_split(train: Dataset, test: Dataset) -> tuple[Notice, ...]:
    """Return what to know before a model of `train` is tested on `test`, aligned with it."""
    found = []
    learned, held_out = train.ratings, test.ratings
    train_file, test_file = train.source.file, test.source.file
    if not np.isin(held_out.users, learned.users).any():
        says = f"Nobody in {test_file} is in {train_file}, so they are predicted as anybody is."
        found.append(Notice(says, held_out.n_users))
    both = len(np.intersect1d(_pairs(learned), _pairs(held_out), assume_unique=True))
    if both:
        ratings, stand = (
            ("1 rating of", "stands") if both == 1 else (f"{both:,} ratings of", "stand")
        )
        says = f"{ratings} {test_file} {stand} in {train_file} too, where a model learns them."
        found.append(Notice(says, both))
    return tuple(found)


def _pairs(ratings: Ratings) -> Offsets:
    """Return (n,) one number for each pair of user and movie."""
    return ratings.users.astype(np.int64) * ratings.n_movies + ratings.movies


def skipped(
    lines: Offsets, one: str, many: str, where: str, unit: str = "line", n: int | None = None
) -> Notice:
    """Say that `lines` (or other units) of a file were skipped, naming the first few.

    `n` is how many there are, where not all are given.
    """
    n = len(lines) if n is None else n
    lines = np.sort(lines)
    numbers = ", ".join(f"{line:,}" for line in lines[:SHOWN].tolist())
    more = f" and {n - SHOWN:,} more" if n > SHOWN else ""
    if n == 1:
        text = f"{unit.capitalize()} {numbers} of {where} {one} skipped."
    else:
        units = "entries" if unit == "entry" else f"{unit}s"
        text = f"{n:,} {units} of {where} {many} skipped: {numbers}{more}."
    told = text.replace("left out skipped", "left out")
    return Notice(told, n, tuple(lines[:KEPT].tolist()))


def _if_any(lines: Sequence[int], n: int, one: str, many: str, where: str) -> tuple[Notice, ...]:
    """Say that `n` lines were skipped, of which `lines` are the first; nothing of none."""
    return (skipped(np.array(lines, np.int64), one, many, where, n=n),) if n else ()
