"""The scale is the one that holds the lines, in every form, and it is told."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import data
from data.errors import UnknownFormat
from data.loading import scales
from data.loading.scales import Spread
from engine.stepwise import finished

_random = random.Random(3)
PAIRS = [(u, m) for u in range(1, 31) for m in sorted(_random.sample(range(1, 41), 12))]
SCALES: dict[str, tuple[Sequence[float], tuple[float, float]]] = {
    "likes": ([0, 1], (0, 1)),
    "shares": ([0.1 * i for i in range(11)], (0, 1)),
    "nothing but likes": ([1], (0, 1)),
    "whole stars": ([1, 2, 3, 4, 5], (1, 5)),
    "half stars": ([0.5 * i for i in range(1, 11)], (0.5, 5)),
    "quarters": ([0.25 * i for i in range(2, 21)], (0.5, 5)),
    "stars and none": ([0, 1, 2, 3, 4, 5], (0, 5)),
    "ten": (list(range(1, 11)), (1, 10)),
    "ten and none": (list(range(11)), (0, 10)),
    "thumbs": ([-1, 0, 1], (-1, 1)),
    "Jester": ([0.03 * i for i in range(-333, 334)], (-10, 10)),
    "whole, both ways": (list(range(-10, 11)), (-10, 10)),
    "hundred": (list(range(101)), (0, 100)),
    "hundredths": ([0.01 * i for i in range(10_000)], (0, 100)),
    "seven": (list(range(1, 8)), (1, 10)),
}
FORMS = {
    "official": "userId,movieId,rating\n|{u},{m},{v}|ratings.csv",
    "own": "user;item;rating\n|{u};{m};{v}|mine.csv",
    "1M": "|{u}::{m}::{v}::978300760|ratings.dat",
    "100K": "|{u}\t{m}\t{v}\t978300760|u.data",
    "text": "name,film,rating\n|user {u},film {m},{v}|mine.csv",
}


def write(folder: Path, form: str, values: Sequence[float]) -> Path:
    header, line, name = FORMS[form].split("|")
    rng = random.Random(1)
    body = (line.format(u=u, m=m, v=f"{rng.choice(values):g}") for u, m in PAIRS)
    (folder / name).write_text(header + "\n".join(body) + "\n")
    return folder / name


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("scale", SCALES)
def test_the_scale_holds_all_lines(tmp_path: Path, form: str, scale: str) -> None:
    values, expected = SCALES[scale]
    if form == "official" and scale == "whole stars":
        expected = (0.5, 5)  # where half stars can be given, whether or not one occurs
    path = write(tmp_path, form.replace("text", "own") if form == "text" else form, values)
    dataset = data.read(path)
    assert len(dataset.ratings) == len(PAIRS)
    assert dataset.ratings.scale == expected
    told = [str(one) for one in dataset.warnings if "are taken on a scale" in str(one)]
    usual = expected in {(1, 5), (0.5, 5)}
    assert [f"from {expected[0]:g} to {expected[1]:g}." in one for one in told] == [True] * (
        not usual
    )


def test_ratings_that_are_all_the_same_are_told(tmp_path: Path) -> None:
    dataset = data.read(write(tmp_path, "own", [1]))
    assert any("All of them are the same" in str(one) for one in dataset.warnings)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("values", [[1000, 2000, 3000], [881250949, 891350008], [-50, -20, -90]])
def test_numbers_that_are_no_ratings_are_refused(
    tmp_path: Path, form: str, values: list[float]
) -> None:
    path = write(tmp_path, form, values)
    with pytest.raises((UnknownFormat, data.DataError)) as caught:
        data.read(path)
    assert str(path) in str(caught.value)


def test_play_counts_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "own", [1, 3, 20, 170, 230, 4000])
    with pytest.raises(
        UnknownFormat, match=r"lie outside any known scale.*bring them onto a scale"
    ):
        data.read(path)


def test_what_occurs_is_counted_as_numpy_counts_it() -> None:
    rng = np.random.default_rng(0)
    for values in (
        rng.integers(0, 11, 4000) / 2,
        rng.integers(-20, 20, 4000) / 3,
        rng.integers(0, 101, 4000),
    ):
        found = finished(scales.spread(values.astype(np.float32)))
        expected, counts = np.unique(values.astype(np.float32), return_counts=True)
        assert np.array_equal(found.values, expected)
        assert np.array_equal(found.counts, counts)
        assert found.n == 4000


def test_a_scale_is_never_so_narrow_that_much_is_lost() -> None:
    rng = np.random.default_rng(4)
    for _ in range(300):
        low = rng.choice([-10, -5, -1, 0, 0.5, 1])
        values = np.unique(
            np.rint(rng.uniform(low, rng.choice([1, 5, 7, 10, 60, 100]), 30) * 2) / 2
        )
        counts = rng.integers(1, 1000, len(values)).astype(np.float64)
        found = Spread(values.astype(np.float32), counts)
        scale = scales.scale_of(found, bool(rng.integers(2)), "here")
        assert found.share_on(scale) >= 1 - scales.STRAY
