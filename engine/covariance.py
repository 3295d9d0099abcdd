r"""Coordinates in which people's tastes spread evenly."""

from __future__ import annotations

import numpy as np

from engine.arrays import Floats


def root(rows: Floats) -> Floats:
    r"""Return L with $L L^\top = C$, the covariance of `rows`, which may be singular.

    Parameters
    ----------
    rows : (..., n, c) for each of which a root (..., c, c) comes back
    """
    centred = rows.astype(np.float64)
    centred -= centred.mean(axis=-2, keepdims=True)
    C = centred.swapaxes(-1, -2) @ centred / max(rows.shape[-2], 1)
    values, vectors = np.linalg.eigh(C)
    L = vectors * np.sqrt(np.maximum(values, 0))[..., None, :]
    return np.asarray(L, np.float32)
