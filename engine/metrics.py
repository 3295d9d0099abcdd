"""How far predictions are from ratings."""

from __future__ import annotations

import numpy as np

from engine.arrays import Floats


def mse(predicted: Floats, actual: Floats) -> float:
    """Return the mean squared error, in squared stars."""
    error = np.asarray(predicted, np.float64) - np.asarray(actual, np.float64)
    return float(np.mean(error**2))


def rmse(predicted: Floats, actual: Floats) -> float:
    """Return the root mean squared error, in stars."""
    return float(np.sqrt(mse(predicted, actual)))


def mae(predicted: Floats, actual: Floats) -> float:
    """Return the mean absolute error, in stars."""
    error = np.asarray(predicted, np.float64) - np.asarray(actual, np.float64)
    return float(np.mean(np.abs(error)))
