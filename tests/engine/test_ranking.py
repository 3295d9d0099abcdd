"""Lists from scores, against sorting, plain loops and the formulas written out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import ranking
from engine.topmost import top

SCORES = st.lists(st.integers(-4, 4), min_size=1, max_size=40)


@given(scores=SCORES, n=st.integers(-1, 45), data=st.data())
def test_top_is_the_head_of_a_stable_sort(scores: list[int], n: int, data: st.DataObject) -> None:
    exclude = data.draw(st.sets(st.integers(0, len(scores) - 1)))
    order = sorted(set(range(len(scores))) - exclude, key=lambda i: (-scores[i], i))
    array = np.array(scores, np.float32)
    ids = np.array(sorted(exclude), np.int32)
    mask = np.isin(np.arange(len(scores)), ids)
    assert top(array, n, ids).tolist() == order[: max(n, 0)]
    assert top(array, n, mask).tolist() == order[: max(n, 0)]


def test_damping_is_the_posterior_of_a_gaussian() -> None:
    scores = np.array([5, 4, 3, 1], np.float32)
    counts = np.array([0, 10, 30, 5])
    mean = (4 * 10 + 3 * 30 + 1 * 5) / 45
    variance = (10 * (4 - mean) ** 2 + 30 * (3 - mean) ** 2 + 5 * (1 - mean) ** 2) / 45
    drawn, std = ranking.damped(scores, counts, damping=5)
    for i in range(4):
        precision = 1 / variance + counts[i] / (5 * variance)
        expected = (mean / variance + scores[i] * counts[i] / (5 * variance)) / precision
        assert drawn[i] == pytest.approx(expected, rel=1e-5)
        assert std[i] == pytest.approx(precision**-0.5, rel=1e-5)


def test_half_way_ranks_by_the_stars_alone() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(3.5, 1, 50).astype(np.float32)
    std, counts = rng.random(50).astype(np.float32), rng.integers(0, 99, 50)
    np.testing.assert_array_equal(ranking.adventurous(scores, counts, 0.5, std), scores)


def test_safe_is_the_lower_bound_and_adventurous_the_upper() -> None:
    scores, std = np.array([4, 4.2], np.float32), np.array([0.1, 1], np.float32)
    counts = np.array([20, 20])
    safe = ranking.adventurous(scores, counts, 0, std)
    bold = ranking.adventurous(scores, counts, 1, std)
    np.testing.assert_allclose(safe, ranking.lower_bound(scores, std) + 0.5)
    np.testing.assert_allclose(bold, scores + std - 0.5)


def test_of_two_equal_films_safe_prefers_the_known_and_adventurous_the_unknown() -> None:
    counts = np.array([500, 3])
    for std in (None, np.full(2, 0.5, np.float32)):
        same = np.full(2, 4, np.float32)
        assert ranking.adventurous(same, counts, 0, std).argmax() == 0
        assert ranking.adventurous(same, counts, 1, std).argmax() == 1


def test_one_enthusiast_does_not_lead_the_list() -> None:
    scores = np.array([5.0, 4.4, 3.0, 2.5], np.float32)
    counts = np.array([1, 200, 300, 100])
    assert scores.argmax() == 0
    assert ranking.adventurous(scores, counts, 0.5).argmax() == 1


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=20))
def test_familiarity_grows_with_the_ratings_from_nought_to_one(counts: list[int]) -> None:
    array = np.array(counts)
    known = ranking.familiarity(array)
    assert ((known >= 0) & (known <= 1)).all()
    assert (known[array == 0] == 0).all()
    assert (np.diff(known[np.argsort(array, kind="stable")]) >= 0).all()
    if array.max():
        assert known.max() == 1


def plain_mmr(scores: np.ndarray, D: np.ndarray, n: int, diversity: float) -> list[int]:
    chosen: list[int] = []
    while len(chosen) < min(n, len(scores)):
        rest = [i for i in range(len(scores)) if i not in chosen]
        value = {
            i: scores[i] - diversity * max([0.0, *(float(D[i] @ D[j]) for j in chosen)])
            for i in rest
        }
        chosen.append(max(rest, key=lambda i: (value[i], -i)))
    return chosen


@given(seed=st.integers(0, 10_000), n=st.integers(0, 12), diversity=st.floats(0, 3))
@settings(max_examples=60, deadline=None)
def test_mmr_against_a_plain_loop(seed: int, n: int, diversity: float) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=20).astype(np.float32)
    D = rng.normal(size=(20, 3)).astype(np.float32)
    D /= np.linalg.norm(D, axis=1, keepdims=True)
    found = ranking.mmr(scores, D, n, diversity)
    assert found.tolist() == plain_mmr(scores, D, n, diversity)


def test_mmr_spreads_the_list() -> None:
    D = np.eye(4, dtype=np.float32)[[0, 0, 0, 1, 2, 3]]
    scores = np.array([4.5, 4.4, 4.3, 4.2, 4.1, 1], np.float32)
    assert ranking.mmr(scores, D, 3, 0).tolist() == [0, 1, 2]
    assert ranking.mmr(scores, D, 3, 1).tolist() == [0, 3, 4]
    assert ranking.mmr(scores, D, 3, 1, exclude=np.array([0])).tolist() == [1, 3, 4]


def test_a_recommended_list_repeats_nothing_and_leaves_out_what_it_must() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(3, 1, 300).astype(np.float32)
    counts = rng.integers(0, 100, 300)
    D = rng.normal(size=(300, 4)).astype(np.float32)
    seen = np.arange(0, 300, 3, dtype=np.int32)
    for adventure in (0, 0.3, 1):
        listed = ranking.recommend(scores, counts, D, 20, adventure=adventure, exclude=seen)
        assert len(set(listed)) == 20
        assert not np.isin(listed, seen).any()


def test_more_adventure_brings_lesser_known_films() -> None:
    rng = np.random.default_rng(0)
    counts = (1000 / np.arange(1, 501)).astype(int)
    scores = (3 + 0.5 * rng.normal(size=500)).astype(np.float32)
    D = np.ones((500, 1), np.float32)
    medians = [
        np.median(counts[ranking.recommend(scores, counts, D, 30, adventure=a)])
        for a in (0, 0.5, 1)
    ]
    assert medians[0] > medians[1] > medians[2]


def test_scores_that_nobody_has_shown_are_drawn_to_the_mean_of_all() -> None:
    scores = np.array([1, 3, 5], np.float32)
    drawn, std = ranking.damped(scores, np.zeros(3, int))
    np.testing.assert_allclose(drawn, 3)
    np.testing.assert_allclose(std, scores.std())
    assert [len(part) for part in ranking.damped(scores[:0], np.zeros(0, int))] == [0, 0]


def test_a_recommended_list_is_the_formula_spread_as_far_as_it_is_adventurous() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(3, 1, 80).astype(np.float32)
    counts, std = rng.integers(0, 50, 80), rng.random(80).astype(np.float32)
    D = rng.normal(size=(80, 3)).astype(np.float32)
    D /= np.linalg.norm(D, axis=1, keepdims=True)
    for adventure in (0.0, 0.4, 0.5, 1.0):
        known = np.log(1 + counts) / np.log(1 + counts.max())
        ranks = scores + (2 * adventure - 1) * (std - 0.5 * known)
        expected = plain_mmr(ranks.astype(np.float32), D, 10, ranking.DIVERSITY * adventure)
        found = ranking.recommend(scores, counts, D, 10, adventure=adventure, std=std)
        assert found.tolist() == expected
    half = ranking.recommend(scores, counts, D, 10, adventure=0.5, std=std)
    assert ranking.recommend(scores, counts, D, 10, std=std).tolist() == half.tolist()


def test_adventure_beyond_its_ends_is_at_its_ends() -> None:
    scores, counts = np.array([3, 4], np.float32), np.array([5, 1])
    for beyond, end in ((-3, 0), (7, 1)):
        np.testing.assert_array_equal(
            ranking.adventurous(scores, counts, beyond), ranking.adventurous(scores, counts, end)
        )
