"""Whatever a file holds, importing it ends in films or in one of our own sentences."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import importing
from data.errors import DataError
from data.importing.entry import Entry
from tests.benchmarks import fuzz_importing
from tests.support import fuzz_exports


def ends_well(path: Path) -> None:
    said = ""
    entries: tuple[Entry, ...] = ()
    try:
        entries = importing.read(path).entries
    except DataError as error:
        said = str(error)
    assert bool(entries) != bool(said)
    assert entries or (said.endswith(".") and "\n" not in said)
    for entry in entries:
        assert entry.stars is not None or entry.mark
        assert entry.film.title.isprintable()


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 2**32))
def test_drawn_exports_of_every_site_whole_and_damaged(seed: int) -> None:
    name, raw = fuzz_exports.a_file(random.Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(raw)
        ends_well(path)


BEGINNINGS = (
    *(b"", b"[{", b'{"movies":[{', b"<", b"<?xml version='1.0'?><a>", b"<html><table>"),
    *(b"\x1f\x8b", b"PK\x03\x04", b"\xff\xfe"),
)


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(BEGINNINGS),
    st.binary(max_size=200) | st.text("<>&;/\"'[]{}:,0aé\n", max_size=200).map(str.encode),
    st.sampled_from(["x.csv", "x.json", "x.xml", "x.zip", "x.xml.gz", "watchlist.html"]),
)
def test_any_bytes(begins: bytes, raw: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(begins + raw)
        ends_well(path)


@pytest.mark.parametrize("name", sorted(fuzz_importing.hostile()))
def test_files_that_are_made_to_take_long(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(fuzz_importing.hostile()[name])
    ends_well(tmp_path / name)
