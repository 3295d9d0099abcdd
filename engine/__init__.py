"""Recommenders in pure NumPy: numbers in, numbers out."""

from engine import metrics, training
from engine.algorithm import Algorithm, Step
from engine.als import ALS
from engine.archive import UnreadableModel, UnsavableModel, load, save
from engine.bayes import BayesianMF
from engine.ease import EASE
from engine.errors import (
    Diverged,
    EngineError,
    InvalidParameter,
    InvalidRatings,
    NotEnoughMemory,
)
from engine.factorisation import Factorisation
from engine.implicit_als import ImplicitALS
from engine.model import Explanation, Model, Neighbours, Viewer
from engine.nmf import NMF
from engine.parameters import documented
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
    "EASE": EASE(),
    "Implicit ALS": ImplicitALS(),
}
"""What one can train, by the name a person knows it by, with parameters that are a good start."""

__version__ = "0.1.0"

for _kind in {type(algorithm) for algorithm in ALGORITHMS.values()}:
    documented(_kind)

__all__ = [
    "ALGORITHMS",
    "ALS",
    "EASE",
    "NMF",
    "SGD",
    "SVD",
    "Algorithm",
    "BayesianMF",
    "Diverged",
    "EngineError",
    "Explanation",
    "Factorisation",
    "Grouped",
    "ImplicitALS",
    "InvalidParameter",
    "InvalidRatings",
    "Model",
    "Neighbours",
    "NotEnoughMemory",
    "Ratings",
    "Scale",
    "Step",
    "UnreadableModel",
    "UnsavableModel",
    "Viewer",
    "load",
    "metrics",
    "save",
    "training",
]
