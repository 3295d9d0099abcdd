"""Ids counted from 0, and pairs of user and film that occur more than once."""

from __future__ import annotations

import numpy as np

from engine.arrays import Ids, Mask, Offsets
from engine.sorting import sorting
from engine.stepwise import Work, chunks, scaled

DENSE = 1 << 20
"""Pairs are looked up in a table of all pairs if that is no larger than this, or than twice the
ratings."""


def renumber(codes: Ids, n_texts: int, known: Ids | None = None) -> Work[Ids]:
    """Count ids from 0: `codes` are replaced by numbers; return (k,) the code of each number.

    Numbers come first, ascending, then texts in the order in which they were met; with `known`,
    those come before all others in their own order.
    """
    top = max(int(codes.max(initial=0)), 0 if known is None else int(known.max(initial=0)))
    occurs = np.zeros(top + 1 + n_texts, bool)
    for part in chunks(len(codes)):
        occurs[_places(codes[part], top, n_texts)] = True
        yield 0.4 * part.stop / len(codes)
    found = _codes(np.flatnonzero(occurs), top)
    if known is not None:
        found = np.concatenate([known, found[~np.isin(found, known)]])
    table = np.zeros(len(occurs), np.int32)
    table[_places(found, top, n_texts)] = np.arange(len(found), dtype=np.int32)
    for part in chunks(len(codes)):
        codes[part] = table[_places(codes[part], top, n_texts)]
        yield 0.4 + 0.6 * part.stop / len(codes)
    return found


def _places(codes: Ids, top: int, n_texts: int) -> Ids:
    """Return where codes stand in a table: numbers at their own place, texts behind them."""
    return np.where(codes < 0, top - codes, codes) if n_texts else codes


def _codes(places: Offsets, top: int) -> Ids:
    return np.where(places > top, top - places, places).astype(np.int32)


def counts(movies: Ids, n_movies: int) -> Work[Offsets]:
    """Return (n_movies,) how often each occurs, counted in parts: NumPy widens what it counts."""
    found = np.zeros(n_movies, np.int64)
    for part in chunks(len(movies)):
        found += np.bincount(movies[part], minlength=n_movies)
        yield 1.0
    return found


def repeated(users: Ids, movies: Ids, n_users: int, n_movies: int) -> Work[Mask | None]:
    """Return (n,) which ratings a later one of the same user and movie replaces; None if none."""
    if (yield from _ascending(users, movies, n_movies)):
        return None
    if n_users * n_movies <= max(DENSE, 2 * len(users)):
        again = yield from _by_table(users, movies, n_users, n_movies)
    else:
        again = yield from _by_sorting(users, movies, n_users, n_movies)
    return again if again.any() else None


def _by_sorting(users: Ids, movies: Ids, n_users: int, n_movies: int) -> Work[Mask]:
    """Return the same by bringing each pair together, the last of it behind."""
    again = np.zeros(len(users), bool)
    order = yield from scaled(sorting(movies, n_movies), 0, 0.45)
    order = yield from scaled(sorting(users, n_users, order), 0.45, 0.9)
    for part in chunks(len(order) - 1):
        one, after = order[part], order[part.start + 1 : part.stop + 1]
        again[one[(users[one] == users[after]) & (movies[one] == movies[after])]] = True
        yield 0.9 + 0.1 * part.stop / len(order)
    return again


def _by_table(users: Ids, movies: Ids, n_users: int, n_movies: int) -> Work[Mask]:
    """Return the same from a table of the last rating of each pair."""
    again = np.zeros(len(users), bool)
    last = np.zeros(n_users * n_movies, np.int32)
    for part in chunks(len(users)):
        last[_pairs(users, movies, n_movies, part)] = np.arange(part.start, part.stop)
        yield 0.5 * part.stop / len(users)
    for part in chunks(len(users)):
        here = np.arange(part.start, part.stop)
        again[part] = last[_pairs(users, movies, n_movies, part)] != here
        yield 0.5 + 0.5 * part.stop / len(users)
    return again


def _pairs(users: Ids, movies: Ids, n_movies: int, part: slice) -> Offsets:
    return users[part].astype(np.int64) * n_movies + movies[part]


def _ascending(users: Ids, movies: Ids, n_movies: int) -> Work[bool]:
    """Whether each pair comes after the one before, as MovieLens's CSV files have them."""
    for part in chunks(len(users)):
        pairs = _pairs(users, movies, n_movies, slice(part.start, part.stop + 1))
        if (pairs[1:] <= pairs[:-1]).any():
            return False
        yield 0.0
    return True
