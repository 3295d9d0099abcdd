"""A person's stars on the scale of any dataset, and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Scale

SCALES = [
    Scale(1, 10), Scale(0, 10), Scale(-10, 10), Scale(0, 100), Scale(0, 1), Scale(1, 7),
    Scale(0, 4),
]  # fmt: skip


@pytest.mark.parametrize("scale", SCALES)
def test_the_ends_meet_and_every_half_star_comes_back(scale: Scale) -> None:
    stars = np.arange(0.5, 5.5, 0.5, dtype=np.float32)
    values = scale.from_stars(stars)
    assert values[0] == scale.low
    assert values[-1] == scale.high
    assert (np.diff(values) > 0).all()
    np.testing.assert_allclose(scale.to_stars(values), stars, atol=1e-5)


@pytest.mark.parametrize("scale", [Scale(0.5, 5), Scale(1, 5), Scale(0, 5)])
def test_stars_are_stars_where_five_is_the_highest(scale: Scale) -> None:
    stars = np.arange(1, 5.5, 0.5, dtype=np.float32)
    np.testing.assert_array_equal(scale.from_stars(stars), stars)
    np.testing.assert_array_equal(scale.to_stars(stars), stars)
    assert scale.from_stars(np.array([0.5]))[0] == max(scale.low, 0.5)


@given(st.floats(-1000, 1000, width=32), st.floats(0.5, 1000, width=32), st.floats(0.5, 5))
def test_no_star_leaves_the_scale(low: float, width: float, stars: float) -> None:
    scale = Scale(low, low + width)
    value = scale.from_stars(np.array([stars]))[0]
    assert np.float32(scale.low) <= value <= np.float32(scale.high)
