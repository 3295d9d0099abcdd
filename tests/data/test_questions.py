"""What a file does not tell is asked, never guessed; what was answered need not be told again."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

import data
from data import paths
from data.errors import DataError, UnknownFormat

_random = random.Random(11)
ROWS = [
    (user, movie, _random.randint(1, 5))
    for user in range(1, 31)
    for movie in sorted(_random.sample(range(1, 41), 12))
]
CHOICE = data.ColumnChoice(user=1, movie=0, rating=2)


def rated(dataset: data.Dataset) -> set[tuple[str, str, float]]:
    ratings = dataset.ratings
    told = zip(ratings.users, ratings.movies, ratings.values, strict=True)
    return {(dataset.user_ids[u], dataset.catalogue.ids[m], float(v)) for u, m, v in told}


EXPECTED = {(str(u), str(m), float(v)) for u, m, v in ROWS}


def write(path: Path, header: str, form: str) -> Path:
    body = "".join(form.format(u=u, m=m, v=v) + "\n" for u, m, v in ROWS)
    path.write_text((header + "\n" if header else "") + body)
    return path


UNCLEAR = {
    "names that tell nothing": ("a,b,c", "{m},{u},{v}"),
    "two that may be people": ("reviewer,member,item,rating", "{u},{u},{m},{v}"),
    "two that may be ratings": ("first,second,user,item", "{v},{v},{u},{m}"),
    "two that may be the film": ("user,one,other,rating", "{u},{m},x{m},{v}"),
    "five without names": ("", "{m},{u},x{v},{v},{v}"),
    "ratings first, without names": ("", "{v},{u}00,{m}00"),
    "everything by one person": ("film,what,rating", "{m},de,{v}"),
}


@pytest.mark.parametrize("case", UNCLEAR)
def test_it_is_asked_which_column_is_what(tmp_path: Path, case: str) -> None:
    header, form = UNCLEAR[case]
    path = write(tmp_path / "mine.csv", header, form)
    with pytest.raises(data.ColumnsUnclear, match=r"user, movie and rating") as caught:
        data.read(path)
    asked = caught.value
    assert isinstance(asked, UnknownFormat)
    assert str(path) in str(asked)
    assert asked.names == tuple(header.split(",") if header else ())
    u, m, v = ROWS[0]
    assert asked.sample[0] == tuple(form.format(u=u, m=m, v=v).split(","))


def test_the_likelier_of_two_ratings_is_taken_and_told(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.csv", "points,stars,user,item", "7,{v},{u},{m}")
    dataset = data.read(path)
    assert rated(dataset) == EXPECTED
    assert str(dataset.warnings[0]).endswith("was taken for the rating, not “points”.")


@pytest.mark.parametrize("choice", [CHOICE, data.ColumnChoice("b", "a", "c")])
def test_with_the_answer_it_is_read(tmp_path: Path, choice: data.ColumnChoice) -> None:
    path = write(tmp_path / "mine.csv", "a,b,c", "{m},{u},{v}")
    assert rated(data.read(path, columns=choice)) == EXPECTED
    (last,) = (one.dataset for one in data.reading(path, columns=choice) if one.dataset)
    assert rated(last) == EXPECTED


def test_an_answer_goes_before_what_names_tell(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.csv", "user,item,rating", "{m},{u},{v}")
    assert rated(data.read(path)) != EXPECTED
    assert rated(data.read(path, columns=CHOICE)) == EXPECTED
    assert rated(data.read(path, columns=data.ColumnChoice(0, 1, 2))) != EXPECTED


def test_an_answer_is_remembered_with_the_parsed_copy(tmp_path: Path) -> None:
    path = write(tmp_path / "mine.csv", "a,b,c", "{m},{u},{v}")
    data.read(path, columns=CHOICE)
    assert rated(data.read(path)) == EXPECTED
    shutil.rmtree(paths.cache_folder())
    with pytest.raises(data.ColumnsUnclear):
        data.read(path)


def test_a_folder_is_asked_about_only_if_no_file_in_it_is_clear(tmp_path: Path) -> None:
    write(tmp_path / "aaa.csv", "a,b,c", "{m},{u},{v}")
    with pytest.raises(data.ColumnsUnclear):
        data.read(tmp_path)
    assert rated(data.read(tmp_path, columns=CHOICE)) == EXPECTED
    write(tmp_path / "bbb.csv", "user,item,rating", "{u},{m},{v}")
    assert rated(data.read(tmp_path)) == EXPECTED


@pytest.mark.parametrize(
    "choice",
    [
        data.ColumnChoice(0, 1, 3),
        data.ColumnChoice(0, 1, -1),
        data.ColumnChoice("a", "b", "d"),
        data.ColumnChoice(0, 0, 2),
    ],
)
def test_an_answer_that_cannot_be_is_refused(tmp_path: Path, choice: data.ColumnChoice) -> None:
    path = write(tmp_path / "mine.csv", "a,b,c", "{m},{u},{v}")
    with pytest.raises(DataError, match=r"columns"):
        data.read(path, columns=choice)


@pytest.mark.parametrize(
    ("value", "share", "best"), [("-1", 0.2, 10), ("0", 0.6, 10), ("0", 0.6, 5), ("99", 0.3, 9.9)]
)
def test_it_is_asked_what_a_value_stands_for(
    tmp_path: Path, value: str, share: float, best: float
) -> None:
    rng = random.Random(1)
    rows = [(u, m, round(1 + rng.random() * (best - 1))) for u, m, _ in ROWS]
    gone = set(rng.sample(range(len(rows)), int(share * len(rows))))
    path = tmp_path / "mine.csv"
    lines = (f"{u},{m},{value if i in gone else v}" for i, (u, m, v) in enumerate(rows))
    path.write_text("user,anime_id,rating\n" + "\n".join(lines) + "\n")
    with pytest.raises(data.UnratedUnclear, match=f"are {value}, which seems to stand") as caught:
        data.read(path)
    asked = caught.value
    assert (asked.value, asked.count, asked.n_ratings) == (float(value), len(gone), len(rows))
    kept = data.read(path, unrated="keep")
    assert len(kept.ratings) == len(rows)
    assert float(value) in kept.ratings.values
    dropped = data.read(path, unrated="drop")
    assert rated(dropped) == {
        (str(u), str(m), float(v)) for i, (u, m, v) in enumerate(rows) if i not in gone
    }
    assert dropped.ratings.scale[0] >= 0.5
    notice = next(one for one in dropped.warnings if "stands for" in str(one))
    assert set(notice.lines) == {i + 2 for i in gone}
    assert len(data.read(path).ratings) == len(dropped.ratings)


@pytest.mark.parametrize(
    "values",
    [[-1, 0, 1], [-1, 1], [0, 1], [-2, -1, 0, 1, 2], [0, 1, 2, 3, 4, 5], [99, 98, 50, 1], [0, 5]],
)
def test_scales_that_have_such_a_value_are_not_asked_about(
    tmp_path: Path, values: list[int]
) -> None:
    path = tmp_path / "mine.csv"
    lines = (f"{u},{m},{values[i % len(values)]}" for i, (u, m, _) in enumerate(ROWS))
    path.write_text("user,item,rating\n" + "\n".join(lines) + "\n")
    assert len(data.read(path).ratings) == len(ROWS)
