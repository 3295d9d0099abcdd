"""The quick reader against Python's own `int` and `float`, on lines right and wrong."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.loading import gathering
from data.loading.fast_csv import Columns, number, parse
from data.loading.gathering import Gathered
from engine import stepwise
from engine.stepwise import finished

COMMAS = Columns(",", 4)
COLONS = Columns("::", 4)

ids = st.integers(0, 10**17)
stars = st.sampled_from(["0.5", "1", "1.0", "2.5", "4", "5.0", "10", "3.25", "87", "0.125", "1e1"])
good = st.tuples(ids, ids, stars, st.integers(0, 2**31)).map(list)
BROKEN = (
    *("", "x", "1,2", "1,2,3,4,5", ",,,", "1,2,,4", "a,2,3,4", "1,-2,3,4", "1,2,x,4"),
    *("1,2,3.,.4,", "1,2,nan,4", "1,2,inf,4", "1,2,--3,4", "9" * 30 + ",2,3,4", "\x00"),
    *("1;2;3;4", "1, 2,3,4"),
)
bad = st.sampled_from(BROKEN)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(good, bad), min_size=1, max_size=40))
@example([""])
@example([[1, 2, "3", 4]])
def test_lines_are_read_or_set_aside_as_python_would(lines: list[list[object] | str]) -> None:
    text = [",".join(map(str, one)) if isinstance(one, list) else one for one in lines]
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
    got = list(zip(block.users.tolist(), block.movies.tolist(), block.values.tolist(), strict=True))
    assert got == expected
    assert block.broken.tolist() == broken
    assert block.blank.tolist() == blank
    assert block.n_lines == len(text)


def _row(line: str) -> tuple[int, int, float] | None:
    fields = line.split(",")
    if len(fields) != 4 or not all(
        f.isascii() and f.isdigit() and len(f) <= 18 for f in fields[:2]
    ):
        return None
    try:
        value = float(fields[2])
    except ValueError:
        return None
    return (
        (int(fields[0]), int(fields[1]), float(np.float32(value))) if np.isfinite(value) else None
    )


@given(st.lists(st.tuples(ids, ids, st.sampled_from([0.5, 1.0, 4.5]), ids), min_size=1, max_size=9))
def test_two_byte_delimiters(rows: list[tuple[int, int, float, int]]) -> None:
    text = "".join("::".join(map(str, row)) + "\n" for row in rows)
    block = parse(text.encode(), COLONS)
    assert block.users.tolist() == [row[0] for row in rows]
    assert block.movies.tolist() == [row[1] for row in rows]
    assert block.values.tolist() == [row[2] for row in rows]
    assert not len(block.broken)


def test_the_time_of_each_rating() -> None:
    times = [964982703, 1574327703, 789652009, 1574327702, 1000000000]
    text = "".join(f"1,{i},3,{time}\n" for i, time in enumerate(times))
    assert parse(text.encode(), COMMAS).times.tolist() == times
    assert parse(b"1,2,3,x\n1,2,x,964982703\n4,5,6,789652009\n", COMMAS).times.tolist() == [
        0,
        789652009,
    ]


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_at_all(noise: bytes) -> None:
    block = parse(noise.replace(b"\n", b" ") + b"\n1,2,3,4\n", COMMAS)
    assert block.users.tolist()[-1] == 1
    assert block.n_lines == 2


@given(st.text(max_size=12))
def test_numbers_are_finite_or_none(text: str) -> None:
    value = number(text.encode())
    assert value is None or np.isfinite(value)


def _gathered(raw: bytes, monkeypatch: pytest.MonkeyPatch, block: int) -> Gathered:
    monkeypatch.setattr(gathering, "BLOCK", block)
    gathered = Gathered()
    for one, _ in gathering.blocks(io.BytesIO(raw), header=True, columns=COMMAS):
        gathered.add(one, None)
    return gathered


@pytest.mark.parametrize("block", [40, 41, 42, 50, 1 << 20])
def test_blocks_may_cut_anywhere(monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    raw = b"\xef\xbb\xbfuserId,movieId,rating,timestamp\r\n"
    raw += b"1,2,3.5,4\r\n\r\nbad\r\n12,34,5,6\r\n7,8,1,9"
    gathered = _gathered(raw, monkeypatch, block)
    assert np.concatenate(gathered.users).tolist() == [1, 12, 7]
    assert np.concatenate(gathered.broken).tolist() == [4]
    assert gathered.lines_of(np.arange(3)).tolist() == [2, 5, 6]


def test_a_line_without_end_takes_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "LONGEST_LINE", 1000)
    raw = b"header\n1,2,3,4\n" + b"9" * 50_000 + b"\n5,6,3,4\n" + b"8" * 9_000
    gathered = _gathered(raw, monkeypatch, 100)
    assert np.concatenate(gathered.users).tolist() == [1, 5]
    assert np.concatenate(gathered.broken).tolist() == [3, 5]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=30))
def test_repeats_leave_the_last_of_each_pair(pairs: list[tuple[int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stepwise, "CHUNK", 4)
        _check_repeats(pairs)


def _check_repeats(pairs: list[tuple[int, int]]) -> None:
    users, movies = (np.array(side, np.int32) for side in zip(*pairs, strict=True))
    last = {pair: i for i, pair in enumerate(pairs)}
    expected = [i for i, pair in enumerate(pairs) if last[pair] != i]
    assert finished(gathering.repeated(users, movies, 6, 6)).tolist() == expected


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20), st.booleans(), st.booleans())
def test_ids_are_numbered_alike_by_table_and_by_sorting(
    found: list[int], high: bool, with_known: bool
) -> None:
    shift = 2**40 if high else 0
    known = np.array([60, 7, 3], np.int64) + shift if with_known else None
    parts = [np.array(found, np.int64) + shift]
    numbers, originals = gathering.renumber(parts, known)
    assert (originals[numbers] - shift).tolist() == found
    assert len(set(originals.tolist())) == len(originals)
    if known is not None:
        assert originals[:3].tolist() == known.tolist()
