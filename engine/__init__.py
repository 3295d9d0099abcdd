"""Recommenders in pure NumPy: numbers in, numbers out."""

from engine.als import ALS
from engine.algorithm import Algorithm, Step
from engine import metrics, training
from engine.errors import Diverged, EngineError, InvalidParameter, InvalidRatings
from engine.model import Explanation, Model, Neighbours, Viewer
from engine.ratings import Grouped, Ratings, Scale

__all__ = [
    "ALS",
    "Algorithm",
    "Diverged",
    "EngineError",
    "Explanation",
    "Grouped",
    "InvalidParameter",
    "InvalidRatings",
    "Model",
    "Neighbours",
    "Ratings",
    "Scale",
    "Step",
    "Viewer",
    "metrics",
    "training",
]
