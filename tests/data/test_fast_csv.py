"""The quick reader against Python's own `int`, `float` and `csv`, on lines right and wrong."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.loading import gathering, numbering, whole_lines
from data.loading.fast_csv import Block, Columns, parse
from data.loading.gathering import Gathered
from data.loading.numbers import number
from data.loading.ratings_format import RatingsFormat
from data.loading.text_ids import UNUSABLE, IdFields, TextIds, canonical
from engine import stepwise
from engine.stepwise import finished
from tests.support.narrowing import present

COMMAS = Columns(",", 4)
COLONS = Columns("::", 4)

ids = st.one_of(
    st.integers(0, 10**9).map(str),
    st.sampled_from(
        ["007", "-3", "1.0", "tt0133093", "ann", "é", "a b", "9" * 30, "12345678", " 7"]
    ),
    st.text(st.characters(exclude_characters='\n\r,"', codec="utf-8"), min_size=1, max_size=40),
)
stars = st.one_of(
    st.sampled_from(
        ["0.5", "1", "1.0", "2.5", "4", "5.0", "10", "3.25", "87", "0.125", "1e1", "-3"]
    ),
    st.floats(-1e6, 1e6, width=32).map(repr),
    st.integers(-(10**6), 10**6).map(str),
    st.text("0123456789.+-e ", max_size=12),
)
good = st.tuples(ids, ids, stars, st.integers(0, 2**31).map(str)).map(list)
BROKEN = (
    *("", "x", "1,2", "1,2,3,4,5", ",,,", "1,2,,4", ",2,3,4", "1,,3,4", "1,2,x,4"),
    *("1,2,3.,.4,", "1,2,nan,4", "1,2,inf,4", "1,2,--3,4", "\x00", "1;2;3;4"),
)
bad = st.sampled_from(BROKEN)


def ids_of(block: Block) -> tuple[list[str], list[str]]:
    """The ids of a block as texts; a person and a film may have the same."""
    return _texts(block.users, block), _texts(block.movies, block)


def _texts(ids: IdFields, block: Block) -> list[str]:
    met = TextIds()
    codes = met.codes(ids, block.text).tolist()
    return ["" if code == UNUSABLE else met.text(code) for code in codes]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(good, bad), min_size=1, max_size=40))
@example([""])
@example([["1", "2", "3", "4"]])
@example([["1", "2", "1" * 18 + "." + "5", "4"]])
def test_lines_are_read_or_set_aside_as_python_would(lines: list[list[str] | str]) -> None:
    text = [",".join(one) if isinstance(one, list) else one for one in lines]
    block = parse(("\n".join(text) + "\n").encode(), COMMAS)
    expected, broken, blank = [], [], []
    for i, line in enumerate(text):
        row = _row(line)
        if row is not None:
            expected.append(row)
        elif line:
            broken.append(i)
        else:
            blank.append(i)
    assert list(zip(*ids_of(block), strict=True)) == [row[:2] for row in expected]
    assert block.values == pytest.approx([row[2] for row in expected], rel=1e-6)
    assert block.broken.tolist() == broken
    assert block.blank.tolist() == blank
    assert block.n_lines == len(text)
    rows = range(len(text)) if block.lines is None else block.lines.tolist()
    assert sorted([*rows, *broken, *blank]) == list(range(len(text)))


def _row(line: str) -> tuple[str, str, float] | None:
    fields = line.split(",")
    if len(fields) != 4 or not fields[0] or not fields[1]:
        return None
    if not fields[2].strip(" ") or not set(fields[2]) <= set("0123456789.+-eE "):
        return None
    try:
        value = float(fields[2])
    except ValueError:
        return None
    return (canonical(fields[0]), canonical(fields[1]), value) if abs(value) <= 1e6 else None


quoted = st.text(
    st.characters(exclude_characters="\n\r\x00", codec="utf-8"), min_size=1, max_size=9
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(quoted, quoted, st.sampled_from(["1", "2.5"]), ids), min_size=1))
def test_quoted_fields_are_read_as_csv_has_them(rows: list[tuple[str, ...]]) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    block = parse(file.getvalue().encode(), COMMAS)
    assert not len(block.broken)
    users, movies = ids_of(block)
    assert users == [canonical(row[0].replace('"', '""')) for row in rows]
    assert movies == [canonical(row[1].replace('"', '""')) for row in rows]


@pytest.mark.parametrize(
    "line", ['"1,2,3,4', '1,2"x,3,4', '1,"2""",3,4', '5" disc,2,3,4', '1,2,"3,5",4']
)
def test_a_stray_quotation_mark_costs_its_own_line_at_most(line: str) -> None:
    block = parse(f"7,8,1,9\n{line}\n5,6,2,7\n".encode(), COMMAS)
    try:
        fields = next(csv.reader([line], strict=True))
    except csv.Error:
        fields = []
    whole = len(fields) == 4
    assert block.broken.tolist() == ([] if whole else [1])
    assert ids_of(block)[0] == ["7", *([fields[0]] if whole else []), "5"]


@given(st.lists(st.tuples(ids, ids, st.sampled_from(["0.5", "1.0", "4.5"]), ids), min_size=1))
def test_two_byte_delimiters(rows: list[tuple[str, ...]]) -> None:
    rows = [tuple(field.replace(":", "") or "x" for field in row) for row in rows]
    block = parse("".join("::".join(row) + "\n" for row in rows).encode(), COLONS)
    users, movies = ids_of(block)
    assert users == [canonical(row[0]) for row in rows]
    assert movies == [canonical(row[1]) for row in rows]
    assert block.values.tolist() == [float(row[2]) for row in rows]
    assert not len(block.broken)


def test_the_time_of_each_rating() -> None:
    times = [964982703, 1574327703, 789652009, 1574327702, 1000000000]
    text = "".join(f"1,{i},3,{time}\n" for i, time in enumerate(times))
    assert present(parse(text.encode(), COMMAS).times).tolist() == times
    some = parse(b"1,2,3,x\n1,2,x,964982703\n4,5,6,789652009\n", COMMAS)
    assert present(some.times).tolist() == [0, 789652009]


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_at_all(noise: bytes) -> None:
    block = parse(noise.replace(b"\n", b" ") + b"\n1,2,3,4\n", COMMAS)
    assert ids_of(block)[0][-1] == "1"
    assert block.n_lines == 2


@given(st.text(max_size=12))
def test_numbers_are_finite_or_none(text: str) -> None:
    value = number(text.encode())
    assert value is None or np.isfinite(value)


@settings(deadline=None)
@given(st.lists(st.lists(ids, min_size=1, max_size=60), min_size=1, max_size=6))
def test_texts_keep_their_codes_over_blocks(blocks: list[list[str]]) -> None:
    met = TextIds()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("data.loading.text_ids._LOAD", 1000)  # so that the table grows at once
        for written in blocks:
            text = "".join(f"{one},2,3,4\n" for one in written)
            block = parse(text.encode(), COMMAS)
            codes = met.codes(block.users, block.text)
            told = ["" if code == UNUSABLE else met.text(code) for code in codes.tolist()]
            assert told == [canonical(one) for one in written]
    assert len(set(met.texts)) == len(met.texts)


def _gathered(raw: bytes, monkeypatch: pytest.MonkeyPatch, block: int) -> Gathered:
    monkeypatch.setattr(gathering, "BLOCK", block)
    gathered = Gathered()
    for one, _ in gathering.blocks(io.BytesIO(raw), RatingsFormat("CSV", COMMAS, skip=1)):
        gathered.add(one)
    return gathered


@pytest.mark.parametrize("block", [40, 41, 42, 50, 1 << 20])
def test_blocks_may_cut_anywhere(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    raw = b"\xef\xbb\xbfuserId,movieId,rating,timestamp\r\n"
    raw += b"1,2,3.5,4\r\n\r\nbad\r\n12,34,5,6\r\n7,8,1,9"
    gathered = _gathered(raw, monkeypatch, block)
    assert gathered.broken == [4]
    assert gathered.lines_of(np.arange(3)).tolist() == [2, 5, 6]
    assert gathered.users.taken().tolist() == [1, 12, 7]


def test_a_line_without_end_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_lines, "LONGEST_LINE", 1000)
    raw = b"header\n1,2,3,4\n" + b"9" * 50_000 + b"\n5,6,3,4\n" + b"8" * 9_000
    gathered = _gathered(raw, monkeypatch, 100)
    assert gathered.users.taken().tolist() == [1, 5]
    assert gathered.broken == [3, 5]


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30),
    st.booleans(),
)
def test_repeats_leave_the_last_of_each_pair(pairs: list[tuple[int, int]], dense: bool) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stepwise, "CHUNK", 4)
        patched.setattr(numbering, "DENSE", 10**6 if dense else 0)
        _check_repeats(pairs, 6 if dense else 60)


def _check_repeats(pairs: list[tuple[int, int]], size: int) -> None:
    users, movies = (np.array(side, np.int32) for side in zip(*pairs, strict=True))
    last = {pair: i for i, pair in enumerate(pairs)}
    expected = [i for i, pair in enumerate(pairs) if last[pair] != i]
    again = finished(numbering.repeated(users, movies, size, size))
    assert ([] if again is None else np.flatnonzero(again).tolist()) == expected


@given(st.lists(st.integers(-5, 50), min_size=1, max_size=20), st.booleans())
def test_ids_are_counted_from_0(found: list[int], with_known: bool) -> None:
    """Negative codes stand for texts, of which -1 is the first that was met."""
    known = np.array([60, -5, 7, 3], np.int32) if with_known else None
    codes = np.array(found, np.int32)
    originals = finished(numbering.renumber(codes, 5, known)).tolist()
    assert [originals[number] for number in codes] == found
    assert len(set(originals)) == len(originals)
    first = known.tolist() if known is not None else []
    rest = originals[len(first) :]
    assert originals[: len(first)] == first
    assert set(rest) == set(found) - set(first)
    assert rest == [
        *sorted(x for x in rest if x >= 0),
        *sorted((x for x in rest if x < 0), reverse=True),
    ]
