"""Which ratings are held out for testing: at random, the latest, or some of every user's.

A random split asks how well a model fills gaps. Held out by time, it has to tell the future from
the past, as it will have to when it is used; people without a past are then among those tested.
Held out per user, everybody counts, however few their ratings, and nobody is without a past.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

import numpy as np

from engine.arrays import Ids, Mask, Offsets
from engine.errors import InvalidRatings
from engine.sorting import sorting
from engine.stepwise import chunks, finished

Split: TypeAlias = Literal["at random", "by time", "per user", "per user, by time"]
"""What is held out: any ratings, the latest of all, any of each user, the latest of each user."""


def held_out(
    users: Ids, n_users: int, times: Offsets | None, test_fraction: float, seed: int, how: Split
) -> Mask:
    """Return (n,) which ratings are held out.

    Parameters
    ----------
    users : (n,) ids below `n_users`
    times : (n,) seconds since 1970, or None where unknown
    test_fraction : between 0 and 1; of all ratings or, per user, of each user's
    seed : where chance decides
    how : what is held out

    Raises
    ------
    InvalidRatings
        If the fraction is not between 0 and 1, either part would be empty, or times are needed and
        not known.
    """
    if how not in get_args(Split):
        choices = ", ".join(map(repr, get_args(Split)))
        raise InvalidRatings(f"Ratings cannot be split {how!r}; choose one of {choices}.")
    if not 0 < test_fraction < 1:
        raise InvalidRatings(f"A test fraction of {test_fraction} leaves one part empty.")
    if "by time" in how and times is None:
        raise InvalidRatings(
            "When these ratings were given is not known, so they cannot be split by time; "
            "split them at random or per user."
        )
    if how == "at random":
        return _at_random(len(users), test_fraction, np.random.default_rng(seed))
    if times is not None and "by time" in how:
        order = np.argsort(times, kind="stable")
    else:
        order = np.random.default_rng(seed).permutation(len(users))
    if how == "by time":
        return _last(order, _n_test(len(users), test_fraction))
    return _last_of_each(order, users, n_users, test_fraction)


def _n_test(n: int, test_fraction: float) -> int:
    n_test = round(n * test_fraction)
    if not 0 < n_test < n:
        raise InvalidRatings(f"{n} ratings are too few to hold {test_fraction:.0%} out.")
    return n_test


def _at_random(n: int, test_fraction: float, rng: np.random.Generator) -> Mask:
    """Deal each chunk by itself, so that no order of all ratings is ever made."""
    n_test = _n_test(n, test_fraction)
    mask = np.zeros(n, bool)
    for part in chunks(n):
        before, after = (round(n_test * end / n) for end in (part.start, part.stop))
        mask[part][rng.permutation(part.stop - part.start)[: after - before]] = True
    return mask


def _last(order: Offsets, n_test: int) -> Mask:
    mask = np.zeros(len(order), bool)
    mask[order[len(order) - n_test :]] = True
    return mask


def _last_of_each(order: Offsets, users: Ids, n_users: int, test_fraction: float) -> Mask:
    """Hold the last of each user out: at least one, but never all that they have."""
    by_user = finished(sorting(users, n_users, order.astype(np.int32)))
    counts = np.bincount(users, minlength=n_users)
    n_test = np.clip(np.rint(counts * test_fraction).astype(np.int64), 1, np.maximum(counts - 1, 0))
    if not n_test.any():
        raise InvalidRatings("Nobody has two ratings, so none can be held out of each user's.")
    from_end = np.cumsum(counts)[users[by_user]] - np.arange(len(by_user))
    mask = np.zeros(len(by_user), bool)
    mask[by_user[from_end <= n_test[users[by_user]]]] = True
    return mask
