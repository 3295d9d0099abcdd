"""Anything at all is read or refused in a sentence; a benchmark does the same at length."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import data
from data.folder_or_zip import look
from data.loading import gathering, ratings_format
from data.loading.films_file import read_films
from data.loading.moments import moment
from data.loading.numbers import number
from data.loading.text_ids import TextIds
from engine.stepwise import finished

often = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PIECES = (
    *("1", "2", "40", "4.5", "-1", "0", "99", "1e9", "nan", "007", "x" * 50, "é", "\0", '"', '""'),
    *(
        ",",
        ";",
        "\t",
        "|",
        "::",
        " ",
        "\n",
        "\r\n",
        "\r",
        "%",
        "#",
        "1:",
        "978300760",
        "2001-01-01",
    ),
    *(
        "userId",
        "movieId",
        "rating",
        "timestamp",
        "title",
        "genres",
        "user",
        "item",
        "isbn",
        "(1999)",
    ),
    *(
        "1,2,3\n",
        "2\t3\t4\t978300760\n",
        "1::2::3::978300760\n",
        "1:\n2,3,2001-01-01\n",
        "a;b;4,5\n",
    ),
)
texts = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)
files = st.one_of(
    texts.map(str.encode),
    texts.map(lambda text: text.encode("utf-16")),
    st.binary(max_size=200),
    st.tuples(texts, st.binary(max_size=9), texts).map(
        lambda parts: parts[0].encode() + parts[1] + parts[2].encode()
    ),
)


def outcome(path: Path) -> int:
    """How many ratings were read; 0 where the file was refused in a sentence."""
    try:
        dataset = data.read(path, unrated="keep")
    except data.DataError as error:
        text = str(error)
    else:
        assert len(dataset.catalogue) == dataset.ratings.n_movies
        assert dataset.summary.n_ratings == len(dataset.ratings)
        return len(dataset.ratings)
    assert text.isprintable()
    assert text.endswith(".")
    return 0


@pytest.mark.parametrize("name", ["a.csv", "ratings.csv", "u.data", "ratings.dat", "a.inter"])
@often
@given(raw=files)
def test_any_file_of_ratings(tmp_path: Path, name: str, raw: bytes) -> None:
    (tmp_path / name).write_bytes(raw)
    most = raw.count(b"\n") + raw.count(b"\r") + 1
    assert outcome(tmp_path / name) <= most
    assert outcome(tmp_path) <= most


@pytest.mark.parametrize(
    "name",
    ["movies.csv", "movies.dat", "u.item", "links.csv", "movie_titles.csv", "ratings.item"],
)
@often
@given(raw=files)
def test_any_file_of_films_costs_no_rating(tmp_path: Path, name: str, raw: bytes) -> None:
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n1,2,3\n2,2,4\n1,40,5\n")
    if name == "links.csv":
        (tmp_path / "movies.csv").write_text("movieId,title,genres\n2,Alpha (1999),X\n")
    (tmp_path / name).write_bytes(raw)
    assert outcome(tmp_path) == 3
    films = finished(read_films(look(tmp_path), "ratings.csv")).films
    assert all(film.title.isprintable() and film.title for film in films.values())


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@often
@given(place=st.floats(0, 1, exclude_max=True), change=st.integers(1, 255), n=st.integers(0, 300))
def test_any_zip(tmp_path: Path, packing: int, place: float, change: int, n: int) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("ratings.csv", "user,item,rating\n" + "1,2,3\n2,2,4\n" * (n + 1))
        archive.writestr("movies.csv", "movieId,title,genres\n2,Alpha (1999),X\n")
    whole = bytearray(path.read_bytes())
    whole[int(place * len(whole))] ^= change
    path.write_bytes(whole)
    outcome(path)


@often
@given(raw=files)
def test_any_beginning_of_a_file(raw: bytes) -> None:
    try:
        found = ratings_format.sniff(raw, "here")
    except data.DataError:
        return
    if found is not None:
        columns = found.columns
        assert columns.n_fields >= 3
        assert found.in_blocks or len({columns.user, columns.movie, columns.rating}) == 3


@often
@given(raw=files, size=st.integers(1, 50), form=st.sampled_from(["csv", "netflix", "spaces"]))
def test_any_blocks(raw: bytes, size: int, form: str) -> None:
    heads = {"csv": b"user,item,rating\n1,2,3\n", "netflix": b"1:\n2,3,2001-01-01\n"}
    head = heads.get(form, b"1  2  3\n")
    found = ratings_format.sniff(head, "here")
    assert found is not None
    gathered = gathering.Gathered()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gathering, "BLOCK", size)
        for block, _ in gathering.blocks(Bytes(head + raw), found):
            gathered.add(block)
    assert gathered.n_ratings >= 1
    assert gathered.n_ratings + gathered.n_skipped == gathered.n_lines


class Bytes:
    """A file that gives at most what is asked for."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def read(self, size: int, /) -> bytes:
        part, self.raw = self.raw[:size], self.raw[size:]
        return part


@pytest.mark.parametrize("reader", [moment, TextIds().code, lambda text: number(text.encode())])
@often
@given(text=st.one_of(st.text(max_size=40), texts))
def test_any_field(reader: Callable[[str], object], text: str) -> None:
    reader(text)
