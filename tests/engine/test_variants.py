"""One suite that every variant of every algorithm runs through: all that its parameters choose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import FrozenInstanceError, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.optimize

from engine import (
    SVD,
    Diverged,
    Factorisation,
    InvalidRatings,
    Ratings,
    archive,
    factorisation,
    training,
)
from engine.factorisation import FoldedViewer, Ridge
from tests.support.arrays import ids
from tests.support.narrowing import changed, made, of_kind
from tests.support.narrowing import factorisation as factorised
from tests.support.training import (
    HARD,
    IMPUTATIONS,
    NONNEGATIVE,
    SINGLE,
    VARIANTS,
    last_factors,
    planted,
)

EVERY = pytest.mark.parametrize("variant", list(VARIANTS))
"""Those whose models are one point: a person has one row."""
RATINGS = planted()
LAST: dict[str, Factorisation] = {}


def trained(variant: str) -> Factorisation:
    if variant not in LAST:
        LAST[variant] = last_factors(VARIANTS[variant], RATINGS)
    return LAST[variant]


def arrays(part: object) -> Iterator[np.ndarray]:
    """All arrays that a record holds, however deep."""
    if isinstance(part, np.ndarray):
        yield part
    elif is_dataclass(part):
        for field in fields(part):
            yield from arrays(getattr(part, field.name))


@EVERY
def test_progress_never_falls_and_every_pass_ends_with_a_model(variant: str) -> None:
    algorithm = VARIANTS[variant]
    steps = list(training.steps(algorithm, RATINGS, RATINGS))
    progress = [step.progress for step in steps]
    assert progress == sorted(progress)
    assert progress[0] >= 0
    assert progress[-1] == 1
    epochs = [step for step in steps if isinstance(step, training.Epoch)]
    assert steps[-1] is epochs[-1]
    assert [epoch.number for epoch in epochs] == list(range(1, len(epochs) + 1))
    assert len(epochs) == (1 if "once" in variant else 5)


@EVERY
def test_every_model_is_frozen_and_stays_as_it_is(variant: str) -> None:
    models, before = [], []
    for step in VARIANTS[variant].run(RATINGS, 0):
        if step.model is not None:
            models.append(factorised(step.model))
            before.append([part.copy() for part in arrays(step.model)])
    for model, copies in zip(models, before, strict=True):
        held = list(arrays(model))
        assert len(held) >= 5
        for part, copy in zip(held, copies, strict=True):
            assert not part.flags.writeable
            np.testing.assert_array_equal(part, copy)
        attribute = "mean"
        with pytest.raises(FrozenInstanceError):
            setattr(model, attribute, 1.0)


@EVERY
def test_the_same_seed_gives_the_same_model_again_and_another_does_not(variant: str) -> None:
    model, again, other = (last_factors(VARIANTS[variant], RATINGS, seed) for seed in (3, 3, 4))
    for one, two in zip(arrays(model), arrays(again), strict=True):
        np.testing.assert_array_equal(one, two)
    if "SVD" not in variant:  # an SVD has one solution, wherever it starts
        assert not np.array_equal(model.movie_factors, other.movie_factors)


@pytest.mark.parametrize("variant", [v for v in SINGLE if "SGD" not in v and "NMF" not in v])
def test_folding_a_training_user_in_gives_back_their_row(
    variant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for what a newcomer's bias costs more than in a pass."""
    monkeypatch.setattr(factorisation, "NEWCOMERS_BIAS", 0.0)
    model = trained(variant)
    # Without a penalty, rounding in the equations is not damped.
    close = 2e-3 if "without penalty" in variant else 2e-4
    for user in range(0, 80, 7):
        viewer = of_kind(FoldedViewer, model.fold_in(*RATINGS.by_user.row(user)))
        np.testing.assert_allclose(viewer.factors, model.user_factors[user], atol=close)
        assert viewer.bias == pytest.approx(float(model.user_bias[user]), abs=close)


@EVERY
def test_the_order_of_a_person_s_ratings_does_not_matter(variant: str) -> None:
    movies, values = RATINGS.by_user.row(5)
    order = np.random.default_rng(0).permutation(len(movies))
    one = trained(variant).fold_in(movies, values).predict()
    two = trained(variant).fold_in(movies[order], values[order]).predict()
    np.testing.assert_allclose(one, two, atol=5e-4)


@EVERY
def test_an_explanation_sums_to_the_score_within_rounding(variant: str) -> None:
    model = trained(variant)
    for user in (0, 3, 41):
        movies, values = RATINGS.by_user.row(user)
        viewer = model.fold_in(movies, values)
        stars = viewer.predict(clip=False)
        for movie in range(0, 60, 6):
            told = viewer.explain(movie)
            np.testing.assert_array_equal(told.movies, movies)
            size = 1 + float(np.abs(told.shares).sum())
            assert told.score == pytest.approx(float(stars[movie]), abs=2e-6 * size)


@pytest.mark.parametrize("variant", SINGLE)
def test_a_share_is_what_the_score_owes_to_that_rating(variant: str) -> None:
    """The taste part is linear in the ratings: a slope in stars per star, times the rating."""
    model = trained(variant)
    movies, values = RATINGS.by_user.row(8)
    viewer = of_kind(FoldedViewer, model.fold_in(movies, values))
    told = viewer.explain(17)
    target = viewer.equations.y
    for i in (0, 4, len(movies) - 1):
        moved = values.copy()
        moved[i] += 0.02
        other = of_kind(FoldedViewer, model.fold_in(movies, moved))
        slope = float((other.factors - viewer.factors).astype(float) @ model.movie_factors[17])
        assert told.shares[i] == pytest.approx(slope / 0.02 * target[i], abs=3e-3)


@pytest.mark.parametrize("variant", NONNEGATIVE)
def test_what_is_promised_to_be_non_negative_is(variant: str) -> None:
    for step in VARIANTS[variant].run(RATINGS, 0):
        if step.model is not None:
            model = factorised(step.model)
            assert model.movie_factors.min() >= 0
            assert model.user_factors.min() >= 0


@pytest.mark.parametrize("variant", NONNEGATIVE)
def test_non_negative_rows_and_shares_are_those_of_the_positive_set(variant: str) -> None:
    model = last_factors(changed(VARIANTS[variant], epochs=60, reg=0.1), RATINGS)
    k, penalty = model.factors, of_kind(Ridge, model.fold).penalty
    rng = np.random.default_rng(0)
    zeros = 0
    for n in (3, 5, 8, 12, 30):
        # People who like one trait and hate the others, so that factors run into zero.
        movies = rng.choice(60, n, replace=False).astype(np.int32)
        trait = model.movie_factors[movies] @ np.array([3.0] + [-1.0] * (k - 1))
        values = np.where(trait > np.median(trait), 5, 0.5).astype(np.float32)
        # As a problem for SciPy: the penalty as more rows, the bias as a difference of two.
        X = model.movie_factors[movies].astype(float)
        cost = np.full(k, penalty.reg)
        if penalty.bias_reg is not None:
            X = np.column_stack([X, np.ones(n), -np.ones(n)])
            cost = np.append(cost, [penalty.bias_reg] * 2)
        cost *= n**penalty.weighting
        cost[k:] = np.maximum(cost[k:], factorisation.NEWCOMERS_BIAS)
        y = (values - model.mean - model.movie_bias[movies]).astype(float)
        padded = np.vstack([X, np.diag(np.sqrt(cost))]), np.append(y, np.zeros(len(cost)))
        w = scipy.optimize.nnls(*padded)[0]
        viewer = of_kind(FoldedViewer, model.fold_in(movies, values))
        assert (viewer.factors >= 0).all()
        np.testing.assert_allclose(viewer.factors, w[:k], atol=1e-3)
        # The shares are those of ridge regression on the positive factors, and the bias, alone.
        P = np.flatnonzero(np.append(w[:k] > 0, [True] * (len(cost) > k)))
        zeros += k - int((w[:k] > 0).sum())
        A = X[:, P].T @ X[:, P] + np.diag(cost[P])
        x = np.append(model.movie_factors[9], 0.0)[P]
        np.testing.assert_allclose(
            viewer.explain(9).shares, X[:, P] @ np.linalg.solve(A, x) * y, atol=2e-3
        )
    assert zeros > 0


@EVERY
def test_nobody_in_particular_is_the_average_viewer(variant: str) -> None:
    model = trained(variant)
    nobody = model.fold_in(np.array([], np.int32), np.array([], np.float32))
    stars = nobody.predict(clip=False)
    assert stars.dtype == np.float32
    assert stars.shape == (60,)
    assert np.isfinite(stars).all()
    assert nobody.explain(3).score == pytest.approx(float(stars[3]), abs=1e-5)
    if "once" in variant and "zero" not in variant:
        # What was imputed for everybody, as far as the factors can tell it.
        assert np.abs(stars - RATINGS.mean).mean() < 0.5
    elif "Bayesian" not in variant:
        # No penalty is paid for being like everybody.
        np.testing.assert_allclose(stars, model.mean + model.movie_bias, atol=1e-5)


@EVERY
@pytest.mark.parametrize("case", list(HARD))
@pytest.mark.parametrize("unpenalised", [False, True])
def test_odd_shapes_give_a_sensible_model(variant: str, case: str, unpenalised: bool) -> None:
    ratings, algorithm = HARD[case], VARIANTS[variant]
    changes: dict[str, Any] = {"factors": 9}
    if unpenalised:
        for name in ("reg", "bias_reg"):
            if hasattr(algorithm, name):
                changes[name] = 0.0
    model = last_factors(changed(algorithm, **changes), ratings)
    users = ids(np.repeat(np.arange(ratings.n_users), ratings.n_movies))
    predicted = model.predict(users, ids(np.tile(np.arange(ratings.n_movies), ratings.n_users)))
    assert np.isfinite(predicted).all()
    assert predicted.min() >= ratings.scale.low
    assert predicted.max() <= ratings.scale.high
    if variant in NONNEGATIVE:
        assert model.movie_factors.min() >= 0
        assert model.user_factors.min() >= 0
    if case == "all equal" and "zero" not in variant and not unpenalised:
        known = model.predict(ratings.users, ratings.movies)
        np.testing.assert_allclose(known, 4, atol=1.3 if "without biases" in variant else 0.4)
    for user in range(ratings.n_users):
        viewer = model.fold_in(*ratings.by_user.row(user))
        assert np.isfinite(viewer.predict(clip=False)).all()
        assert np.isfinite(viewer.explain(0).score)


@EVERY
def test_what_a_model_does_not_know_is_refused_in_a_sentence(variant: str) -> None:
    model, one = trained(variant), np.array([0])
    for users, movies, says in (
        ([80], [0], "user id is out of range"),
        ([-1], [0], "user id is out of range"),
        ([0], [60], "movie id is out of range"),
        ([0.0], [0], "user id is out of range"),
        ([0, -1], [0, 0], "user id is out of range"),
        ([0, 1], [0], "one user"),
    ):
        with pytest.raises(InvalidRatings, match=says):
            model.predict(np.array(users), np.array(movies))
    for movies, values, says in (
        ([60], [3], "movie id is out of range"),
        ([-1], [3], "movie id is out of range"),
        ([1, 1], [3, 4], "twice"),
        ([1], [np.nan], "a number"),
        ([1], [np.inf], "a number"),
        ([1, 2], [3], "one rating"),
    ):
        with pytest.raises(InvalidRatings, match=says):
            model.fold_in(np.array(movies), np.array(values, np.float32))
    for movie in (60, -1):
        with pytest.raises(InvalidRatings, match="movie id"):
            model.similar(movie)
        with pytest.raises(InvalidRatings, match="movie id"):
            model.fold_in(one, np.array([4.0])).explain(movie)
    assert len(model.predict(np.array([], int), np.array([], int))) == 0


@pytest.mark.parametrize("variant", SINGLE)
def test_films_are_alike_whose_factors_point_the_same_way(variant: str) -> None:
    ratings = Ratings(RATINGS.users, RATINGS.movies, RATINGS.values, 80, 62, RATINGS.scale)
    model = last_factors(VARIANTS[variant], ratings)
    M, n = model.movie_factors.astype(float), model.movie_counts
    for movie in (0, 31):
        found = model.similar(movie, 61)
        expected = {
            other: M[other]
            @ M[movie]
            / max(np.linalg.norm(M[other]) * np.linalg.norm(M[movie]), 1e-9)
            for other in set(range(60)) - {movie}
        }
        alike = [expected[other] * n[other] / (n[other] + 5) for other in found.movies.tolist()]
        np.testing.assert_allclose(found.similarity, alike, atol=1e-4)
        # The last two, which nobody rated, are not among them.
        assert set(found.movies.tolist()) == set(expected)
        assert (np.diff(found.similarity) <= 0).all()


@EVERY
def test_a_model_comes_back_from_its_file(variant: str, tmp_path: Path) -> None:
    model = trained(variant)
    archive.save(model, tmp_path / "m.npz")
    again, _ = archive.read(tmp_path / "m.npz")
    assert again.algorithm == model.algorithm
    for one, two in zip(arrays(model), arrays(again), strict=True):
        np.testing.assert_array_equal(one, two)
        assert not two.flags.writeable
    row = RATINGS.by_user.row(3)
    np.testing.assert_array_equal(again.fold_in(*row).predict(), model.fold_in(*row).predict())


@pytest.mark.parametrize("variant", ["SGD", "SGD without biases", "SGD, non-negative"])
@pytest.mark.parametrize("ends_only", [False, True])
def test_far_too_large_steps_end_in_a_sentence(variant: str, ends_only: bool) -> None:
    ratings = RATINGS
    if ends_only:  # clipped to the scale, even nonsense is not far off
        ends = np.where(ratings.values > 3, 5.0, 1.0)
        ratings = Ratings(ratings.users, ratings.movies, ends)
    algorithm = changed(VARIANTS[variant], learning_rate=1.0, reg=0.0, decay=1.0, epochs=40)
    with pytest.raises(Diverged, match="lower the learning rate"):
        list(training.train(algorithm, ratings))


@pytest.mark.parametrize("imputation", IMPUTATIONS)
def test_a_poor_imputation_is_not_called_divergence(imputation: str) -> None:
    sparse = planted(users=200, movies=150, share=0.03)
    algorithm = made(SVD, factors=1, iterate="once", imputation=imputation)
    *_, epoch = training.train(algorithm, sparse)
    assert np.isfinite(epoch.train_mse)


def test_hard_imputation_does_not_leap_when_its_users_are_folded_in() -> None:
    train, test = planted(share=0.2).split(0.2, 0)
    algorithm = SVD(factors=8, iterate="hard", epochs=20)
    *_, before, last = training.train(algorithm, train, test)
    assert last.test_mse < 1.05 * before.test_mse
