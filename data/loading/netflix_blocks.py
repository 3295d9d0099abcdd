"""The Netflix Prize's files: a line `1:` names a film, the lines below it a user, stars and a date.

A film's lines may go on in the next part that is read: which film the first lines of a part are
of is told by the part before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from data.loading.fast_csv import Block, Columns, parse
from data.loading.fields import PAD, Bounds, padded
from data.loading.numbers import whole
from data.loading.text_ids import UNUSABLE, IdFields
from engine.arrays import Ids, Offsets
from engine.threads import in_parallel

COLUMNS = Columns(",", 3, user=0, movie=0, rating=1, time=2)
_UNTOLD = int(UNUSABLE)
"""The film of lines above which no other line of the same part names one."""


def blocks(parts: Iterable[tuple[bytes, int]]) -> Iterator[tuple[Block, int]]:
    """Yield the ratings in parts of whole lines, each with the bytes read by then."""
    current = _UNTOLD
    for block, last, done in in_parallel(_read, parts):
        movies = block.movies.numbers
        movies[movies == _UNTOLD] = current
        current = current if last == _UNTOLD else last
        yield block, done


def _read(part: tuple[bytes, int]) -> tuple[Block, int, int]:
    """Return a part's ratings, the film that it ends with, and the bytes read by then."""
    raw, done = part
    block = parse(raw, COLUMNS)
    lines, films = _headings(raw, block.broken)
    ratings = np.arange(block.n_lines) if block.lines is None else block.lines
    above = np.searchsorted(lines, ratings)
    movies = np.concatenate([np.array([_UNTOLD], np.int32), films])[above]
    none = np.zeros(0, np.int64)
    ids = IdFields(movies, none, np.zeros(0, np.uint64), Bounds(none, none))
    is_heading = np.zeros(block.n_lines, bool)
    is_heading[lines] = True
    broken = block.broken[~is_heading[block.broken]]
    is_heading[block.blank] = True
    named = block._replace(movies=ids, broken=broken, blank=np.flatnonzero(is_heading))
    return named, int(films[-1]) if len(films) else _UNTOLD, done


def _headings(raw: bytes, odd: Offsets) -> tuple[Offsets, Ids]:
    """Return which of the odd lines name a film, and the films."""
    text = padded(raw)
    ends = np.flatnonzero(text.bytes == ord("\n"))
    starts = np.concatenate([[PAD], ends[:-1] + 1])
    lines = odd[text.bytes[ends[odd] - 1] == ord(":")]
    numbers, bad = whole(text, Bounds(starts[lines], ends[lines] - 1))
    return lines[~bad], numbers[~bad]
