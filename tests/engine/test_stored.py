"""What is defined is saved: an algorithm from outside, and what could not be read back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine import InvalidParameter, Ratings, UnreadableModel, UnsavableModel, archive, training
from engine.arrays import Floats
from engine.stored import class_named, stored
from tests.support.arrays import ids
from tests.support.biases import Biases, BiasesModel, Levels
from tests.support.narrowing import of_kind
from tests.support.training import last_model, planted, small, watched

RATINGS = planted()


def test_an_algorithm_defined_elsewhere_is_trained_saved_and_loaded(tmp_path: Path) -> None:
    train, test = watched(n_users=80, n_movies=60).split(0.1, 0)
    (epoch,) = training.train(Biases(), train, test)
    assert epoch.test_mse < np.var(test.values)
    engine.save(epoch.model, tmp_path / "m.npz")
    again = engine.load(tmp_path / "m.npz")
    assert type(again) is BiasesModel
    assert again.algorithm == Biases()
    everybody = np.arange(80, dtype=np.int32)
    np.testing.assert_array_equal(again.predict_all(everybody), epoch.model.predict_all(everybody))
    viewer = again.fold_in(np.array([3, 5, 7]), np.array([5.0, 4.5, 5.0]))
    stars = viewer.predict(clip=False)
    for movie in (0, 3, 59):
        assert viewer.explain(movie).score == pytest.approx(stars[movie], abs=1e-5)
    neighbours = again.similar(0, 5)
    assert len(neighbours.movies) == 5
    assert (np.diff(neighbours.similarity) <= 0).all()


def test_without_a_rank_there_is_no_sweep_over_ranks() -> None:
    assert Biases().factors is None
    assert Biases().epochs == 1
    with pytest.raises(InvalidParameter, match="no rank"):
        training.sweep(Biases(), [1, 2], RATINGS, RATINGS)


@dataclass(frozen=True, eq=False)
class Unmarked:
    """Levels that do not say that files may hold them."""

    mean: float
    movies: Floats
    users: Floats


def spoiled(**changes: Any) -> BiasesModel:
    model = of_kind(BiasesModel, last_model(Biases(), RATINGS))
    return replace(model, levels=replace(model.levels, **changes))


def unmarked() -> BiasesModel:
    model = of_kind(BiasesModel, last_model(Biases(), RATINGS))
    levels = model.levels
    other: Any = Unmarked(levels.mean, levels.movies, levels.users)
    return replace(model, levels=other)


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (unmarked(), "Unmarked is not marked"),
        (spoiled(mean=RATINGS), "Ratings is not marked"),
        (spoiled(mean={"a": 1}), "levels.mean is a dict"),
        (spoiled(mean=lambda: 0), "levels.mean is a function"),
        (spoiled(movies=np.array([None, 1])), "levels.movies is a ndarray"),
        (Levels(1.0, RATINGS.values, RATINGS.values), "is no model"),
        ("model", "is no model"),
    ],
    ids=str,
)
def test_what_could_not_be_read_back_is_not_saved(
    model: engine.Model, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "m.npz"
    with pytest.raises(UnsavableModel, match=says):
        engine.save(model, file)
    assert not list(tmp_path.iterdir())


def test_extra_values_that_json_does_not_know_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsavableModel, match="not JSON serializable"):
        archive.save(last_model(Biases(), RATINGS), tmp_path / "m.npz", {"at": tmp_path})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("part", [(1, 2.5, "a"), (), [1, [2, (3,)]], None, True, "é", 2**70])
def test_plain_values_come_back_as_they_were(part: object, tmp_path: Path) -> None:
    engine.save(spoiled(mean=part), tmp_path / "m.npz")
    again = engine.load(tmp_path / "m.npz")
    assert isinstance(again, BiasesModel)
    assert again.levels.mean == part
    assert type(again.levels.mean) is type(part)


def test_saving_leaves_the_model_as_it_was(tmp_path: Path) -> None:
    model = spoiled(movies=np.arange(60, dtype=np.float32))
    assert model.levels.movies.flags.writeable
    engine.save(model, tmp_path / "m.npz")
    assert model.levels.movies.flags.writeable


def test_an_algorithm_that_is_gone_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.save(last_model(Biases(), RATINGS), tmp_path / "m.npz")
    monkeypatch.delitem(engine.stored._CLASSES, "BiasesModel")
    with pytest.raises(UnreadableModel, match="holds a BiasesModel, which this program does not"):
        engine.load(tmp_path / "m.npz")


def test_two_classes_of_one_name_are_refused_where_the_second_is_defined() -> None:
    with pytest.raises(TypeError, match=r"hold a Penalty of engine\.rows.*another name"):

        @stored
        @dataclass
        class Penalty:
            reg: float = 0.0

    assert class_named("Penalty").__module__ == "engine.rows"


def test_a_file_of_the_first_version_is_read(tmp_path: Path) -> None:
    """It named the factorisation a model."""
    model = last_model(small("ALS"), RATINGS)
    engine.save(model, tmp_path / "m.npz")
    with np.load(tmp_path / "m.npz") as file:
        parts = dict(file)
    header = parts.pop("header").tobytes().decode()
    older = header.replace('"Factorisation"', '"Model"').replace('"version": 2', '"version": 1')
    assert older.count('"Model"') == older.count('"version": 1') == 1
    np.savez(tmp_path / "old.npz", header=np.frombuffer(older.encode(), np.uint8), **parts)
    again = engine.load(tmp_path / "old.npz")
    np.testing.assert_array_equal(again.predict_all(ids([1])), model.predict_all(ids([1])))


def test_a_path_may_be_text(tmp_path: Path) -> None:
    engine.save(last_model(Biases(), RATINGS), f"{tmp_path}/m.npz")
    assert isinstance(engine.load(f"{tmp_path}/m.npz"), BiasesModel)


def test_ratings_are_no_part_of_a_model() -> None:
    assert class_named(Ratings.__name__) is None
