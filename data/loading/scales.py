"""On which scale ratings were given: the narrowest usual one that holds them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.errors import UnknownFormat
from engine import Scale
from engine.arrays import Doubles, Floats, Mask, Offsets
from engine.stepwise import Work, chunks

HALF_STARS = Scale(0.5, 5.0)
WHOLE_STARS = Scale(1.0, 5.0)
LIKES = Scale(0.0, 1.0)
WIDER = tuple(
    Scale(low, high)
    for low, high in ((0, 5), (1, 10), (0, 10), (-1, 1), (-5, 5), (-10, 10), (0, 100))
)
"""Other usual scales, the narrowest first of those that begin alike."""
WIDEST = Scale(-10.0, 100.0)
STRAY = 0.005
"""Share of ratings that may lie off a scale and are left out, where the next scale that holds them
is more than twice as wide."""
OUTSIDE = 0.1
"""With a larger share outside all scales a file is refused."""
BINARY = 20
"""With fewer ratings that are all 1 nobody knows whether they are likes or the fewest stars."""
UNRATED = (-1.0, 0.0, 99.0)
"""What stands for "seen, but not rated" in lists of anime, in Book-Crossing, in Jester."""
_MUCH = 0.2
"""Share of zeros from which on they may stand for "not rated"."""
_FEWEST = 3
"""Other values there must be, for one to stand for "not rated"."""


@dataclass(frozen=True)
class Spread:
    """Which values occur."""

    values: Floats
    """(k,) the different values, ascending."""
    counts: Doubles
    """(k,) how often each occurs."""

    @property
    def n(self) -> int:
        """How many ratings there are."""
        return int(self.counts.sum())

    def share_on(self, scale: Scale) -> float:
        """Return the share of ratings on a scale."""
        return self.on(scale).n / self.n

    def on(self, scale: Scale) -> Spread:
        """Return those on a scale."""
        inside = on(scale, self.values)
        return Spread(self.values[inside], self.counts[inside])

    def without(self, value: float) -> Spread:
        """Return the others."""
        other = self.values != np.float32(value)
        return Spread(self.values[other], self.counts[other])


def spread(values: Floats) -> Work[Spread]:
    """Return which values occur, counted in steps."""
    found, counts = np.zeros(0, np.float32), np.zeros(0)
    for part in chunks(len(values)):
        more, times = _counted(values[part])
        found, where = np.unique(np.concatenate([found, more]), return_inverse=True)
        weights = np.concatenate([counts, times])
        counts = np.bincount(where, weights, len(found)).astype(np.float64)
        yield part.stop / len(values)
    return Spread(found, counts)


def _counted(values: Floats) -> tuple[Floats, Offsets]:
    """Return the different values and how often each occurs; halves need not be sorted for it."""
    if values.min() >= 0 and values.max() <= WIDEST.high:
        halves = (values * 2).astype(np.uint8)
        if (halves == values * 2).all():
            counts = np.bincount(halves)
            steps = np.flatnonzero(counts)
            return (steps / 2).astype(np.float32), counts[steps]
    found, counts = np.unique(values, return_counts=True)
    return found, counts


def unrated(found: Spread) -> float | None:
    """Return the value that seems to stand for "not rated", if there is one."""
    for value in UNRATED:
        count = float(found.counts[found.values == value].sum())
        others = found.without(value)
        if count <= STRAY * found.n or len(others.values) < _FEWEST:
            continue
        low, high = float(others.values[0]), float(others.values[-1])
        most = float(others.counts.max())
        alone = {
            -1.0: low >= 0 and high >= 2,
            0.0: low >= 0.5 and count >= _MUCH * found.n and count > most,
            99.0: low >= -10 and high <= 10,
        }
        if alone[value]:
            return value
    return None


def scale_of(found: Spread, half_stars: bool, where: str) -> Scale:
    """Return the narrowest usual scale that holds the ratings, but for a few strays.

    Raises
    ------
    UnknownFormat
        If too many lie outside any scale.
    """
    outside = 1 - found.share_on(WIDEST)
    if outside > OUTSIDE:
        off = found.values[(found.values < WIDEST.low) | (found.values > WIDEST.high)]
        raise UnknownFormat(
            f"{outside:.0%} of the ratings in {where} lie outside any known scale of ratings"
            f" ({WIDEST.low:g} to {WIDEST.high:g}), such as {off[len(off) // 2]:g}; choose another"
            " column, or bring them onto a scale, and open it again."
        )
    inside = found.on(WIDEST)
    if _are_likes(inside):
        return LIKES
    wholes = bool((inside.values == np.rint(inside.values)).all())
    stars = (WHOLE_STARS, HALF_STARS) if wholes and not half_stars else (HALF_STARS,)
    usual = (*stars, *WIDER, WIDEST)
    whole = next(one for one in usual if inside.share_on(one) == 1)
    most = next(one for one in usual if inside.share_on(one) >= 1 - STRAY)
    return most if _width(whole) > 2 * _width(most) else whole


def _are_likes(found: Spread) -> bool:
    """Whether these are shares of one, or nothing but ones, and no stars."""
    low, high = float(found.values[0]), float(found.values[-1])
    if low == high == 1:
        return found.n >= BINARY
    halves = bool((found.values * 2 == np.rint(found.values * 2)).all())
    return low >= 0 and high <= 1 and (low < 0.5 or not halves)


def _width(scale: Scale) -> float:
    return scale.high - scale.low


def on(scale: Scale, values: Floats) -> Mask:
    """Return which ratings lie on a scale."""
    return np.asarray((values >= np.float32(scale.low)) & (values <= np.float32(scale.high)))
