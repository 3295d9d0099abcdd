"""Recommenders in pure NumPy: numbers in, numbers out."""

from engine import metrics, training
from engine.algorithm import Algorithm, Step
from engine.als import ALS
from engine.bayes import BayesianMF
from engine.errors import Diverged, EngineError, InvalidParameter, InvalidRatings
from engine.model import Explanation, Model, Neighbours, Viewer
from engine.nmf import NMF
from engine.ratings import Grouped, Ratings, Scale
from engine.sgd import SGD
from engine.svd import SVD

ALGORITHMS: dict[str, Algorithm] = {
    "ALS": ALS(),
    "NNLS-ALS": ALS(nonnegative=True, reg=0.85),
    "SGD": SGD(),
    "NMF": NMF(),
    "SVD": SVD(),
    "Bayesian": BayesianMF(),
}
"""What one can train, by the name a person knows it by, with parameters that are a good start."""

__all__ = [
    "ALGORITHMS",
    "ALS",
    "NMF",
    "SGD",
    "SVD",
    "Algorithm",
    "BayesianMF",
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
