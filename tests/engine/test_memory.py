"""Memory: bounded at every rank and shape, and asked for before a run begins."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from engine import ALGORITHMS, ALS, EASE, SVD, NotEnoughMemory, Ratings, memory
from tests.support.arrays import ratings_of
from tests.support.training import small

SHAPES = {
    "many films": (20, 500, 2000),
    "many people": (500, 20, 2000),
    "one film that everybody rated": (400, 1, 400),
    "few of both": (60, 60, 1500),
}
AT_500 = {"few of both": (40, 40, 600), "one film that everybody rated": (90, 1, 90)}
"""Each row's equations take a megabyte."""
CASES = [(rank, *shape) for rank in (1, 33, 128) for shape in SHAPES.items()]
CASES += [(500, *shape) for shape in AT_500.items()]
RANKED = [name for name, algorithm in ALGORITHMS.items() if algorithm.factors is not None]


def shaped(n_users: int, n_movies: int, n: int) -> Ratings:
    """Every user rates the first movie, and the rest is at random."""
    rng = np.random.default_rng(0)
    first = np.arange(n_users) * n_movies
    others = rng.choice(n_users * n_movies, max(n - n_users, 0), replace=False)
    keys = np.unique(np.concatenate([first, others]))
    values = rng.integers(1, 6, len(keys))
    return ratings_of(keys // n_movies, keys % n_movies, values, n_users, n_movies)


@pytest.mark.parametrize(("rank", "kind", "shape"), CASES, ids=str)
@pytest.mark.parametrize("name", RANKED)
def test_a_run_takes_no_more_than_it_asks_for(
    name: str, rank: int, kind: str, shape: tuple[int, int, int]
) -> None:
    train = shaped(*shape)
    algorithm = small(name, factors=rank, epochs=1)
    tracemalloc.start()
    try:
        for _ in algorithm.run(train, 0):
            pass
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken <= algorithm.need(train).total


def test_the_work_is_bounded_whatever_the_rank() -> None:
    train = shaped(*SHAPES["few of both"])
    for rank in (1, 500):
        assert ALS(factors=rank).need(train).working == memory.WORKING == 256 << 20


@pytest.mark.parametrize("algorithm", [ALS(factors=500), SVD(), EASE(), *ALGORITHMS.values()])
def test_what_cannot_fit_is_refused_in_a_sentence_before_it_begins(algorithm: ALS) -> None:
    people = 2_000_000_000
    vast = Ratings(np.array([0]), np.array([0]), np.array([4.0]), people, 1_000_000)
    with pytest.raises(NotEnoughMemory) as caught:
        next(iter(algorithm.run(vast, 0)))
    sentence = str(caught.value)
    assert sentence.startswith(algorithm.title)
    assert sentence.endswith(" are free.")
    for part in ("GB of memory", "for the model", "for the ratings", "to work in"):
        assert part in sentence
    assert "by_user" not in vast.__dict__  # not even sorted


def test_the_parts_are_the_sum() -> None:
    asked = memory.need(1000, 20, 5)
    assert asked.total == asked.model + asked.views + asked.working
    assert memory.need(2000, 20, 5).views == 2 * asked.views
    assert memory.need(1000, 20, 500).model > 50 * asked.model


def test_a_container_may_have_less_than_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:  2000 kB\n", "ascii")
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_CONTAINER", tmp_path)
    assert memory.available() == 2000 * 1024
    (tmp_path / "memory.current").write_text("500\n", "ascii")
    (tmp_path / "memory.max").write_text("max\n", "ascii")
    assert memory.available() == 2000 * 1024
    (tmp_path / "memory.max").write_text("1500\n", "ascii")
    assert memory.available() == 1000
    (tmp_path / "memory.current").write_text("1600\n", "ascii")
    assert memory.available() == 0


def test_a_system_that_counts_no_free_memory_is_asked_for_all_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "none")
    monkeypatch.setattr(memory, "_CONTAINER", tmp_path)
    assert (memory.available() or 0) > 1 << 28
