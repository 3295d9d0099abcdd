"""Hashes of fields, for all lines at once: what is spelt alike is found as bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np

from data.loading.fields import Bounds, Text, Words
from engine.arrays import Offsets

_MIX = np.frombuffer(os.urandom(16), np.uint64) | np.uint64(1)
"""Other ones in each process, lest a file be made whose ids all hash alike."""


def hashed(text: Text, fields: Bounds) -> Words:
    """Return what the fields hash to, never 0: the same for the same bytes."""
    lengths = fields.lengths
    found = _mixed(np.zeros(1, np.uint64), text, fields.starts, lengths)
    for at in range(8, int(lengths.max(initial=0)), 8):
        longer = lengths > at
        if longer.all():
            found = _mixed(found, text, fields.starts + at, lengths - at)
        else:
            rows = np.flatnonzero(longer)
            found[rows] = _mixed(found[rows], text, fields.starts[rows] + at, lengths[rows] - at)
    return found | np.uint64(1)


def _mixed(before: Words, text: Text, starts: Offsets, left: Offsets) -> Words:
    """Return the hashes so far mixed with the next eight bytes, of which `left` count."""
    spare = (64 - 8 * np.minimum(left, 8)).astype(np.uint64)
    mixed = (before ^ text.words[starts] << spare >> spare) * _MIX[0]
    return (mixed ^ (mixed >> np.uint64(32))) * _MIX[1]


def distinct(text: Text, fields: Bounds, rows: Offsets) -> Iterator[tuple[int, Offsets]]:
    """Yield the first of `rows` that has each spelling, and all that have it."""
    if not len(rows):
        return
    hashes = hashed(text, fields.take(rows))
    order = np.argsort(hashes, kind="stable")
    starts = np.flatnonzero(np.diff(hashes[order], prepend=np.uint64(0)))
    for start, stop in zip(starts, [*starts[1:], len(order)], strict=True):
        alike = rows[order[start:stop]]
        yield int(alike[0]), alike
