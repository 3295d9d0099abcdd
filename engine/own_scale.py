r"""A scale of one's own to learn on, whatever the scale of the file.

Penalties, learning rates and priors mean something only beside the size of the ratings, and sums of
parts that are never negative reach no negative rating. So algorithms learn on ratings that are
mapped, one to one and evenly, to half stars up to five:

$$r' = \ell' + (r - \ell) \, w' / w$$

with the file's scale from $\ell$, $w$ wide. The width $w'$ is the multiple of half a star at which
the ratings scatter as widely as stars usually do: 4 for MovieLens' 1 to 5 and 4.5 for its 0.5 to 5,
which stay as they are, but 2 for ratings of only yes and no, and more where a wide scale is hardly
used. What comes back is in the file's stars again: $r = z + u r'$.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from engine.arrays import Floats
from engine.ratings import Ratings, Scale
from engine.stepwise import Work, chunks

SCATTER = 1.075
"""Standard deviation of ratings, in stars, that hyper-parameters are meant for."""
USUAL = 0.25
"""The same as a part of the scale's width, as long as there are few ratings to tell."""
FEW = 20
"""As many ratings of the usual scatter are taken to be known beforehand."""
BEST, LEAST = 5.0, 0.5
"""Stars that the own scale ends at, and that it does not begin below."""
WIDEST = 20.0
"""Stars; to scale little scatter up any further would be to learn the noise of rounding."""


class OwnScale(NamedTuple):
    """A rating of `own` stars is one of `zero + unit * own` of the file's."""

    unit: float = 1.0
    zero: float = 0.0
    ends: Scale = Scale(0, 0)
    """The own scale's."""

    @property
    def is_files(self) -> bool:
        """Whether it is the file's scale as well."""
        return self.unit == 1 and self.zero == 0

    def own(self, stars: Floats) -> Floats:
        """Return the file's `stars` (n,) as own ones."""
        own = (np.asarray(stars, np.float64) - self.zero) / self.unit
        return np.clip(own, *self.ends).astype(np.float32)

    def ratings(self, train: Ratings) -> Work[Ratings]:
        """Return the file's ratings as own ones."""
        values = np.empty_like(train.values)
        for part in chunks(len(train)):
            values[part] = self.own(train.values[part])
            yield part.stop / len(train)
        return replace(train, values=values, scale=self.ends)


def own_scale(train: Ratings) -> Work[OwnScale]:
    """Return the scale that algorithms learn `train` on."""
    low, high = train.scale
    width = high - low
    if not width:
        return OwnScale(1.0, low - BEST, Scale(BEST, BEST))
    squares = 0.0
    for part in chunks(len(train)):
        squares += float(np.sum(np.square(train.values[part] - train.mean, dtype=np.float64)))
        yield part.stop / len(train)
    scatter = math.sqrt((squares + FEW * (USUAL * width) ** 2) / (len(train) + FEW))
    # A little more than half is rounded up, so that a tie goes one way on every scale.
    halves = math.floor(2 * SCATTER * width / scatter + 0.5 + 1e-6)
    own_width = min(max(halves / 2, LEAST), WIDEST)
    own_low = max(BEST - own_width, LEAST)
    unit = width / own_width
    return OwnScale(unit, low - unit * own_low, Scale(own_low, own_low + own_width))
