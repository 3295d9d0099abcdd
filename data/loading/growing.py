"""An array that grows: tens of millions of ratings are gathered without ever being copied."""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

Scalar = TypeVar("Scalar", bound=np.generic)

_FIRST = 1 << 16
"""Numbers that there is room for at the beginning."""


class Growing(Generic[Scalar]):
    """Numbers, with more to come."""

    def __init__(self, dtype: DTypeLike) -> None:
        self._array: NDArray[Scalar] = np.empty(_FIRST, dtype)
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def add(self, part: NDArray[Scalar]) -> None:
        """Append some numbers."""
        stop = self._n + len(part)
        if stop > len(self._array):
            # The system moves pages rather than bytes, so that small steps cost little.
            self._array.resize(stop + stop // 16, refcheck=False)
        self._array[self._n : stop] = part
        self._n = stop

    def taken(self) -> NDArray[Scalar]:
        """Return all numbers, and be empty from now on."""
        array, n = self._array, self._n
        self._array, self._n = np.empty(0, array.dtype), 0
        array.resize(n, refcheck=False)
        return array
