"""Models come back from their files as they were, or say in a sentence why they do not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from test_algorithms import EVERY, last_model, planted, small

from data import library
from data.catalogue import Film, of
from data.dataset import Dataset, Source
from engine import archive


def dataset(seed: int = 0) -> Dataset:
    ratings = planted(seed)
    films = of(Film(f"Film {i}", 1950 + i) for i in range(ratings.n_movies))
    return Dataset(ratings, films, Source("planted"))


@EVERY
def test_a_model_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    ratings = planted()
    model = last_model(small(name), ratings)
    archive.save(model, tmp_path / "m.npz", {"note": "é [x]"})
    again, extra = archive.load(tmp_path / "m.npz")
    assert extra == {"note": "é [x]"}
    assert again.algorithm == model.algorithm
    assert again.scale == model.scale
    users, movies = np.arange(60), np.arange(60)
    np.testing.assert_array_equal(again.predict(users, movies), model.predict(users, movies))
    row = ratings.by_user.row(3)
    np.testing.assert_array_equal(again.fold_in(*row).predict(), model.fold_in(*row).predict())


def test_every_truncation_is_called_damaged(tmp_path: Path) -> None:
    file = tmp_path / "m.npz"
    archive.save(last_model(small("ALS"), planted()), file)
    whole = file.read_bytes()
    for cut in [0, 1, 4, 30, 100, len(whole) // 2, len(whole) - 23, len(whole) - 1]:
        file.write_bytes(whole[:cut])
        with pytest.raises(archive.UnreadableModel, match="damaged"):
            archive.load(file)


def test_other_files_and_newer_versions_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "m.npz"
    np.savez(file, header=np.frombuffer(json.dumps({"version": 99}).encode(), np.uint8))
    with pytest.raises(archive.UnreadableModel, match="newer"):
        archive.load(file)
    np.savez(file, numbers=np.arange(3))
    with pytest.raises(archive.UnreadableModel, match="not a model"):
        archive.load(file)
    file.write_text("not a zip")
    with pytest.raises(archive.UnreadableModel, match="not a model"):
        archive.load(file)


def test_the_library_lists_loads_renames_and_deletes() -> None:
    data = dataset()
    model = last_model(small("ALS"), data.ratings)
    saved = library.save(model, data, "my ALS", {"rmse": 0.9})
    (listed,) = library.saved()
    assert listed == saved
    assert listed.metrics == {"rmse": 0.9}
    assert library.load(listed, data).algorithm == model.algorithm
    assert library.rename(listed, "another").name == "another"
    assert library.saved()[0].name == "another"
    library.delete(listed)
    assert library.saved() == []
    with pytest.raises(library.LibraryError, match="cannot be read"):
        library.load(listed)


def test_a_model_of_another_dataset_says_so() -> None:
    model = last_model(small("ALS"), planted())
    saved = library.save(model, dataset(), "mine", {})
    with pytest.raises(library.LibraryError, match="trained on planted"):
        library.load(saved, dataset(seed=4))


def test_a_damaged_model_is_listed_with_its_problem() -> None:
    saved = library.save(last_model(small("ALS"), planted()), dataset(), "mine", {})
    saved.file.write_bytes(saved.file.read_bytes()[:200])
    (listed,) = library.saved()
    assert "damaged" in listed.problem


def test_a_library_that_cannot_be_written_says_where(home: Path) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "reelrank").write_text("in the way")
    with pytest.raises(Exception, match="Could not write"):
        library.save(last_model(small("ALS"), planted()), dataset(), "mine", {})
