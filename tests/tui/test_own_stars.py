"""One's own stars mean the same whatever the scale of the dataset is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine import ALS, BayesianMF, Ratings, Scale
from tests.support.training import last_model, planted
from tui.session.person import open_person
from tui.session.recommendations import Recommendations, expected


def on(scale: Scale) -> Ratings:
    """Return planted ratings of half a star to five as the same opinions on another scale."""
    known = planted()
    values = np.asarray(scale.low + (known.values - 0.5) / 4.5 * (scale.high - scale.low))
    return Ratings(
        known.users, known.movies, values.astype(np.float32), known.n_users, known.n_movies, scale
    )


@pytest.mark.parametrize("algorithm", [ALS(factors=2, epochs=6), BayesianMF(factors=2, epochs=10)])
@pytest.mark.parametrize("scale", [Scale(1, 10), Scale(-10, 10), Scale(0, 100)])
def test_the_same_stars_say_the_same_on_every_scale(
    home: Path, algorithm: ALS | BayesianMF, scale: Scale
) -> None:
    person, _ = open_person("you")
    person.stars = {0: 5.0, 3: 4.5, 7: 0.5, 11: 5.0}
    usual = Recommendations(last_model(algorithm, planted()), None, person)
    other = Recommendations(last_model(algorithm, on(scale)), None, person)
    np.testing.assert_allclose(other.stars, usual.stars, atol=0.02)
    np.testing.assert_allclose(other.believed, usual.believed, atol=0.02)
    why, same = other.why(5), usual.why(5)
    assert why.score == pytest.approx(same.score, abs=0.02)
    np.testing.assert_allclose(why.shares, same.shares, atol=0.02)
    one, two = other.sigma(5), usual.sigma(5)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert one == pytest.approx(two, abs=0.02)
    assert expected(other.model, person, 3) == pytest.approx(
        expected(usual.model, person, 3), abs=0.02
    )
