"""Exports of every site, as they really come: read line by line, and nothing lost in silence."""

from __future__ import annotations

import csv
import io
import re
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import csv_rows, importing
from data.errors import Damaged, DataError, NoRatings, NotFound, UnknownFormat
from data.importing import files
from tests.support import exported
from tests.support.exported import (
    DIARY,
    IMDB,
    IMDB_LIST,
    LETTERBOXD,
    LIST,
    MOVIELENS,
    TMDB,
    TRAKT,
    write,
)


def stars(path: Path) -> dict[str, float | str | None]:
    """Return stars or mark of each film by its label."""
    found = importing.read(path).entries
    return {entry.film.label: entry.mark if entry.stars is None else entry.stars for entry in found}


def told(path: Path) -> str:
    return " ".join(map(str, importing.read(path).notices))


def test_letterboxd_ratings(tmp_path: Path) -> None:
    path = write(
        tmp_path, "ratings.csv", f"{LETTERBOXD},Rating",
        "2024-01-01,Alien,1979,https://boxd.it/a,4.5", '2024-01-02,"Paris, Texas",1984,b,0.5',
        "2024-01-03,A Film Without a Year,,c,3", "2024-01-04,Unrated,1999,d,",
    )  # fmt: skip
    export = importing.read(path)
    assert export.site == "Letterboxd"
    assert stars(path) == {
        "Alien (1979)": 4.5, "Paris, Texas (1984)": 0.5, "A Film Without a Year": 3
    }  # fmt: skip
    assert export.entries[0].at == "2024-01-01"
    assert "1 line without stars" in told(path)


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("watched.csv", "seen"),
        ("watchlist.csv", "watchlist"),
        ("Watchlist (2).csv", "watchlist"),
        ("letterboxd-watched-2024.csv", "seen"),
        ("films.csv", "seen"),
    ],
)
def test_the_name_of_a_file_without_stars_tells_what_it_is(
    tmp_path: Path, name: str, mark: str
) -> None:
    path = write(tmp_path, name, LETTERBOXD, "2024-01-01,Alien,1979,https://boxd.it/a")
    assert stars(path) == {"Alien (1979)": mark}


def test_a_name_that_does_not_tell_is_asked_to(tmp_path: Path) -> None:
    path = write(tmp_path, "mine.csv", LETTERBOXD, "2024-01-01,Alien,1979,a")
    with pytest.raises(UnknownFormat, match=r"mine\.csv holds no stars.*call it watchlist\.csv"):
        importing.read(path)


def test_a_diary_tells_the_last_rating_and_what_was_seen(tmp_path: Path) -> None:
    path = write(
        tmp_path, "diary.csv", DIARY,
        "2024-01-09,Alien,1979,x,5,Yes,,2024-01-08", "2024-01-01,Alien,1979,y,3,,,2024-01-01",
        "2024-01-02,Heat,1995,z,,,,2024-01-02",
    )  # fmt: skip
    assert stars(path) == {"Alien (1979)": 5, "Heat (1995)": "seen"}


WHOLE = {
    "Alien (1979)": 4.5,
    "Heat (1995)": 4,
    "Ran (1985)": "seen",
    "Brazil (1985)": "seen",
    "Stalker (1979)": "watchlist",
    "Fargo (1996)": "seen",
}


@pytest.mark.parametrize("prefix", ["", "letterboxd-somebody-2024/", "Exports/of mine/"])
def test_letterboxds_whole_export(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "letterboxd.zip"
    path.write_bytes(exported.zipped(exported.whole(prefix)))
    assert stars(path) == WHOLE
    for name, text in exported.whole(prefix).items():
        write(tmp_path / "folder", name, text)
    assert stars(tmp_path / "folder") == WHOLE


def test_a_zip_of_only_what_was_deleted_says_there_is_nothing(tmp_path: Path) -> None:
    files = {name: text for name, text in exported.whole().items() if "/" in name}
    files.pop("likes/films.csv")
    (tmp_path / "a.zip").write_bytes(exported.zipped(files))
    with pytest.raises(UnknownFormat, match="no export in"):
        importing.read(tmp_path / "a.zip")


def test_two_films_of_one_title_and_year_stay_two(tmp_path: Path) -> None:
    path = write(
        tmp_path, "ratings.csv", f"{LETTERBOXD},Rating",
        "2024-01-01,Emma,1996,https://boxd.it/a,4", "2024-01-01,Emma,1996,https://boxd.it/b,2",
    )  # fmt: skip
    assert [entry.stars for entry in importing.read(path).entries] == [4, 2]


def test_a_list_of_letterboxds_says_that_it_holds_no_stars(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match=r"is a list.*ratings\.csv"):
        importing.read(write(tmp_path, "best.csv", LIST))


def test_imdb(tmp_path: Path) -> None:
    path = write(
        tmp_path, "ratings.csv", IMDB,
        exported.imdb("tt0078748", 10, "Alien", 1979),
        exported.imdb("tt0113277", 1, "Heat", 1995, "movie"),
        exported.imdb("tt0903747", 9, "Breaking Bad", 2008, "TV Series"),
        exported.imdb("tt0944947", 9, "Game of Thrones", 2011, "tvSeries"),
        exported.imdb("tt2301451", 9, "Ozymandias", 2013, "TV Episode"),
        exported.imdb("tt0185906", 9, "Band of Brothers", 2001, "tvMiniSeries"),
        exported.imdb("tt9999999", 9, "Una serie", 2001, "Serie TV"),
        exported.imdb("tt0306414", 9, "A Game", 2002, "Video Game"),
        exported.imdb("tt0067023", 7, "Duel", 1971, "TV Movie"),
        exported.imdb("tt0089881", "", "Ran", 1985),
    )  # fmt: skip
    assert stars(path) == {"Alien (1979)": 5, "Heat (1995)": 0.5, "Duel (1971)": 3.5}
    assert "6 titles of television" in told(path)
    assert "1 line without stars" in told(path)
    films = [entry.film for entry in importing.read(path).entries]
    assert [film.imdb for film in films] == [78748, 113277, 67023]
    assert importing.read(path).entries[0].at == "2024-03-15"


def test_imdb_lists_and_cp1252(tmp_path: Path) -> None:
    line = "{0},{1},2024-01-01,2024-01-02,,{2},u,{3},8,100,{4},Drama,5,2001-04-25,X,{5},2024-02-03"
    lines = [
        line.format(1, "tt0211915", "Amélie – “belle”", "movie", 2001, 9),
        line.format(2, "tt0078748", "Alien", "movie", 1979, ""),
    ]
    path = write(tmp_path, "my list.csv", IMDB_LIST, *lines, encoding="cp1252")
    assert stars(path) == {"Amélie – “belle” (2001)": 4.5}
    path = write(tmp_path, "WATCHLIST.csv", IMDB_LIST, *lines)
    found = [(one.film.title, one.stars, one.mark) for one in importing.read(path).entries]
    assert found == [("Amélie – “belle”", 4.5, "watchlist"), ("Alien", None, "watchlist")]


def test_the_original_title_is_another_name(tmp_path: Path) -> None:
    line = exported.imdb("tt0211915", 9, "Amelie", 2001).split(",")
    line[4] = "Le fabuleux destin d'Amélie Poulain"
    (entry,) = importing.read(write(tmp_path, "r.csv", IMDB, ",".join(line))).entries
    assert "le fabuleux destin damelie poulain" in entry.film.folded


def test_movielens(tmp_path: Path) -> None:
    path = write(
        tmp_path, "movielens-ratings.csv", MOVIELENS,
        '2571,0133093,603,4.5,4.2,"Matrix, The (1999)"', "1,114709,862,0.5,3.9,Toy Story (1995)",
        '1237,tt0050976,490,5,4.1,"Seventh Seal, The (Sjunde inseglet, Det) (1957)"',
    )  # fmt: skip
    assert stars(path) == {
        "The Matrix (1999)": 4.5, "Toy Story (1995)": 0.5, "The Seventh Seal (1957)": 5
    }  # fmt: skip
    films = [entry.film for entry in importing.read(path).entries]
    assert [(film.imdb, film.tmdb) for film in films] == [
        (133093, 603),
        (114709, 862),
        (50976, 490),
    ]
    assert films[2].aliases == ("Det Sjunde inseglet",)


def test_trakt(tmp_path: Path) -> None:
    path = write(
        tmp_path, "ratings.csv", TRAKT,
        exported.trakt("movie", "Alien", 1979, "tt0078748", 348, 9),
        exported.trakt("show", "Lost", 2004, "tt0411008", 4607, 8),
        exported.trakt("episode", "Lost", 2004, "tt0411008", 4607, 8),
    )  # fmt: skip
    assert stars(path) == {"Alien (1979)": 4.5}
    (entry,) = importing.read(path).entries
    assert (entry.film.tmdb, entry.at) == (348, "2021-03-22 06:33:24.000")


def test_tmdb_and_its_quarters_of_a_star(tmp_path: Path) -> None:
    line = "{0},{1},{2},{3},1979-05-25T00:00:00Z,,,7.229,{4},2022-09-20T00:00:00Z"
    path = write(
        tmp_path, "ratings.csv", TMDB,
        line.format(348, "tt0078748", "movie", "Alien", "9.0"),
        line.format(349, "", "movie", "Half", "7.5"),
        line.format(350, "", "movie", "Least", "0.5"),
        line.format(92749, "tt10234724", "tv", "Moon Knight", "6.0"),
    )  # fmt: skip
    assert stars(path) == {"Alien (1979)": 4.5, "Half (1979)": 4, "Least (1979)": 0.5}
    assert "2 ratings between half stars" in told(path)


def test_the_scale_comes_with_the_format(tmp_path: Path) -> None:
    """A person who gave nothing above five of ten on IMDb gave two and a half stars."""
    path = write(tmp_path, "r.csv", IMDB, exported.imdb("tt0078748", 5, "Alien", 1979))
    assert stars(path) == {"Alien (1979)": 2.5}


def test_stars_off_the_scale_are_told_with_their_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path, "ratings.csv", f"{LETTERBOXD},Rating", "2024-01-01,Alien,1979,a,4",
        *(f"2024-01-01,Film {i},1979,{i},{stars}" for i, stars in enumerate((0, 5.5, 3.3, -1, 10))),
        "2024-01-01,Good,1979,g,nan", "2024-01-01,Bad,1979,b,four",
    )  # fmt: skip
    assert stars(path) == {"Alien (1979)": 4}
    assert re.search(r"5 lines of .* off the scale of Letterboxd.*3, 4, 5, 6, 7", told(path))
    assert re.search(r"2 lines of .* tell no film.*8, 9", told(path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_line_ends_and_delimiters(
    tmp_path: Path, encoding: str, end: str, delimiter: str
) -> None:
    memory = io.StringIO()
    writer = csv.writer(memory, delimiter=delimiter, lineterminator=end)
    writer.writerow([*LETTERBOXD.split(","), "Rating"])
    writer.writerow(["2024-01-01", f"Amélie{delimiter}“etc”", 2001, "a", "4.5"])
    writer.writerow(["2024-01-01", "千と千尋の神隠し", 2001, "b", "5"])
    (tmp_path / "r.csv").write_bytes(memory.getvalue().encode(encoding))
    assert list(stars(tmp_path / "r.csv").values()) == [4.5, 5]
    assert f"Amélie{delimiter}“etc”".replace("\t", " ") in next(iter(stars(tmp_path / "r.csv")))


def test_one_line_in_another_encoding_spoils_no_other(tmp_path: Path) -> None:
    path = write(tmp_path, "r.csv", f"{LETTERBOXD},Rating", "2024-01-01,Amélie,2001,a,4")
    with path.open("ab") as file:
        file.write("2024-01-01,Léon,1994,b,3\n".encode("cp1252"))
    assert stars(path) == {"Amélie (2001)": 4, "Léon (1994)": 3}


def test_text_is_text(tmp_path: Path) -> None:
    path = write(
        tmp_path, "r.csv", f"{LETTERBOXD},Rating", "2024-01-01,[/foo],2001,a,4",
        "2024-01-01,[bold]Loud[/bold]\x1b[31m\x00,2002,b,3", "2024-01-01,=cmd|'/C x'!A0,2003,c,2",
    )  # fmt: skip
    assert list(stars(path)) == [
        "[/foo] (2001)",
        "[bold]Loud[/bold] [31m (2002)",
        "=cmd|'/C x'!A0 (2003)",
    ]


def test_broken_lines_cost_only_themselves(tmp_path: Path) -> None:
    path = write(
        tmp_path, "r.csv", f"{LETTERBOXD},Rating",
        "2024-01-01,Alien,1979,a,4",
        '2024-01-01,"Stray,1980,b,4',
        "2024-01-01,Heat,1995,c,3.5",
        '2024-01-01,"Quoted, well",1996,d,3',
        '2024-01-01,"Badly" quoted,1996,e,3',
        "2024-01-01,Short",
        ",".join(["x"] * 10_000),
        "",
        f"2024-01-01,{'long ' * 200},1996,f,3",
        f"2024-01-01,{'x' * 200_000},1996,g,3",
        "x" * (csv_rows.LONGEST_LINE + 5),
        "2024-01-01,,1996,h,3",
        "2024-01-01,Ran,1985,i,2",
        '2024-01-01,"Unfinished',
    )  # fmt: skip
    assert stars(path) == {
        "Alien (1979)": 4, "Heat (1995)": 3.5, "Quoted, well (1996)": 3, "Ran (1985)": 2
    }  # fmt: skip
    (notice,) = importing.read(path).notices
    assert notice.lines == (3, 6, 7, 8, 10, 11, 12, 13, 15)


def test_many_stray_marks_are_read_in_bounded_time_and_the_rest_is_found(tmp_path: Path) -> None:
    lines = [f'2024-01-01,"Stray {i},1980,{i},4' for i in range(40)]
    good = [f"2024-01-01,Film {i},1990,g{i},3" for i in range(400)]
    path = write(tmp_path, "r.csv", f"{LETTERBOXD},Rating", *lines, *good)
    assert len(importing.read(path).entries) == 400
    many = [f'2024-01-01,"Stray {i},1980,{i},4' for i in range(30_000)]
    path = write(tmp_path, "r.csv", f"{LETTERBOXD},Rating", *good, *many)
    assert len(importing.read(path).entries) == 400


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        (b"", UnknownFormat, "is empty; export it again"),
        (b"\n\n  \n", UnknownFormat, "is empty"),
        (b"a,b,c\n1,2,3\n", UnknownFormat, "no export that this program knows; it knows those of"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40, UnknownFormat, "no export"),
        (b"SQLite format 3\x00" + bytes(5000), UnknownFormat, "no export"),
        (b"userId,movieId,rating,timestamp\n1,2,3.5,964982703\n", UnknownFormat, "as a dataset"),
        (f"{LETTERBOXD},Rating\n".encode(), NoRatings, "holds nothing of use"),
        (f"{LETTERBOXD},Rating\n1,2\n".encode(), NoRatings, "Line 2 of .* tells no film"),
        (f"{LETTERBOXD},Rating\n2024-01-01,A,1999,a,\n".encode(), NoRatings, "1 line without"),
        (b'{"movies": [{"rating": 4}]}', UnknownFormat, "no export"),
        (("x," * 10_000 + "\n").encode(), UnknownFormat, "no export"),
        (b'"' * 70_000, UnknownFormat, "no export"),
    ],
)
def test_files_that_will_not_do(
    tmp_path: Path, content: bytes, error: type[DataError], says: str
) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(content)
    with pytest.raises(error, match=says) as caught:
        importing.read(path)
    assert "\n" not in str(caught.value)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        importing.read(tmp_path / "none.csv")


def test_a_folder_that_is_no_export(tmp_path: Path) -> None:
    write(tmp_path, "ratings.csv", IMDB, exported.imdb("tt0078748", 5, "Alien", 1979))
    with pytest.raises(UnknownFormat, match="Choose a file"):
        importing.read(tmp_path)


def test_another_sites_file_in_a_zip(tmp_path: Path) -> None:
    text = f"{IMDB}\n{exported.imdb('tt0078748', 5, 'Alien', 1979)}\n"
    (tmp_path / "imdb.zip").write_bytes(exported.zipped({"a/ratings.csv": text, "readme.txt": "x"}))
    assert stars(tmp_path / "imdb.zip") == {"Alien (1979)": 2.5}


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.99])
def test_a_truncated_zip(tmp_path: Path, share: float) -> None:
    whole = exported.zipped(exported.whole())
    (tmp_path / "cut.zip").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(Damaged, match="damaged or cut short"):
        importing.read(tmp_path / "cut.zip")


def test_a_zip_of_which_one_file_is_damaged(tmp_path: Path) -> None:
    raw = bytearray(exported.zipped(exported.whole()))
    with zipfile.ZipFile(io.BytesIO(bytes(raw))) as archive:
        at = archive.getinfo("ratings.csv").header_offset
    raw[at + 45 : at + 60] = b"\x55" * 15
    (tmp_path / "bad.zip").write_bytes(bytes(raw))
    with pytest.raises(Damaged, match=r"ratings\.csv in .* is damaged"):
        importing.read(tmp_path / "bad.zip")


def test_a_zip_that_would_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 1 << 20)
    bomb = f"{LETTERBOXD},Rating\n" + "0" * (4 << 20)
    (tmp_path / "bomb.zip").write_bytes(exported.zipped({"ratings.csv": bomb}))
    assert (tmp_path / "bomb.zip").stat().st_size < 10_000
    with pytest.raises(UnknownFormat):
        importing.read(tmp_path / "bomb.zip")
    (tmp_path / "ratings.csv").write_text(bomb)
    with pytest.raises(UnknownFormat, match="more than 1 MB"):
        importing.read(tmp_path / "ratings.csv")


CELLS = st.text(max_size=12) | st.sampled_from(
    ["4.5", "1979", "tt0078748", '"', ",", "\n", "movie"]
)
HEADERS = st.sampled_from([f"{LETTERBOXD},Rating", DIARY, IMDB, MOVIELENS, TRAKT, TMDB, LIST])


@settings(deadline=None)
@given(HEADERS, st.lists(st.lists(CELLS, max_size=16), max_size=8), st.sampled_from(",;\t"))
def test_whatever_is_in_the_lines_it_is_read_or_told(
    header: str, rows: list[list[str]], delimiter: str
) -> None:
    text = header.replace(",", delimiter) + "\n" + "\n".join(delimiter.join(row) for row in rows)
    lines = csv_rows.lines(text.encode("utf-8", "surrogatepass"))
    for one in csv_rows.headers(lines):
        numbers = [record.line for record in csv_rows.records(lines, one)]
        assert numbers == sorted(set(numbers))
        assert all(one.line + 1 < number <= len(lines) for number in numbers)


@settings(deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from(["", LETTERBOXD + ",Rating\n", LIST, MOVIELENS + "\n"])
)
def test_no_file_ends_in_anything_but_entries_or_a_sentence(raw: bytes, begins: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("watched.csv", "ratings.zip"):
            path = Path(folder) / name
            path.write_bytes(begins.encode() + raw)
            said: object
            try:
                said = importing.read(path).entries
            except DataError as error:
                said = str(error)
            assert said
            assert isinstance(said, tuple) or str(said).endswith(".")
