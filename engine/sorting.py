"""Sorting many ratings by a few ids, in steps and with all threads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Ids, Offsets
from engine.stepwise import Work, chunks
from engine.threads import in_parallel

SORTED = 1 << 19
"""Ratings that one thread sorts at once."""


class _Run(NamedTuple):
    """A part of the ratings, sorted."""

    stop: int
    """Where the part ends"""
    positions: Ids
    """(m,) of its ratings"""
    counts: Offsets
    """(n_ids,) how many of them have each id"""


def sorting(ids: Ids, n_ids: int, order: Ids | None = None) -> Work[Ids]:
    """Return `order` (all positions unless given) sorted by `ids`, keeping the order of equals.

    A counting sort: each part is sorted by itself and dealt out to where its ids go on.

    Parameters
    ----------
    ids : (n,) from 0 to `n_ids` - 1
    n_ids : int
    order : (n,) a permutation, optional
    """

    def run(part: slice) -> _Run:
        positions = np.arange(part.start, part.stop, dtype=np.int32)
        positions = positions if order is None else order[part]
        keys = ids.take(positions)
        counts = np.bincount(keys, minlength=n_ids)
        return _Run(part.stop, positions.take(sorted_by(keys)), counts)

    go_on = np.bincount(ids, minlength=n_ids)
    go_on = np.cumsum(go_on) - go_on
    result = np.empty(len(ids), np.int32)
    for stop, positions, counts in in_parallel(run, chunks(len(ids), SORTED)):
        there = np.repeat(go_on - (np.cumsum(counts) - counts), counts)
        there += np.arange(len(positions))
        result[there] = positions
        go_on += counts
        yield stop / len(ids)
    return result


def sorted_by(ids: Ids) -> Offsets:
    """Return the positions sorted by `ids`, keeping the order of equals.

    NumPy sorts 16-bit integers by radix, several times faster than wider ones by comparison.
    """
    order = _stable((ids & 0xFFFF).astype(np.uint16))
    if len(ids) and ids.max() > 0xFFFF:
        order = order[_stable((ids >> 16).astype(np.uint16)[order])]
    return order


def _stable(keys: NDArray[np.uint16]) -> Offsets:
    return np.argsort(keys, kind="stable")
