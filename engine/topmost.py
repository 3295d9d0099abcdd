"""The highest of many scores, with what must not be among them left out."""

from __future__ import annotations

import numpy as np

from engine.arrays import Floats, Ids, Mask


def top(scores: Floats, n: int, exclude: Ids | Mask | None = None) -> Ids:
    """Return the ids of the `n` highest `scores`, highest first, ties by lowest id.

    Parameters
    ----------
    scores : (n_movies,) any finite figures
    n : how many at the most
    exclude : ids, or a mask of (n_movies,), optional
        What must not be among them.
    """
    scores = np.array(scores, np.float32)
    allowed = np.ones(len(scores), bool)
    if exclude is not None:
        allowed[exclude] = False
    ids = np.flatnonzero(allowed)
    if 0 < n < len(ids):
        floor = np.partition(scores[ids], len(ids) - n)[len(ids) - n]
        ids = ids[scores[ids] >= floor]
    order = np.argsort(-scores[ids], kind="stable")
    return ids[order][: max(n, 0)].astype(np.int32)
