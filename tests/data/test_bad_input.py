"""Files as they really come: cut short, mangled, malicious. A sentence each time, or a warning."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import data
from data import paths
from data.errors import Damaged, DataError, NoRatings, NotFound, UnknownFormat
from data.loading import found
from tests.support import shelves

HEADER = "userId,movieId,rating,timestamp\n"


def _fails(path: Path, kind: type[DataError], *says: str) -> str:
    with pytest.raises(kind) as caught:
        data.read(path)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert path.name in text
    for one in says:
        assert one in text
    return text


def _outcome(path: Path) -> int:
    """Return how many ratings were read: none if the file was refused in a sentence."""
    try:
        return len(data.read(path).ratings)
    except DataError as error:
        text = str(error)
    assert text.endswith(".")
    assert "\n" not in text
    return 0


def _ratings(tmp_path: Path, body: str | bytes) -> Path:
    path = tmp_path / "ratings.csv"
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return path


def test_nothing_there(tmp_path: Path) -> None:
    _fails(tmp_path / "none.csv", NotFound, "nothing at", "check")


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000, "a/" * 3000, "\udcff.csv", ""])
def test_paths_that_cannot_be(path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        data.read(path)
    assert str(caught.value).isprintable()
    assert str(caught.value).endswith(".")


def test_an_empty_file(tmp_path: Path) -> None:
    _fails(_ratings(tmp_path, ""), UnknownFormat, "is empty")


@pytest.mark.parametrize("body", ["\n\n\n", "hello\n", "a,b,c\n1,2,3\n", "\x00" * 5000, "\ufeff"])
def test_a_file_of_something_else(tmp_path: Path, body: str) -> None:
    _fails(_ratings(tmp_path, body), UnknownFormat, "user, movie and rating")


def test_a_header_alone(tmp_path: Path) -> None:
    _fails(_ratings(tmp_path, HEADER), NoRatings, "Not one line")


def test_an_empty_folder_and_one_without_ratings(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    _fails(folder, UnknownFormat, "no ratings file")
    shelves.csv(folder)
    (folder / "ratings.csv").unlink()
    _fails(folder, UnknownFormat, "no ratings file")


def test_an_export_of_ones_own_is_told_to_be_imported(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("Date,Name,Year,Letterboxd URI,Rating\n2020-01-01,Alien,1979,x,5\n")
    _fails(path, UnknownFormat, "imported")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_wide_encodings(tmp_path: Path, encoding: str) -> None:
    _fails(_ratings(tmp_path, (HEADER + "1,2,3,4\n").encode(encoding)), UnknownFormat)


GOOD = "".join(
    f"{user},{movie},{1 + (user + movie) % 5},4\n" for user in range(20) for movie in range(20)
)
"""Four hundred lines that tell their scale."""


def test_broken_lines_are_counted_and_named(tmp_path: Path) -> None:
    lines = ["1,92,3.0,4", "bad", "1,93,,4", "", "2,92,4.0,9", "2,93,4.0", "x" * 70, "3,92,99,1"]
    dataset = data.read(_ratings(tmp_path, HEADER + "\n".join(lines) + "\n" + GOOD))
    assert len(dataset.ratings) == 402
    broken, off = dataset.warnings[:2]
    assert (broken.count, broken.lines) == (4, (3, 4, 7, 8))
    assert (off.count, off.lines) == (1, (9,))
    assert str(broken).startswith("4 lines of ")
    assert "3, 4, 7, 8" in str(broken)
    assert "scale from 0.5 to 5" in str(off)


def test_many_broken_lines_are_not_all_spelt_out(tmp_path: Path) -> None:
    dataset = data.read(_ratings(tmp_path, HEADER + "1,2,3,4\n" + "bad\n" * 5000))
    notice = dataset.warnings[0]
    assert notice.count == 5000
    assert len(notice.lines) == 1000
    assert "and 4,995 more" in str(notice)
    assert len(str(notice)) < 300


@pytest.mark.parametrize("rating", ["1e9", "nan", "inf", "1e999", "٣", "½", "", "x", "NULL", "1_0"])
def test_ratings_that_cannot_be(tmp_path: Path, rating: str) -> None:
    dataset = data.read(_ratings(tmp_path, HEADER + f"1,2,{rating},4\n1,3,4,4\n"))
    assert dataset.ratings.values.tolist() == [4]
    assert dataset.warnings[0].lines == (2,)


@pytest.mark.parametrize("rating", ["-1", "-7", "11", "100", "10000"])
def test_a_stray_rating_off_the_scale_of_all_others(tmp_path: Path, rating: str) -> None:
    dataset = data.read(_ratings(tmp_path, HEADER + f"97,98,{rating},4\n" + GOOD))
    assert dataset.ratings.scale == (0.5, 5)
    assert len(dataset.ratings) == 400
    assert dataset.warnings[0].lines == (2,)
    assert "off the scale from 0.5 to 5" in str(dataset.warnings[0])


@pytest.mark.parametrize("one", ["", " ", "\t", "\u200b", "x" * 5000])
def test_ids_that_cannot_be(tmp_path: Path, one: str) -> None:
    dataset = data.read(_ratings(tmp_path, HEADER + f"{one},2,3,4\n1,{one},3,4\n1,3,4,4\n"))
    assert len(dataset.ratings) == 1
    assert dataset.warnings[0].lines == (2, 3)


@pytest.mark.parametrize(
    "one", ["-5", "9" * 30, "1.5", "007", "0x1", "١", "tt0078748", "ann b", '"a,""b"']
)
def test_ids_of_any_spelling(tmp_path: Path, one: str) -> None:
    dataset = data.read(_ratings(tmp_path, HEADER + f"{one},2,3,4\n1,{one},3,4\n1,3,4,4\n"))
    told = one.strip('"').replace('""', '"')
    assert dataset.user_ids == ("1", told)
    assert dataset.catalogue.ids == ("2", "3", told)
    assert dataset.ratings.users.tolist() == [1, 0, 0]
    assert dataset.ratings.movies.tolist() == [0, 2, 1]


def test_no_usable_line_at_all(tmp_path: Path) -> None:
    _fails(_ratings(tmp_path, HEADER + "1,2,x,4\nbad\n"), NoRatings, "not damaged")


def test_repeated_rows(tmp_path: Path) -> None:
    dataset = data.read(_ratings(tmp_path, HEADER + "1,2,3,4\n1,3,2,4\n1,2,5,6\n1,2,4,6\n"))
    assert sorted(dataset.ratings.values.tolist()) == [2, 4]
    notice = dataset.warnings[0]
    assert notice.lines == (2, 4)
    assert "another rating by the same user" in str(notice)


def test_ten_thousand_columns(tmp_path: Path) -> None:
    wide = ",".join(map(str, range(10_000)))
    dataset = data.read(_ratings(tmp_path, HEADER + f"1,2,3,4\n{wide}\n5,6,4,8\n"))
    assert dataset.warnings[0].lines == (3,)
    only_wide = tmp_path / "wide.csv"
    only_wide.write_text(f"{wide}\n{wide}\n")
    _fails(only_wide, UnknownFormat)


def test_ten_thousand_columns_with_names(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    names = ["user", "item", "rating", *(f"x{i}" for i in range(9_997))]
    rows = [",".join([f"{user}", "7", "4", *["0"] * 9_997]) for user in (1, 2)]
    path.write_text("\n".join([",".join(names), *rows, "1,2,3"]) + "\n")
    dataset = data.read(path)
    assert dataset.ratings.values.tolist() == [4, 4]
    assert dataset.warnings[0].lines == (4,)


@pytest.mark.parametrize("stars", ["1e29", "-1e29", "1000001", "9" * 20])
def test_no_scale_goes_that_far(tmp_path: Path, stars: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(f"user,item,rating\n1,2,{stars}\n1,3,4\nann,3,5\n")
    dataset = data.read(path)
    assert dataset.ratings.values.tolist() == [4, 5]
    assert dataset.warnings[0].lines == (2,)
    assert dataset.summary.histogram.sum() == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_of_a_file_of_ones_own(
    tmp_path: Path, encoding: str, end: str
) -> None:
    path = tmp_path / "mine.csv"
    lines = ["user;item;rating", "Zoë;Amélie (2001);4,5", 'Zoë;"Çà; là (1990)";3', ""]
    path.write_bytes(end.join(lines).encode(encoding))
    dataset = data.read(path)
    assert dataset.user_ids == ("Zoë",)
    assert [film.label for film in dataset.catalogue] == ["Amélie (2001)", "Çà; là (1990)"]
    assert dataset.ratings.values.tolist() == [4.5, 3]


@pytest.mark.parametrize("name", ["movies.csv", "links.csv"])
def test_empty_files_beside_the_ratings(tmp_path: Path, name: str) -> None:
    folder = shelves.csv(tmp_path / "a")
    (folder / name).write_bytes(b"")
    assert len(data.read(folder).ratings) == len(shelves.ROWS)


def test_names_of_files_are_text_and_nothing_else(tmp_path: Path) -> None:
    evil = "\x1b[2J[red]\n\udcff"
    folder = shelves.csv(tmp_path / evil)
    assert data.read(folder).name == "[2J[red]"
    (folder / "ratings.csv").write_text(HEADER + "1,2,3,4\nbad\n")
    assert str(data.read(folder).warnings[0]).isprintable()
    (folder / "ratings.csv").write_text(HEADER)
    with pytest.raises(NoRatings) as caught:
        data.read(folder)
    assert str(caught.value).isprintable()
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("\x1b[2Jevil/ratings.csv", HEADER + "1,2,3,4\nbad\n")
    dataset = data.read(path)
    assert dataset.name == "[2Jevil"
    assert str(dataset.warnings[0]).isprintable()


@pytest.mark.parametrize("title", ["()" * 50_000, " (a)" * 50_000, "(" * 100_000, "A, The" * 9_000])
def test_a_title_without_end_is_cut(tmp_path: Path, title: str) -> None:
    folder = shelves.dat(tmp_path / "a")
    (folder / "movies.dat").write_text(f"3::{title} (1999)::Drama\n7::B (2000)::Crime\n")
    dataset = data.read(folder)
    assert len(dataset.catalogue[0].title) <= 1000
    assert dataset.catalogue[1].title == "B"


def test_titles_are_text_and_nothing_else(tmp_path: Path) -> None:
    folder = shelves.csv(tmp_path / "a")
    (folder / "movies.csv").write_text(
        'movieId,title,genres\n3,"[red]\x1b[2JX\x07\u202e[/red] (1999)",Dra\x1bma|Crime\n'
        '7,"unclosed (2001),Drama\n'
    )
    film = data.read(folder).catalogue[0]
    assert film.title == "[red] [2JX [/red]"
    assert film.genres == ("Dra ma", "Crime")


def test_broken_film_lines_are_told_and_their_ratings_kept(tmp_path: Path) -> None:
    folder = shelves.csv(tmp_path / "a")
    (folder / "movies.csv").write_text(
        "movieId,title,genres\n3,A (1999),X\nbad\n7,B\n3,C,Y\n8,D,Z\n"
    )
    dataset = data.read(folder)
    assert len(dataset.ratings) == len(shelves.ROWS)
    notice = next(one for one in dataset.warnings if "movies.csv" in str(one))
    assert notice.lines == (3, 4, 5)
    assert dataset.catalogue.titles == ("A", "D", "Film 7", "Film 21")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8"])
def test_encodings_of_films(tmp_path: Path, encoding: str) -> None:
    dataset = data.read(shelves.dat(tmp_path / "a", encoding))
    assert dataset.catalogue[1].title == "Amélie"


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    folder = shelves.csv(tmp_path / "a")
    (folder / "movies.csv").write_bytes(b"movieId,title,genres\n3,\xff\xfe\x81\x00,Drama\n")
    dataset = data.read(folder)
    assert dataset.catalogue[0].title.isprintable()


def test_a_film_field_beyond_all_measure(tmp_path: Path) -> None:
    folder = shelves.csv(tmp_path / "a")
    long = "x" * 200_000
    (folder / "movies.csv").write_text(f"movieId,title,genres\n3,{long},Drama\n7,B,Crime\n")
    assert "B" in data.read(folder).catalogue.titles


# Cut short, at each kind of place a byte can be.


@pytest.mark.parametrize("writer", [shelves.csv, shelves.dat, shelves.hundred_k])
def test_cut_anywhere(tmp_path: Path, writer: Callable[[Path], Path]) -> None:
    folder = writer(tmp_path / "a")
    path = next(p for p in folder.iterdir() if p.name in {"ratings.csv", "ratings.dat", "u.data"})
    if path.name == "u.data":
        (folder / "u1.base").unlink()
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        full = whole[:length].count(b"\n")
        assert full - 1 <= _outcome(folder) <= full + 1


@pytest.mark.parametrize("writer", [shelves.csv, shelves.dat, shelves.hundred_k])
def test_films_cut_anywhere_cost_no_rating(tmp_path: Path, writer: Callable[[Path], Path]) -> None:
    folder = writer(tmp_path / "a")
    names = {"movies.csv", "movies.dat", "u.item", "links.csv"}
    for path in [one for one in folder.iterdir() if one.name in names]:
        whole = path.read_bytes()
        for length in range(len(whole)):
            path.write_bytes(whole[:length])
            dataset = data.read(folder)
            assert len(dataset.ratings) == len(shelves.ROWS)
            assert all(film.title.isprintable() for film in dataset.catalogue)
        path.write_bytes(whole)


def test_a_zip_cut_anywhere(tmp_path: Path) -> None:
    whole = shelves.packed(shelves.csv(tmp_path / "a"), tmp_path / "x.zip").read_bytes()
    path = tmp_path / "cut.zip"
    for length in [0, 1, 2, 4, 29, 30, *range(40, len(whole), 17), len(whole) - 1]:
        path.write_bytes(whole[:length])
        _fails(path, Damaged)


@given(st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_zip_with_any_byte_changed(tmp_path: Path, choice: st.DataObject) -> None:
    path = tmp_path / "x.zip"
    whole = bytearray(shelves.packed(shelves.csv(tmp_path / "a"), path).read_bytes())
    place = choice.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= choice.draw(st.integers(1, 255))
    path.write_bytes(whole)
    assert _outcome(path) <= len(shelves.ROWS)


@given(st.binary(max_size=400))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_noise_is_told_or_read(tmp_path: Path, noise: bytes) -> None:
    path = tmp_path / "ratings.csv"
    for body in (noise, HEADER.encode() + b"1,2,3,4\n" + noise):
        path.write_bytes(body)
        assert _outcome(path) <= 1 + noise.count(b"\n")


def test_a_text_called_zip(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_text(HEADER + "1,2,3,4\n")
    _fails(path, Damaged, "damaged or cut short")


def test_an_empty_zip_and_one_of_other_things(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w"):
        pass
    _fails(path, UnknownFormat, "empty zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("photo.jpg", b"\xff\xd8")
    _fails(path, UnknownFormat, "no ratings file")


def test_names_that_would_escape_are_only_read(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../evil/ratings.csv", HEADER + "1,2,3,4\n")
    assert len(data.read(path).ratings) == 1
    assert not (tmp_path.parent / "evil").exists()
    assert not (tmp_path / "evil").exists()


def test_an_encrypted_zip_says_so(tmp_path: Path) -> None:
    path = shelves.packed(shelves.csv(tmp_path / "a"), tmp_path / "x.zip")
    whole = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = whole.find(signature)
        while at >= 0:
            whole[at + offset] |= 1
            at = whole.find(signature, at + 4)
    path.write_bytes(whole)
    _fails(path, Damaged, "encrypted", "unpack it")


def test_a_bomb_is_bounded(tmp_path: Path) -> None:
    """200 MB of one line packed into 200 KB, read in a process that has little memory."""
    path = tmp_path / "bomb.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("ratings.csv", "w") as member,
    ):
        member.write(HEADER.encode() + b"1,2,3,4\n")
        for _ in range(200):
            member.write(b"9" * 1_000_000)
    code = (
        "import resource, sys, data\n"
        "d = data.read(sys.argv[1])\n"
        "print(len(d.ratings), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    count, peak = _run(code, path).split()
    assert count == "1"
    assert int(peak) < 180


@pytest.mark.parametrize(
    ("name", "says"), [("MOST_RATINGS", "holds more"), ("MOST_SKIPPED", "are no")]
)
def test_lines_without_end_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, says: str
) -> None:
    monkeypatch.setattr(found, name, 1000)
    line = "1,2,3,4\n" if name == "MOST_RATINGS" else "\n"
    _fails(_ratings(tmp_path, HEADER + "1,2,3,4\n" + line * 2000), DataError, says)


def _run(code: str, *arguments: object, limit: int | None = None) -> str:
    def bounded() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(data.__file__).parent.parent,
        preexec_fn=bounded,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_full_disk_only_costs_the_parsed_copy(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i % 50},4.0,1\n" for i in range(1, 20_000))
    path = _ratings(tmp_path, HEADER + rows)
    code = "import sys, data; d = data.read(sys.argv[1]); print(len(d.ratings), d.warnings[-1])"
    said = _run(code, path, limit=10_000)
    assert said.startswith("19999 ")
    assert "could not be kept" in said
    assert list((paths.cache_folder() / "datasets").iterdir()) == []


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_folders_that_may_not_be_read_or_written(open_folder: Path) -> None:
    """Read as a user without rights there: root, as CI often is, may do anything."""
    folder = shelves.csv(open_folder / "a")
    folder.chmod(0o555)
    (folder / "movies.csv").chmod(0o000)
    shelves.csv(open_folder / "closed").chmod(0o000)
    (open_folder / "a.csv").write_text(HEADER)
    (open_folder / "a.csv").chmod(0o000)
    code = (
        "import os, sys, data\n"
        "from data import errors\n"
        "os.environ['XDG_CACHE_HOME'] = '/proc/nothing'\n"
        "if os.geteuid() == 0:\n"
        "    os.seteuid(65534)\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n"
        "        print(data.read(path).warnings[-1])\n"
        "    except errors.NotFound as error:\n"
        "        print(error)\n"
    )
    paths_ = [folder, open_folder / "closed", open_folder / "a.csv"]
    said = _run(code, *paths_).splitlines()
    (folder / "movies.csv").chmod(0o644)
    assert len(said) == 3
    assert all("no permission" in one for one in said)
    (open_folder / "closed").chmod(0o700)
    readable = _run(code, folder)
    assert "could not be kept" in readable


def test_a_link_that_leads_to_itself_blocks_nothing_but_itself(tmp_path: Path) -> None:
    folder = shelves.csv(tmp_path / "a")
    loop = folder / "aaa.csv"
    loop.symlink_to(loop)
    for path in (folder, folder / "ratings.csv"):
        assert len(data.read(path).ratings) == len(shelves.ROWS)
    _fails(loop, NotFound, "leads to itself")


def test_a_zip_member_without_a_name_is_passed_over(tmp_path: Path) -> None:
    path = shelves.packed(shelves.csv(tmp_path / "a"), tmp_path / "x.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("x", "nameless")
    whole = path.read_bytes()
    at = whole.rindex(b"PK\x01\x02")
    entry = bytearray(whole[at:])
    entry[28:30] = b"\0\0"  # the length of its name
    del entry[46:47]
    end = entry.rindex(b"PK\x05\x06")
    entry[end + 12 : end + 16] = (
        int.from_bytes(entry[end + 12 : end + 16], "little") - 1
    ).to_bytes(4, "little")
    path.write_bytes(whole[:at] + entry)
    with zipfile.ZipFile(path) as archive:
        assert "" in archive.namelist()
    assert len(data.read(path).ratings) == len(shelves.ROWS)


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_of_a_zip_says_so(tmp_path: Path, packing: int) -> None:
    path = tmp_path / "x.zip"
    rows = "".join(f"{i},{i * i % 977},4.0,{i * 7919}\n" for i in range(1, 5000))
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("ratings.csv", HEADER + rows)
    whole = path.read_bytes()
    said = set()
    for place in range(60, 2000, 97):
        damaged = bytearray(whole)
        damaged[place] ^= 0x55
        path.write_bytes(damaged)
        said.add(_fails(path, Damaged, "download or copy it again"))
    assert len(said) == 1


def test_a_link_to_nowhere_and_a_pipe(tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "gone.csv")
    _fails(link, NotFound)
    folder = shelves.csv(tmp_path / "a")
    (folder / "aaa.csv").symlink_to(folder / "gone.csv")
    os.mkfifo(folder / "pipe.csv")
    assert len(data.read(folder).ratings) == len(shelves.ROWS)
    with pytest.raises(DataError, match=r"pipe\.csv"):
        data.read(folder / "pipe.csv")
