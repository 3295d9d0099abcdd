"""When ratings were given: read as Python reads it, and kept beside the rating it is of."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import data
from data.loading.fields import PAD, Bounds, padded
from data.loading.moments import moment, moments

HEADER = "userId,movieId,rating,timestamp\n"
LAST = 2**32 - 1
fields = st.one_of(
    st.integers(0, 10**14).map(str),
    st.integers(10**8, LAST).map(str),
    st.integers(10**8, LAST).map(lambda seconds: f"{seconds}123"),
    st.text("0123456789-: x", max_size=14),
    st.datetimes().map(lambda one: one.isoformat(" ")[:19]),
    st.dates().map(str),
    st.from_regex(
        r"(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]([ T][012][0-9](:[0-6][0-9]){2})?", fullmatch=True
    ),
)


def expected(field: str) -> int:
    """The moment by the plain reading of the words, digit by digit."""
    if field.isdigit() and len(field) in (9, 10, 12, 13):
        seconds = int(field[:-3] if len(field) > 10 else field)
        return seconds if seconds <= LAST else 0
    return _date(field) if len(field) in (10, 19) and field[4] == field[7] == "-" else 0


def _date(field: str) -> int:
    form = "%Y-%m-%d" if len(field) == 10 else f"%Y-%m-%d{field[10]}%H:%M:%S"
    try:
        told = datetime.strptime(field, form).replace(tzinfo=UTC)
    except ValueError:
        return 0
    seconds = int(told.timestamp())
    return seconds if 0 < seconds <= LAST else 0


@given(st.lists(fields, min_size=1, max_size=12))
@settings(max_examples=300)
def test_moments_of_bytes_are_what_python_reads(written: list[str]) -> None:
    text = padded(("," + "\n,".join(written) + "\n,").encode())
    ends = np.cumsum([len(field) + 2 for field in written]) - 1 + PAD
    starts = ends - [len(field) for field in written]
    assert moments(text, Bounds(starts, ends)).tolist() == [expected(field) for field in written]


@given(st.integers(10**8, LAST))
def test_a_moment_as_text_in_digits_or_as_iso_has_it(seconds: int) -> None:
    assert moment(f" {seconds} ") == moment(f"{seconds}999") == seconds
    assert moment(datetime.fromtimestamp(seconds, UTC).isoformat()) == seconds
    assert moment(datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")) == seconds
    assert moment(f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}") == seconds // 86400 * 86400


@pytest.mark.parametrize("text", ["", "yesterday", "9" * 10, "1e9", "0001-01-01", "9" * 5000])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moment(text) == 0


def test_times_stay_with_their_ratings_whatever_is_left_out(tmp_path: Path) -> None:
    lines = ["1,3,4,964982703", "nothing", "1,7,x,1", "2,3,3,1574327703", "1,3,5,789652009"]
    file = tmp_path / "ratings.csv"
    file.write_text(HEADER + "\n".join([*lines, "", "9,7,1,1111111111"]))
    ratings = data.read(file).ratings
    assert ratings.values.tolist() == [3, 5, 1]
    assert ratings.times is not None
    assert ratings.times.tolist() == [1574327703, 789652009, 1111111111]


def test_times_of_a_file_whose_ids_are_text(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text(
        "user,title,rating,time\nann,Heat,4,2001-09-09T01:46:40Z\nbob,Heat,3,964982703\n"
    )
    dataset = data.read(file)
    assert dataset.ratings.times is not None
    assert dataset.ratings.times.tolist() == [1_000_000_000, 964982703]
    assert dataset.years == (2000, 2001)


def test_times_that_most_lines_tell_but_not_all_are_left_aside_and_it_is_said(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ratings.csv"
    rows = [f"{user},3,4,{'?' if user == 4 else 964982703 + user}" for user in range(9)]
    file.write_text(HEADER + "\n".join(rows) + "\n")
    dataset = data.read(file)
    assert dataset.ratings.times is None
    assert dataset.years == (2000, 2000)
    assert len(dataset.ratings) == 9
    (told,) = (str(one) for one in dataset.warnings if "times" in str(one))
    assert told.startswith("1 line does not tell when the rating was given")


@pytest.mark.parametrize("rows", ["1,3,4\n2,3,5\n", "1,3,4,x\n2,3,5,x\n", "1,3,4,0\n2,3,5,0\n"])
def test_a_file_that_tells_no_times_has_none(tmp_path: Path, rows: str) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text((HEADER if rows.count(",") > 4 else "userId,movieId,rating\n") + rows)
    dataset = data.read(file)
    assert dataset.ratings.times is None
    assert dataset.years is None
    assert not [one for one in dataset.warnings if "times" in str(one)]


def test_the_real_times(movielens: Path) -> None:
    """Against Python's own csv reader, rating by rating; the second opening tells the same."""
    with (movielens / "ml-latest-small" / "ratings.csv").open(newline="") as file:
        told = [int(row["timestamp"]) for row in csv.DictReader(file)]
    for _ in range(2):
        times = data.read(movielens / "ml-latest-small").ratings.times
        assert times is not None
        assert times.tolist() == told
