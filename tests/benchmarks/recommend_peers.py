"""Other libraries' recommenders, each with settings to be tuned, as `recommend.py` asks them."""

from __future__ import annotations

import importlib.util
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp

from engine import Ratings
from tests.benchmarks.people import Floats, Ids, Person, Scorer

Fitted: TypeAlias = Callable[[float], Scorer]
"""From how many ratings people have told of to what scores films for them."""


class Peer(ABC):
    """A recommender with several settings."""

    name: str
    settings: Sequence[Any]

    @abstractmethod
    def fit(
        self, train: Ratings, setting: int, group: Sequence[Person], told: Sequence[float]
    ) -> Fitted:
        """Learn from `train` with the setting of that number."""


class PlainEase(Peer):
    """EASE in ten lines of NumPy."""

    name = "EASE in plain NumPy"
    settings = (500, 1000, 2000, 5000, 10000)

    def __init__(self) -> None:
        self._gram: dict[int, Floats] = {}

    def fit(
        self, train: Ratings, setting: int, group: Sequence[Person], told: Sequence[float]
    ) -> Fitted:
        X = np.zeros((train.n_users, train.n_movies), np.float32)
        X[train.users, train.movies] = 1
        G = X.T @ X
        G[np.diag_indices_from(G)] += self.settings[setting]
        P = np.linalg.inv(G)
        B = P / -np.diag(P)
        B[np.diag_indices_from(B)] = 0
        return lambda n: lambda own, values: B[own].sum(axis=0)


class ImplicitALS(Peer):
    """The `implicit` library's ALS; people are placed by its own `recalculate_user`."""

    name = "implicit: ALS"
    settings = ((16, 3, 20), (16, 1, 20), (64, 1, 10), (64, 1, 20), (64, 2, 20), (64, 2, 50))
    """factors, alpha, regularisation"""

    def fit(
        self, train: Ratings, setting: int, group: Sequence[Person], told: Sequence[float]
    ) -> Fitted:
        factors, alpha, reg = self.settings[setting]
        model = import_module("implicit.als").AlternatingLeastSquares(
            factors, alpha=alpha, regularization=reg, iterations=15, random_state=0, num_threads=2
        )
        model.fit(_matrix(train), show_progress=False)

        def score(own: Ids, values: Floats) -> Floats:
            row = sp.csr_matrix((np.ones(len(own)), own, [0, len(own)]), (1, train.n_movies))
            return model.item_factors @ model.recalculate_user(0, row.astype(np.float32))

        return lambda n: score


class ImplicitBPR(Peer):
    """The `implicit` library's BPR.

    It cannot place people whom it did not learn from, so it learns from the training ratings and
    the first ratings of all who are held out, once for each number of those.
    """

    name = "implicit: BPR"
    settings = ((32, 0.05, 0.01, 100), (64, 0.05, 0.01, 100), (32, 0.1, 0.05, 100))
    """factors, learning rate, regularisation, passes"""

    def fit(
        self, train: Ratings, setting: int, group: Sequence[Person], told: Sequence[float]
    ) -> Fitted:
        fitted = {n: self._fitted(train, setting, group, n) for n in told}
        return lambda n: fitted[n]

    def _fitted(self, train: Ratings, setting: int, group: Sequence[Person], n: float) -> Scorer:
        factors, rate, reg, passes = self.settings[setting]
        model = import_module("implicit.bpr").BayesianPersonalizedRanking(
            factors, rate, reg, iterations=passes, random_state=0, num_threads=2
        )
        firsts = [person.movies[: person.told(n)] for person in group]
        model.fit(_matrix(train, firsts), show_progress=False)
        rows = {first.tobytes(): train.n_users + i for i, first in enumerate(firsts)}
        return lambda own, values: model.item_factors @ model.user_factors[rows[own.tobytes()]]


class LensKit(Peer):
    """A LensKit scorer, asked with the person's films as the query."""

    def __init__(self, name: str, settings: Sequence[Any]) -> None:
        self.name, self.settings = f"LensKit: {name}", settings

    def fit(
        self, train: Ratings, setting: int, group: Sequence[Person], told: Sequence[float]
    ) -> Fitted:
        lk, frame = import_module("lenskit.data"), import_module("pandas").DataFrame
        table = frame({"user_id": train.users, "item_id": train.movies})
        dataset = lk.from_interactions_df(table)
        scorer = _lenskit(self.settings[setting])
        scorer.train(dataset, import_module("lenskit.training").TrainingOptions(rng=0))
        movies = np.arange(train.n_movies)
        known = np.isin(movies, dataset.items.ids())
        asked = lk.ItemList(item_ids=movies[known])

        def score(own: Ids, values: Floats) -> Floats:
            scores = np.full(train.n_movies, -np.inf, np.float32)
            given = scorer(lk.ItemList(item_ids=own[known[own]]), asked).scores()
            scores[known] = np.nan_to_num(given, nan=-1e9)
            return scores

        return lambda n: score


def _lenskit(setting: tuple[str, dict[str, Any]]) -> Any:
    kind, parameters = setting
    module, scorer = KINDS[kind]
    return getattr(import_module(module), scorer)(**parameters)


KINDS = {
    "item": ("lenskit.knn", "ItemKNNScorer"),
    "user": ("lenskit.knn", "UserKNNScorer"),
    "als": ("lenskit.als", "ImplicitMFScorer"),
}


def _matrix(train: Ratings, more: Sequence[Ids] = ()) -> Any:
    """Return the sparse 0/1 matrix of who rated what, with further people's films below."""
    rows = [train.users, *(np.full(len(m), train.n_users + i) for i, m in enumerate(more))]
    movies = np.concatenate([train.movies, *more])
    shape = (train.n_users + len(more), train.n_movies)
    entries = (np.ones(len(movies), np.float32), (np.concatenate(rows), movies))
    return sp.csr_matrix(entries, shape)


def _if_installed(library: str, make: Callable[[], Peer]) -> Callable[[], Peer | None]:
    def made() -> Peer | None:
        if importlib.util.find_spec(library) is None:
            print(f"{library} is not installed: its rows are left out.", flush=True)
            return None
        os.environ.setdefault("LK_NUM_THREADS", "2")
        return make()

    return made


ITEM_KNN = [("item", {"feedback": "implicit", "max_nbrs": k}) for k in (20, 100, 300)]
OTHERS = [
    *(("user", {"feedback": "implicit", "max_nbrs": k}) for k in (30, 100, 200)),
    *(
        ("als", {"embedding_size": size, "weight": weight, "regularization": reg, "epochs": 15})
        for size, weight, reg in ((16, 3, 20), (64, 1, 20), (64, 2, 20))
    ),
]
PEERS: tuple[Callable[[], Peer | None], ...] = (
    PlainEase,
    _if_installed("implicit", ImplicitALS),
    _if_installed("implicit", ImplicitBPR),
    _if_installed("lenskit", lambda: LensKit("item k-NN", ITEM_KNN)),
    _if_installed("lenskit", lambda: LensKit("best of user k-NN and implicit MF", OTHERS)),
)
