"""What to tell a person about files that are only partly right."""

from __future__ import annotations

from collections import Counter

import numpy as np

from data.catalogue import Catalogue
from data.dataset import Dataset, Notice
from data.loading.films_file import FilmsFile
from data.loading.gathering import Gathered
from data.loading.ratings_format import HALF_STARS
from engine import Ratings
from engine.arrays import Offsets

SHOWN = 5
"""Line numbers spelt out in a sentence."""
KEPT = 1000
"""Line numbers kept for who wants to see more."""


def of_lines(gathered: Gathered, where: str) -> tuple[Notice, ...]:
    """Return what to say about lines of the ratings file that were skipped."""
    found = []
    broken = np.concatenate([*gathered.broken, np.zeros(0, np.int64)])
    if len(broken):
        found.append(skipped(broken, "is no rating and was", "are no ratings and were", where))
    off = np.concatenate([*gathered.off_scale, np.zeros(0, np.int64)])
    if len(off):
        scale = f"the scale from {HALF_STARS.low:g} to {HALF_STARS.high:g}"
        found.append(skipped(off, f"is off {scale} and was", f"are off {scale} and were", where))
    return tuple(found)


def of_times(gathered: Gathered, where: str) -> tuple[Notice, ...]:
    """Return what to say where most ratings tell when they were given, but some do not."""
    untimed, n_ratings = gathered.untimed, gathered.n_ratings
    if not 0 < untimed < n_ratings / 2:
        return ()
    tell = "1 line does" if untimed == 1 else f"{untimed:,} lines do"
    says = f"{tell} not tell when the rating was given, so the times in {where} are left aside."
    return (Notice(says, untimed),)


def of_repeats(lines: Offsets, where: str) -> tuple[Notice, ...]:
    """Return what to say about ratings that a later line of the same pair replaced."""
    says = "by the same user for the same film and {} left out"
    return (
        skipped(
            lines,
            "is followed by another rating " + says.format("was"),
            "are followed by another rating " + says.format("were"),
            where,
        ),
    )


def of_films(films: FilmsFile, catalogue: Catalogue, where: str) -> tuple[Notice, ...]:
    """Return what to say about films without ratings, descriptions or ids of their own."""
    found = []
    if films.broken:
        lines = np.array(films.broken, np.int64)
        found.append(
            skipped(lines, "describes no film and was", "describe no film and were", where)
        )
    unknown = sum(int(one) not in films.films for one in catalogue.ids)
    if unknown:
        them = "1 film is" if unknown == 1 else f"{unknown:,} films are"
        found.append(Notice(f"{them} not described in the files and shown by number.", unknown))
    unrated = int(np.count_nonzero(catalogue.counts == 0))
    if unrated:
        have = "1 film has" if unrated == 1 else f"{unrated:,} films have"
        found.append(Notice(f"{have} no ratings.", unrated))
    labels = Counter((film.title, film.year) for film in films.films.values())
    twice = sum(count > 1 for count in labels.values())
    if twice:
        stand = "1 title stands" if twice == 1 else f"{twice:,} titles stand"
        found.append(Notice(f"{stand} under more than one id.", twice))
    return tuple(found)


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


def skipped(lines: Offsets, one: str, many: str, where: str, unit: str = "line") -> Notice:
    """Say that `lines` (or other units) of a file were skipped, naming the first few."""
    lines = np.sort(lines)
    numbers = ", ".join(f"{line:,}" for line in lines[:SHOWN].tolist())
    more = f" and {len(lines) - SHOWN:,} more" if len(lines) > SHOWN else ""
    if len(lines) == 1:
        text = f"{unit.capitalize()} {numbers} of {where} {one} skipped."
    else:
        units = "entries" if unit == "entry" else f"{unit}s"
        text = f"{len(lines):,} {units} of {where} {many} skipped: {numbers}{more}."
    return Notice(
        text.replace("left out skipped", "left out"), len(lines), tuple(lines[:KEPT].tolist())
    )
