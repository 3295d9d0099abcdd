"""Models come back from their files as they were, or say in a sentence why they do not."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from data import saved_models
from data.dataset import Source
from data.errors import CannotWrite
from engine import archive
from tests.support.arrays import ids
from tests.support.narrowing import present
from tests.support.training import EVERY, dataset, last_model, planted, small


@EVERY
def test_a_model_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    ratings = planted()
    model = last_model(small(name), ratings)
    archive.save(model, tmp_path / "m.npz", {"note": "é [x]"})
    again, extra = archive.read(tmp_path / "m.npz")
    assert extra == {"note": "é [x]"}
    assert again.algorithm == model.algorithm
    assert again.scale == model.scale
    users, movies = ids(np.arange(60)), ids(np.arange(60))
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


def test_no_changed_byte_is_a_riddle(tmp_path: Path) -> None:
    file = tmp_path / "m.npz"
    model = last_model(small("ALS"), planted())
    archive.save(model, file)
    whole = file.read_bytes()
    pairs = ids(np.arange(60)), ids(np.arange(60))
    expected = model.predict(*pairs)
    rng = random.Random(0)
    records = [at for at in range(len(whole)) if whole.startswith(b"PK", at)]
    told = 0
    for _ in range(400):
        changed = bytearray(whole)
        place = rng.choice([rng.choice(records) + rng.randrange(60), rng.randrange(len(whole))])
        changed[min(place, len(whole) - 1)] ^= rng.randrange(1, 256)
        file.write_bytes(changed)
        try:
            again, _ = archive.read(file)
        except (archive.UnreadableModel, OSError):
            told += 1
            continue
        np.testing.assert_array_equal(again.predict(*pairs), expected)
    assert told > 200


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
    saved = saved_models.save(model, data, "my ALS", {"rmse": 0.9})
    (listed,) = saved_models.saved()
    assert listed == saved
    assert listed.size == listed.file.stat().st_size > 1000
    assert datetime.now(UTC) - timedelta(minutes=5) < listed.at <= datetime.now(UTC)
    assert (listed.algorithm, listed.dataset) == ("ALS", "planted")
    assert listed.parameters["factors"] == model.algorithm.factors
    assert listed.fingerprint == data.fingerprint
    assert listed.metrics == {"rmse": 0.9}
    assert saved_models.load(listed, data).algorithm == model.algorithm
    assert saved_models.rename(listed, "another").name == "another"
    assert saved_models.saved()[0].name == "another"
    saved_models.delete(listed)
    assert saved_models.saved() == []
    with pytest.raises(saved_models.LibraryError, match="cannot be read"):
        saved_models.load(listed)


def test_a_model_of_made_up_ratings_says_that_they_are() -> None:
    made_up = replace(dataset(), source=Source("demo", synthetic=True))
    saved_models.save(last_model(small("ALS"), planted()), made_up, "mine", {})
    assert saved_models.saved()[0].dataset == "demo, synthetic"


def test_a_model_of_another_dataset_says_so() -> None:
    model = last_model(small("ALS"), planted())
    saved = saved_models.save(model, dataset(), "mine", {})
    with pytest.raises(saved_models.LibraryError, match="trained on planted"):
        saved_models.load(saved, dataset(seed=4))


def test_a_damaged_model_is_listed_with_its_problem() -> None:
    saved = saved_models.save(last_model(small("ALS"), planted()), dataset(), "mine", {})
    saved.file.write_bytes(saved.file.read_bytes()[:200])
    (listed,) = saved_models.saved()
    assert "damaged" in listed.problem


def test_a_library_that_cannot_be_written_says_where(home: Path) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "reelrank").write_text("in the way")
    with pytest.raises(Exception, match="Could not write"):
        saved_models.save(last_model(small("ALS"), planted()), dataset(), "mine", {})


def test_a_model_of_a_newer_program_is_listed_and_says_so() -> None:
    saved = saved_models.save(last_model(small("ALS"), planted()), dataset(), "mine", {})
    header = {"version": archive.VERSION + 1, "extra": {}, "model": {}}
    np.savez(saved.file, header=np.frombuffer(json.dumps(header).encode(), np.uint8))
    (listed,) = saved_models.saved()
    assert "newer reelrank; update this one" in listed.problem
    with pytest.raises(saved_models.LibraryError, match="newer reelrank"):
        saved_models.load(listed, dataset())
    saved_models.delete(listed)
    assert saved_models.saved() == []


def test_a_header_that_says_too_little_is_a_problem_and_no_riddle() -> None:
    model = last_model(small("ALS"), planted())
    saved = saved_models.save(model, dataset(), "mine", {})
    archive.save(model, saved.file, {"name": "x"})
    (listed,) = saved_models.saved()
    assert listed.problem.endswith("train it anew.")


def test_a_name_is_text_and_nothing_else() -> None:
    model = last_model(small("ALS"), planted())
    saved_models.save(model, dataset(), "[red]\x1b[2J\nX[/red]", {})
    assert saved_models.saved()[0].name == "[red] [2J X[/red]"


@contextmanager
def small_files(most: int) -> Iterator[None]:
    """Let no file grow beyond `most` bytes, as if the disk were full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_without_room_nothing_is_left_and_what_was_there_stays() -> None:
    model = last_model(small("ALS"), planted())
    before = saved_models.save(model, dataset(), "mine", {})
    with small_files(2000):
        with pytest.raises(CannotWrite, match="free space"):
            saved_models.save(model, dataset(), "another", {})
        with pytest.raises(CannotWrite, match="free space"):
            saved_models.rename(before, "renamed")
    assert [one.name for one in saved_models.saved()] == ["mine"]
    assert list(saved_models.folder().iterdir()) == [before.file]
    assert saved_models.load(before, dataset()).algorithm == model.algorithm


SAVER = """
import sys
sys.path[:0] = sys.argv[1:]
from data import saved_models
from tests.support.training import dataset, last_model, planted, small
model, data = last_model(small("ALS"), planted()), dataset()
while True:
    saved_models.save(model, data, "mine", {})
    print("saved", flush=True)
"""


def test_killed_while_saving_every_file_is_whole() -> None:
    here = Path(__file__).parent
    command = [sys.executable, "-c", SAVER, str(here.parents[1])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for _ in range(8):
            assert present(process.stdout).readline() == "saved\n"
        os.kill(process.pid, signal.SIGKILL)
        said = 8 + len(present(process.stdout).read().split())
    listed = saved_models.saved()
    assert said <= len(listed) <= said + 1
    assert all(saved_models.load(one, dataset()) for one in listed)


def test_what_a_killed_program_left_is_swept_up_after_a_day() -> None:
    folder = saved_models.folder()
    folder.mkdir(parents=True)
    old, fresh = folder / ".1.npz.77.part", folder / ".2.npz.78.part"
    for part in (old, fresh):
        part.write_bytes(b"half")
    os.utime(old, (0, 0))
    saved_models.save(last_model(small("ALS"), planted()), dataset(), "mine", {})
    assert not old.exists()
    assert fresh.exists()
    assert len(saved_models.saved()) == 1
